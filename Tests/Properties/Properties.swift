import CreditRun
import Documents
import Postgres
import ServiceCredits
import TestSupport

@testable import LedgerReports
@testable import PolicyFiles

/// Properties that must hold for all bytes. A broken property is returned as a sentence.
///
/// The fuzzers in `Tests/Fuzz` and the tests with seeded input share them.
public enum Properties {
  /// The policy reader either reports errors at places inside the text, or reads a policy whose
  /// canonical text gives the same policy again.
  public static func policy(_ bytes: [UInt8]) -> String? {
    let policy: CreditPolicy
    do throws(PolicyErrors) {
      policy = try PolicyFile.parse(bytes: bytes, name: "policy.yaml")
    } catch {
      guard !error.errors.isEmpty else { return "refused without an error" }
      let lines = bytes.count { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") } + 1
      for placed in error.errors where placed.place.line > lines + 1 {
        return "line \(placed.place.line) of \(lines)"
      }
      return error.description.isEmpty ? "an error without words" : nil
    }
    for version in policy.versions {
      let text = PolicyFile.canonicalText(of: version)
      do throws(PolicyErrors) {
        let again = try PolicyFile.version(canonicalText: Array(text.utf8), name: "again")
        guard PolicyFile.canonicalText(of: again) == text else {
          return "another canonical text:\n\(text)"
        }
      } catch {
        return "the canonical text is refused: \(error)\n\(text)"
      }
    }
    return nil
  }

  /// The decoder of COPY rows reads nothing outside the messages, however they are cut. The first
  /// byte is the number of columns. Each message follows its length in two bytes.
  public static func copyRows(_ bytes: [UInt8]) -> String? {
    guard let first = bytes.first else { return nil }
    var decoder = CopyRowDecoder(columns: Int(first % 16))
    var rest = bytes.dropFirst()
    while rest.count >= 2 {
      let wished = Int(rest[rest.startIndex]) << 8 | Int(rest[rest.startIndex + 1])
      rest = rest.dropFirst(2)
      // A separate copy, so that a sanitizer notices a read beyond its end.
      let message = Array(rest.prefix(wished))
      rest = rest.dropFirst(wished)
      let failure = message.withUnsafeBytes { read($0, &decoder) }
      if let failure { return failure.isEmpty ? nil : failure }
    }
    return nil
  }

  /// - Returns: the empty text if the decoder refused, `nil` if it continues.
  private static func read(
    _ message: UnsafeRawBufferPointer, _ decoder: inout CopyRowDecoder
  ) -> String? {
    do throws(PostgresError) {
      try decoder.load(message)
      while try decoder.next() {
        for column in 0..<decoder.columnCount {
          let value = decoder.bytes(column)
          if decoder.isNull(column), !value.isEmpty { return "a null with bytes" }
          guard let start = value.baseAddress else { continue }
          let offset = start - message.baseAddress!
          guard offset >= 0, offset + value.count <= message.count else {
            return "column \(column) lies outside of its message"
          }
          var sum = 0
          for byte in value { sum &+= Int(byte) }
          _ = sum
          _ = try? decoder.int64(column)
          _ = try? decoder.int32(column)
          _ = try? decoder.timestamp(column)
          _ = try? decoder.date(column)
          _ = try? decoder.bool(column)
          _ = try? decoder.numericMicros(column)
        }
      }
      return nil
    } catch {
      return error.message.isEmpty ? "an error without words" : ""
    }
  }

  /// A reader of RFC 4180 gets back what was written, and no cell can be run as a formula. Cells
  /// are cut at zero bytes, which PostgreSQL's text cannot hold.
  public static func csv(_ bytes: [UInt8]) -> String? {
    let cells = bytes.split(separator: 0, omittingEmptySubsequences: false)
    let width = 1 + (cells.count - 1) % 5
    var text: [UInt8] = []
    var rows: [[ArraySlice<UInt8>]] = []
    for start in stride(from: 0, through: cells.count - width, by: width) {
      let row = Array(cells[start..<start + width])
      rows.append(row)
      var csv = CSVText()
      for cell in row { cell.withUnsafeBytes { csv.append(text: $0, to: &text) } }
      csv.endLine(&text)
    }
    guard let read = CSVReading.rows(text) else { return "not RFC 4180: \(text)" }
    guard read.count == rows.count else { return "\(read.count) lines of \(rows.count)" }
    for (read, written) in zip(read, rows) {
      guard read.count == written.count else { return "\(read.count) fields of \(written.count)" }
      for (read, written) in zip(read, written) {
        let isDefused =
          read.first == UInt8(ascii: "'") && read.dropFirst().elementsEqual(written)
        guard isDefused || read.elementsEqual(written) else { return "\(written) became \(read)" }
        if let first = read.first, "=+-@\t\r\n".utf8.contains(first) {
          return "a spreadsheet would run \(read)"
        }
      }
    }
    return line(cells)
  }

  /// The same for a whole line of the credits file, with the texts in all text fields.
  private static func line(_ cells: [ArraySlice<UInt8>]) -> String? {
    func cell(_ number: Int) -> [UInt8] { Array(cells[number % cells.count]) }
    var text: [UInt8] = []
    let texts = (0..<10).map { cell($0) }
    withBytes(of: texts) { texts in
      guard let currency = Currency("USD") else { return }
      let basis = CreditLine.Basis(
        serviceId: texts[0], serviceName: texts[1], plan: texts[2], severity: .p0,
        outage: Interval(Instant(microseconds: 0), Instant(microseconds: 1)), decider: .nothing,
        feeMicros: .max, policyVersion: texts[3])
      CreditLine(
        runId: .max, kind: .grant, month: BillingMonth(year: 2026, month: 10), customerId: texts[4],
        customerName: texts[5],
        customerTier: texts[6], subscriptionId: texts[7], incidentId: texts[8],
        incidentTitle: texts[9], basis: basis, countedMicroseconds: .max, percent: .zero,
        percentBeforeCap: .zero, amount: Money(amountMinor: .min, currency: currency),
        placement: CreditPlacement(
          entitledMinor: .min, placedMinor: .max, invoices: 1, invoiceId: texts[0]),
        posting: CreditLine.Posting(day: CalendarDate(daysSinceUnixEpoch: 0), isLate: true)
      ).appendCSV(to: &text)
    }
    guard let read = CSVReading.rows(text), read.count == 1 else {
      return "a line is not RFC 4180: \(text)"
    }
    return read[0].count == CreditLine.columns.count ? nil : "\(read[0].count) fields in a line"
  }

  private static func withBytes(
    of texts: [[UInt8]], _ body: ([UnsafeRawBufferPointer]) -> Void
  ) {
    func next(_ done: [UnsafeRawBufferPointer]) {
      guard done.count < texts.count else { return body(done) }
      texts[done.count].withUnsafeBytes { next(done + [$0]) }
    }
    next([])
  }
}
