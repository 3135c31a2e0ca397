import CreditLedger
import LedgerReports
import OutputFiles
import ServiceCredits

/// A finding in the words of the report.
struct ToldFinding {
  let code: FindingCode
  /// Code, relation, key, what is wrong and what to do, in the order of the report.
  private let cells: [[UInt8]]

  init(_ finding: Finding) {
    code = finding.code
    cells = [
      finding.code.rawValue, finding.relation, finding.key.text, finding.problem, finding.remedy,
    ].map { Array($0.utf8) }
  }

  /// What decisions about it are looked up by.
  var identity: FindingIdentity {
    FindingIdentity(code: cells[0], relation: cells[1], key: cells[2], problem: cells[3])
  }

  /// Whether it says of an incident what is told once, whomever it concerns, and has been told.
  func isOneOf(_ incidents: Set<[UInt8]>) -> Bool {
    guard code == .incidentMissing || code == .heldOpen else { return false }
    let key = cells[2]
    // Between quotes the text is not the id.
    guard key.first == UInt8(ascii: "'") else { return incidents.contains(key) }
    return incidents.contains { FindingKey.incident($0).text.utf8.elementsEqual(key) }
  }

  /// Calls `body` with the cells of `FindingText.columns`.
  func withCells<Result>(
    _ acceptance: FindingAcceptance?, _ body: ([UnsafeRawBufferPointer]) throws -> Result
  ) rethrows -> Result {
    let cells =
      cells
      + [
        acceptance?.acceptedBy ?? [], Array((acceptance?.untilText ?? "").utf8),
        acceptance?.reason ?? [],
      ]
    let bytes = cells.flatMap { $0 }
    return try bytes.withUnsafeBytes { bytes in
      var start = 0
      return try body(
        cells.map { cell in
          defer { start += cell.count }
          return UnsafeRawBufferPointer(rebasing: bytes[start..<start + cell.count])
        })
    }
  }

  // MARK: As bytes

  private static let cellCount = FindingText.ownColumns

  fileprivate func append(to bytes: inout [UInt8]) {
    for cell in cells {
      withUnsafeBytes(of: UInt32(cell.count)) { bytes += $0 }
      bytes += cell
    }
  }

  /// - Parameters:
  ///   - bytes: as `append` writes them.
  ///   - position: moves behind the finding.
  /// - Returns: `nil` where the bytes end before it does.
  fileprivate init?(_ bytes: [UInt8], at position: inout Int) {
    var next = position
    var cells: [[UInt8]] = []
    while cells.count < ToldFinding.cellCount {
      guard next + 4 <= bytes.count else { return nil }
      let count = Int(
        bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: next, as: UInt32.self) })
      guard next + 4 + count <= bytes.count else { return nil }
      cells.append(Array(bytes[next + 4..<next + 4 + count]))
      next += 4 + count
    }
    guard let code = FindingCode(rawValue: String(decoding: cells[0], as: UTF8.self)) else {
      preconditionFailure("the code was written by this run")
    }
    self.code = code
    self.cells = cells
    position = next
  }
}

/// Findings whose turn to be told comes later, in their order. They are in a file without a name, because there may be
/// one for each customer.
final class HeldFindings {
  private let folder: String
  private var file: AtomicFile?

  init(folder: String) {
    self.folder = folder
    file = nil
  }

  func add(_ finding: ToldFinding) throws {
    if file == nil { file = try AtomicFile(unnamedFor: "findings", in: folder) }
    try file!.append { finding.append(to: &$0) }
  }

  /// Calls `body` with each, in order.
  func read(_ body: (ToldFinding) throws -> Void) throws {
    var bytes: [UInt8] = []
    try file?.forEachPiece { piece in
      bytes += piece
      var position = 0
      while let finding = ToldFinding(bytes, at: &position) { try body(finding) }
      bytes.removeFirst(position)
    }
    precondition(bytes.isEmpty, "a file holds whole findings")
  }
}

/// Findings that are told after all others, because the facts behind them are looked up for many customers at a time.
enum LateFinding: Int, CaseIterable {
  case rewrittenPast, changedInvoice
}
