package import CreditLedger
import Documents
import FrozenEvidence
import LedgerReports
import OutputFiles
import PolicyFiles
package import Postgres
package import ServiceCredits

/// What a journal is of.
package enum JournalSelection: Hashable, Sendable {
  /// What one run posted.
  case run(Int64)
  /// Everything that is posted on a day of the month, by runs and by the invoicing system.
  case posted(BillingMonth)
}

/// How a journal is written.
package enum JournalFormat: String, CaseIterable, Sendable {
  case csv, hledger, beancount
}

/// What the ledger did, as double entry: credits granted and taken back against what customers are
/// owed, and placements against what invoices carry. Reads only the ledger.
///
/// Each credit is followed from its first revision, so that what takes back or moves it finds the
/// service, the plan, the policy version and the accounts that it is booked under. Accounts are
/// those of the policy file of the run that granted the credit first.
package struct Journal: Sendable {
  private let report: LedgerReport
  private let interruption: Interruption

  package init(target: ConnectionTarget, interruption: Interruption = Interruption()) {
    report = LedgerReport(target: target, interruption: interruption)
    self.interruption = interruption
  }

  /// Writes the journal to an open file.
  /// - Parameters:
  ///   - name: the file's name in errors.
  ///   - byteOrderMark: whether a CSV begins with a byte order mark.
  package func write(
    _ selection: JournalSelection, _ format: JournalFormat, descriptor: Int32, name: String,
    byteOrderMark: Bool = false
  ) throws {
    try interruption.reading { voice in
      let transactions = try transactions(selection)
      var sink = DescriptorSink(descriptor: descriptor, name: name, willWrite: voice.raise)
      if byteOrderMark { try sink.append { CSVText.appendByteOrderMark(to: &$0) } }
      try JournalText(selection, format).append(transactions, to: &sink)
      try sink.flush()
    }
  }

  /// Writes the journal as a file, which replaces one of that name.
  /// - Parameter byteOrderMark: whether a CSV begins with a byte order mark.
  /// - Returns: its path.
  package func write(
    _ selection: JournalSelection, _ format: JournalFormat, path: String,
    byteOrderMark: Bool = false
  ) throws -> String {
    let (folder, name) = try AtomicFile.prepare(path: path)
    return try interruption.reading { _ in
      let transactions = try transactions(selection)
      var file = try AtomicFile(folder: folder, name: name)
      if byteOrderMark { try file.append { CSVText.appendByteOrderMark(to: &$0) } }
      try JournalText(selection, format).append(transactions, to: &file)
      return try file.publishAlone()
    }
  }

  /// The transactions in the order of their days. Memory grows with their number, which is that of
  /// runs, months, currencies, services and plans, and not of credits.
  private func transactions(_ selection: JournalSelection) throws -> [JournalTransaction] {
    let reader = try LedgerReader(report)
    let runs = try PostedRun.all(reader.connection)
    let posted: [PostedRun]
    let days: Range<Int32>
    switch selection {
    case .run(let runId):
      _ = try reader.run(runId)
      posted = runs.filter { $0.runId == runId }
      days = 0..<0
    case .posted(let month):
      days = month.daysSinceUnixEpoch..<month.advanced(by: 1).daysSinceUnixEpoch
      posted = runs.filter { days.contains($0.postedOn) }
    }
    let more = reader.more
    var rows = try JournalRows(runs: posted.map(\.runId), days: days) { try more.open() }
    let accounts = RecordedAccounts(runs)
    var tally = JournalTally(posted: posted, days: days, texts: rows.texts)
    var count = 0
    while let credit = try rows.next() {
      count += 1
      if count % 16_384 == 0 { try interruption.check() }
      guard let first = credit.revisions.first else { continue }
      tally.add(credit, accounts: try accounts.map(ofRun: first.runId, reader.connection))
    }
    try interruption.check()
    return tally.transactions
  }
}

/// The account maps of the policy files that runs have read.
private final class RecordedAccounts {
  private let digests: [Int64: [UInt8]]
  private var numbers: [[UInt8]: Int] = [:]
  private var maps: [NumberedAccounts] = []

  init(_ runs: [PostedRun]) {
    digests = Dictionary(uniqueKeysWithValues: runs.map { ($0.runId, $0.policyDigest) })
  }

  /// - Throws: `RecordError` where the ledger has lost the file.
  func map(ofRun runId: Int64, _ connection: borrowing Connection) throws -> NumberedAccounts {
    guard let digest = digests[runId],
      let content = try numbers[digest] == nil
        ? RecordedRun.policyFile(digest: digest, connection) : []
    else { throw RecordError.policyFileMissing(runId: runId) }
    if let number = numbers[digest] { return maps[number] }
    guard
      let document = try? PolicyFile.document(
        bytes: content, name: "policy file of run \(runId)")
    else { throw RecordError.policyFileUnreadable(runId: runId) }
    let map = NumberedAccounts(number: maps.count, map: document.accounts)
    numbers[digest] = map.number
    maps.append(map)
    return map
  }
}
