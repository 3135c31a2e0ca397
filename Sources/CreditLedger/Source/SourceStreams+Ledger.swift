import Postgres
import RedressSQL
import ServiceCredits

/// The two queries that read the ledger of a night.
struct RecordedRows {
  let credits: String
  let lines: String

  /// - Parameter connection: inside the night's snapshot.
  init(
    of ledger: LedgerReach, scope: CustomerScope, _ connection: borrowing Connection
  ) throws {
    let months = try connection.rows(.creditedMonths) {
      BillingMonth(daysSinceUnixEpoch: try $0.date(0))
    }.filter { $0 >= ledger.firstMonth }
    let values = scope.isNight ? ledger.earlierValues.map { $0 + scope.bounds } : nil
    func text(
      _ month: RedressSQL.Query, _ earlier: RedressSQL.Query, last: String
    ) throws -> String {
      let others = try values.map { try connection.filled(earlier.text, $0) }
      return MonthlyRows(month, of: months, and: others).text(last: last)
    }
    credits = try text(.streamCredits, .streamCreditsEarlier, last: "revision")
    lines = try text(.streamLines, .streamLinesEarlier, last: "line")
  }
}

extension SourceStreams {
  /// A line that was read, before the lines are in the order of their keys.
  private struct FoundLine {
    /// Position of its key.
    var place: Int32
    var line: CustomerRecords.Line
  }

  /// Reads the customer's credits and the lines on invoices.
  mutating func readLedger(
    _ customer: UnsafeRawBufferPointer, _ records: inout CustomerRecords
  ) throws {
    var found: [FoundLine] = []
    try readCredits(customer, &records, &found)
    try readLines(customer, records, &found)
    try SourceStreams.add(found, to: &records)
  }

  /// Reads the customer's credits, and the lines that are the whole of a revision. The months of one incident come side by
  /// side.
  private mutating func readCredits(
    _ customer: UnsafeRawBufferPointer, _ records: inout CustomerRecords,
    _ found: inout [FoundLine]
  ) throws {
    typealias Column = StreamedCreditColumn
    let arena = records.arena
    var months = self.months
    // Keys are found in their order but where one incident has several months. Until all are there, a line has the number
    // of its key in the order in which keys were found.
    var order: [Int32] = []
    try credits.forEachRow(of: customer) { row in
      let currency = try LedgerColumns.currency(row, Column.currency)
      let month = months.month(try row.date(Column.billingMonth))
      let revision = try row.int32(Column.revision)
      let amountMinor = try row.int64(Column.amountMinor)
      let percent = try row.percent(Column.percentBp) ?? .zero
      let monthMinor = try row.optionalInt64(Column.monthMinor) ?? 0
      let quarterMinor = try row.optionalInt64(Column.quarterMinor) ?? 0
      let firstInstant = try row.instant(Column.outageStartedAt)
      let place = SourceStreams.place(of: row, month, currency, in: records)
      if !records.recorded.indices.contains(place)
        || !records.recorded[place].isOf(row, month, currency, arena)
      {
        records.recorded.insert(
          CustomerRecords.Recorded(
            subscription: arena.append(row.bytes(Column.subscriptionId)),
            incident: arena.append(row.bytes(Column.incidentId)), currency: currency,
            credit: RecordedCredit(revision: revision, amountMinor: amountMinor, month: month),
            percent: percent, monthMinor: monthMinor, quarterMinor: quarterMinor,
            firstInstant: firstInstant, firstLine: 0, lineCount: 0),
          at: place)
        order.insert(Int32(order.count), at: place)
      } else {
        let (total, overflow) = records.recorded[place].credit.amountMinor
          .addingReportingOverflow(amountMinor)
        guard !overflow else { throw LedgerError.amountTooLarge(row) }
        records.recorded[place].credit.revision = revision
        records.recorded[place].credit.amountMinor = total
        records.recorded[place].percent = percent
        records.recorded[place].monthMinor = monthMinor
        records.recorded[place].quarterMinor = quarterMinor
        records.recorded[place].firstInstant = firstInstant
      }
      guard !row.isNull(Column.invoiceId) else { return }
      guard amountMinor != .min else { throw LedgerError.amountTooLarge(row) }
      found.append(
        FoundLine(
          place: order[place],
          line: CustomerRecords.Line(
            number: try row.int32(Column.linesThrough),
            invoice: arena.append(row.bytes(Column.invoiceId)), amountMinor: -amountMinor,
            isRuns: true)))
    }
    self.months = months
    var places = [Int32](repeating: 0, count: order.count)
    for (place, key) in order.enumerated() { places[Int(key)] = Int32(place) }
    for line in found.indices { found[line].place = places[Int(found[line].place)] }
  }

  /// The position of the row's key among those of its subscription and incident that are there, or where it belongs.
  private static func place(
    of row: borrowing CopyReader, _ month: BillingMonth, _ currency: Currency,
    in records: borrowing CustomerRecords
  ) -> Int {
    var place = records.recorded.count
    while place > 0,
      records.recorded[place - 1].isOf(row, StreamedCreditColumn.subscriptionId, records.arena)
    {
      let before = records.recorded[place - 1]
      if (before.credit.month, before.currency) < (month, currency) { break }
      place -= 1
    }
    return place
  }

  /// Reads the lines that are stored by themselves; each is of one of the keys that are there already.
  private mutating func readLines(
    _ customer: UnsafeRawBufferPointer, _ records: borrowing CustomerRecords,
    _ found: inout [FoundLine]
  ) throws {
    typealias Column = StreamedLineColumn
    let arena = records.arena
    // The first key of the line's subscription and incident.
    var first = 0
    let recorded = records.recorded
    try lines.forEachRow(of: customer) { row in
      let currency = try LedgerColumns.currency(row, Column.currency)
      let month = BillingMonth(daysSinceUnixEpoch: try row.date(Column.billingMonth))
      while first < recorded.count, !recorded[first].isOf(row, Column.subscriptionId, arena) {
        first += 1
      }
      var place = first
      while place < recorded.count,
        recorded[place].credit.month != month || recorded[place].currency != currency
      {
        place += 1
      }
      guard place < recorded.count, recorded[place].isOf(row, Column.subscriptionId, arena) else {
        throw LedgerError.lineWithoutCredit(
          customer: row.text(Column.customerId), subscription: row.text(Column.subscriptionId),
          incident: row.text(Column.incidentId))
      }
      found.append(
        FoundLine(
          place: Int32(place),
          line: CustomerRecords.Line(
            number: try row.int32(Column.line), invoice: arena.append(row.bytes(Column.invoiceId)),
            amountMinor: try row.int64(Column.amountMinor), isRuns: try row.bool(Column.isRuns))))
    }
  }

  /// Adds the lines in the order of their keys, then by number.
  private static func add(_ found: [FoundLine], to records: inout CustomerRecords) throws {
    var found = found
    func isBefore(_ a: FoundLine, _ b: FoundLine) -> Bool {
      (a.place, a.line.number) < (b.place, b.line.number)
    }
    if zip(found, found.dropFirst()).contains(where: { isBefore($1, $0) }) {
      found.sort(by: isBefore)
    }
    // No sum over some of a customer's lines is larger than this one.
    var sum: Int64 = 0
    for line in found {
      let place = Int(line.place)
      let (total, overflow) = sum.addingReportingOverflow(
        Int64(clamping: line.line.amountMinor.magnitude))
      guard !overflow else {
        let key = records.recorded[place]
        throw LedgerError.unreadableCredit(
          customer: String(decoding: records.arena[records.id], as: UTF8.self),
          subscription: String(decoding: records.arena[key.subscription], as: UTF8.self),
          incident: String(decoding: records.arena[key.incident], as: UTF8.self),
          column: "amount_minor")
      }
      sum = total
      if records.recorded[place].lineCount == 0 {
        records.recorded[place].firstLine = Int32(records.lines.count)
      }
      records.recorded[place].lineCount += 1
      records.lines.append(line.line)
    }
  }
}

extension CustomerRecords.Recorded {
  /// Whether a row of `stream_credits.sql` is of the same key.
  fileprivate func isOf(
    _ row: borrowing CopyReader, _ month: BillingMonth, _ currency: Currency, _ arena: ByteArena
  ) -> Bool {
    credit.month == month && self.currency == currency
      && isOf(row, StreamedCreditColumn.subscriptionId, arena)
  }

  /// Whether a row, whose next column is the incident, is of the same subscription and incident.
  fileprivate func isOf(
    _ row: borrowing CopyReader, _ subscriptionColumn: some QueryColumn, _ arena: ByteArena
  ) -> Bool {
    let column = subscriptionColumn.rawValue
    return compareBytes(arena[incident], row.bytes(column + 1)) == 0
      && compareBytes(arena[subscription], row.bytes(column)) == 0
  }
}
