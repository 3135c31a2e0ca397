import Digests
package import OutputFiles

/// How what an approved run came to differs from the proposal that was approved.
package struct ProposalDifference: Sendable {
  package enum Change: Hashable, Sendable {
    case added(String)
    case gone(String)
    case changed(from: String, to: String)
    /// The amount is the same, and something else of the line is not.
    case otherwise(String)
  }

  package struct Example: Sendable {
    /// Customer, subscription, incident and month.
    package let key: [String]
    package let change: Change
  }

  /// What the proposal's own credits can be compared by.
  package enum Basis: Hashable, Sendable {
    case file
    /// The folder has no such file.
    case missing(path: String)
    /// The file is not the one that the proposal was recorded with.
    case edited(path: String)
  }

  /// The digest that was approved.
  package let approved: [UInt8]
  package private(set) var basis = Basis.file
  package private(set) var added = 0
  package private(set) var gone = 0
  package private(set) var changed = 0
  /// The first keys that differ.
  package private(set) var examples: [Example] = []
  /// What differs besides the credits. Policy and months, because an approval holds for one policy and some months.
  package let findingsDiffer: Bool
  package let policyDiffers: Bool
  package let monthsDiffer: Bool

  private static let shownExamples = 10

  /// - Parameters:
  ///   - path: the file of the proposal.
  ///   - digest: what the proposal recorded of it.
  ///   - madePath: the file of what the run came to.
  package init(
    approved: [UInt8], file path: String, digest: [UInt8], madePath: String,
    findingsDiffer: Bool, policyDiffers: Bool, monthsDiffer: Bool
  ) throws(FileError) {
    self.approved = approved
    self.findingsDiffer = findingsDiffer
    self.policyDiffers = policyDiffers
    self.monthsDiffer = monthsDiffer
    guard var before = try CSVRecords(path: path), var made = try CSVRecords(path: madePath) else {
      basis = .missing(path: path)
      return
    }
    try compare(&before, &made)
    if before.finish().bytes != digest {
      basis = .edited(path: path)
      (added, gone, changed, examples) = (0, 0, 0, [])
    }
  }

  private mutating func compare(
    _ before: inout CSVRecords, _ made: inout CSVRecords
  ) throws(FileError) {
    guard let columns = Columns(try before.next()), let madeColumns = Columns(try made.next())
    else { return }
    var left = try before.next()
    var right = try made.next()
    while left != nil || right != nil {
      let leftKey = left.map { columns.key($0) }
      let rightKey = right.map { madeColumns.key($0) }
      switch ProposalDifference.order(leftKey, rightKey) {
      case .before:
        gone += 1
        note(leftKey, .gone(columns.amount(left)))
        left = try before.next()
      case .after:
        added += 1
        note(rightKey, .added(madeColumns.amount(right)))
        right = try made.next()
      case .same:
        if left != right {
          changed += 1
          let (old, new) = (columns.amount(left), madeColumns.amount(right))
          note(leftKey, old == new ? .otherwise(old) : .changed(from: old, to: new))
        }
        left = try before.next()
        right = try made.next()
      }
    }
  }

  private mutating func note(_ key: [[UInt8]]?, _ change: Change) {
    guard examples.count < ProposalDifference.shownExamples, let key else { return }
    // The currency is with the amount.
    examples.append(
      Example(key: key.dropLast().map { String(decoding: $0, as: UTF8.self) }, change: change))
  }

  private enum Order { case before, same, after }

  private static func order(_ left: [[UInt8]]?, _ right: [[UInt8]]?) -> Order {
    guard let left else { return .after }
    guard let right else { return .before }
    for (one, other) in zip(left, right) where one != other {
      return one.lexicographicallyPrecedes(other) ? .before : .after
    }
    return .same
  }

  /// Where the cells of a key and its amount are in a record.
  private struct Columns {
    private let key: [Int]
    private let amount: Int
    private let currency: Int

    init?(_ header: [[UInt8]]?) {
      func position(_ name: String) -> Int? {
        header?.firstIndex { $0.elementsEqual(name.utf8) }
      }
      let key = ["customer_id", "subscription_id", "incident_id", "billing_month", "currency"]
        .compactMap(position)
      guard key.count == 5, let amount = position("amount"), let currency = position("currency")
      else { return nil }
      self.key = key
      self.amount = amount
      self.currency = currency
    }

    func key(_ record: [[UInt8]]) -> [[UInt8]] {
      // An apostrophe may stand before what a spreadsheet would take for a formula. Files are in the order without it.
      key.map { Array(cell(record, $0).drop { $0 == UInt8(ascii: "'") }) }
    }

    func amount(_ record: [[UInt8]]?) -> String {
      guard let record else { return "" }
      return String(decoding: cell(record, amount) + [0x20] + cell(record, currency), as: UTF8.self)
    }

    private func cell(_ record: [[UInt8]], _ position: Int) -> [UInt8] {
      position < record.count ? record[position] : []
    }
  }
}
