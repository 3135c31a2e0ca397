import CreditLedger
import Documents
import OutputFiles
import Postgres
import RedressSQL
package import ServiceCredits

/// A moment that a report is about.
package enum ReportedMoment: Hashable, Sendable {
  case present
  /// The last moment of this instant.
  case time(Instant)
  /// When this run had ended.
  case run(Int64)
}

/// What a report for the books shows. All of it comes from the ledger alone.
package enum BooksQuestion: Hashable, Sendable {
  /// A month's credits as they were.
  case month(BillingMonth, ReportedMoment)
  /// Every revision that was posted in a month, of all runs.
  case posted(BillingMonth)
  /// What was owed and on no invoice, of all months, with its age.
  case open(ReportedMoment)

  /// - Parameter format: csv or jsonl; open credits are CSV.
  fileprivate func fileName(_ format: ReportFormat) -> String {
    switch self {
    case .month(let month, let moment):
      "credits-\(month.text)\(moment.suffix).\(format.rawValue)"
    case .posted(let month): "credits-posted-\(month.text).\(format.rawValue)"
    case .open(let moment): "open-credits\(moment.suffix).csv"
    }
  }
}

extension ReportedMoment {
  fileprivate var suffix: String {
    switch self {
    case .present: ""
    case .time(let time):
      "-at-" + time.text.replacing("-", with: "").replacing(":", with: "")
    case .run(let runId): "-after-run-\(runId)"
    }
  }
}

extension LedgerReport {
  /// Writes the report into `folder`.
  /// - Parameter byteOrderMark: whether a CSV begins with a byte order mark.
  /// - Returns: the file's path.
  package func write(
    _ question: BooksQuestion, format: ReportFormat, folder: String, byteOrderMark: Bool = false
  ) throws -> [String] {
    try AtomicFile.prepareFolder(folder)
    return try interruption.reading { _ in
      var reader = try LedgerReader(self)
      var file = try AtomicFile(folder: folder, name: question.fileName(format))
      if byteOrderMark { try file.append { CSVText.appendByteOrderMark(to: &$0) } }
      try reader.append(question, format: format, to: &file)
      return [try file.publishAlone()]
    }
  }

  /// Writes the report to an open file.
  /// - Parameters:
  ///   - name: the file's name in errors.
  ///   - byteOrderMark: whether a CSV begins with a byte order mark.
  package func write(
    _ question: BooksQuestion, format: ReportFormat, descriptor: Int32, name: String,
    byteOrderMark: Bool = false
  ) throws {
    try interruption.reading { voice in
      var reader = try LedgerReader(self)
      var sink = DescriptorSink(descriptor: descriptor, name: name, willWrite: voice.raise)
      if byteOrderMark { try sink.append { CSVText.appendByteOrderMark(to: &$0) } }
      try reader.append(question, format: format, to: &sink)
      try sink.flush()
    }
  }
}

extension LedgerReader {
  fileprivate mutating func append(
    _ question: BooksQuestion, format: ReportFormat, to sink: inout some ByteSink & ~Copyable
  ) throws {
    switch question {
    case .month(let month, let moment):
      let (moment, _) = try resolve(moment)
      _ = try append(.monthAt(month, moment), format: format, to: &sink)
    case .posted(let month):
      var runs: [Int64] = []
      try connection.query(
        RedressSQL.Query.runsPosted.text, [.date(month.daysSinceUnixEpoch)]
      ) { runs.append(try $0.int64(0)) }
      if format == .csv { try sink.append { CreditLine.appendCSVHeader(to: &$0) } }
      for run in runs { try appendLines(.run(run), format: format, to: &sink) }
    case .open(let moment): try appendOpenCredits(moment, to: &sink)
    }
  }

  /// - Returns: the moment, and the day from which ages are counted.
  private func resolve(_ moment: ReportedMoment) throws -> (LedgerMoment, CalendarDate) {
    switch moment {
    case .present:
      guard let present else { preconditionFailure("a transaction has no present") }
      return (try LedgerMoment(at: nil, connection), present.utcDay)
    case .time(let time): return (try LedgerMoment(at: time, connection), time.utcDay)
    case .run(let runId):
      return try { run in (LedgerMoment(after: run), run.postedOn) }(run(runId))
    }
  }

  private mutating func appendOpenCredits(
    _ moment: ReportedMoment, to sink: inout some ByteSink & ~Copyable
  ) throws {
    let (moment, day) = try resolve(moment)
    try sink.append { OpenCredit.appendHeader(to: &$0) }
    let more = self.more
    var credits = try OpenCredits(moment) { try more.open() }
    while let credit = try credits.next() {
      let postedOn = try posting(ofRun: credit.firstRun).day
      try sink.append { credit.append(postedOn: postedOn, on: day, to: &$0) }
    }
  }
}

extension OpenCredit {
  /// Days since posting, up to and including these, make an age.
  static let ages = [30, 60, 90]

  static func age(days: Int32) -> String {
    var first = 0
    for last in ages {
      if days <= last { return "\(first)-\(last)" }
      first = last + 1
    }
    return "over \(first - 1)"
  }

  static func appendHeader(to buffer: inout [UInt8]) {
    let columns = [
      "customer_id", "customer_name", "currency", "subscription_id", "incident_id", "billing_month",
      "posted_on", "days", "age", "amount", "amount_minor", "placed", "placed_minor", "open",
      "open_minor",
    ]
    buffer += "\(columns.joined(separator: ","))\r\n".utf8
  }

  /// - Parameters:
  ///   - postedOn: when the credit was first posted.
  ///   - day: from which its age is counted back; not before 0 days.
  func append(postedOn: CalendarDate, on day: CalendarDate, to buffer: inout [UInt8]) {
    let days = max(0, day.daysSinceUnixEpoch - postedOn.daysSinceUnixEpoch)
    var csv = CSVText()
    csv.append(text: customerId, to: &buffer)
    csv.append(text: customerName, to: &buffer)
    csv.append(text: currency.code, to: &buffer)
    csv.append(text: subscriptionId, to: &buffer)
    csv.append(text: incidentId, to: &buffer)
    csv.append(to: &buffer) { month.appendText(to: &$0) }
    csv.append(text: postedOn.text, to: &buffer)
    csv.append(text: "\(days)", to: &buffer)
    csv.append(text: OpenCredit.age(days: days), to: &buffer)
    let decimals = Int(currency.exponent)
    for minor in [entitledMinor, placedMinor, openMinor] {
      csv.append(to: &buffer) {
        appendDecimal(minor, decimals: decimals, atLeast: decimals, to: &$0)
      }
      csv.append(to: &buffer) { appendInteger(minor, to: &$0) }
    }
    csv.endLine(&buffer)
  }
}
