import Postgres
import ServiceCredits
import TestSupport
import Testing

@testable import CreditLedger

@Suite("Row checksum")
struct RowChecksumTests {
  private static func line(_ number: Int32, _ invoice: String, _ amountMinor: Int64) -> [UInt8] {
    let rows = CopyRowBuffer(capacity: 256)
    func bytes(_ text: StaticString) -> UnsafeRawBufferPointer {
      UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    }
    var invoice = invoice
    invoice.withUTF8 { invoice in
      rows.appendLine(
        customerId: bytes("c"), subscriptionId: bytes("s1"), incidentId: bytes("i1"),
        month: BillingMonth(daysSinceUnixEpoch: 20_727), currency: Currency("USD")!,
        number: number, runId: 1, invoiceId: UnsafeRawBufferPointer(invoice),
        amountMinor: amountMinor)
    }
    return Array(rows.lastRow)
  }

  private static func checksum(_ rows: [[UInt8]]) -> Int64 {
    var checksum = RowChecksum()
    for row in rows { row.withUnsafeBytes { checksum.add(row: $0) } }
    return checksum.value
  }

  @Test("is the same whatever the order, and another for every byte")
  func orderAndBytes() {
    let rows = (1...50).map { Self.line(Int32($0), "inv\($0)", Int64(-100 * $0)) }
    #expect(Self.checksum(rows) == Self.checksum(rows.reversed()))
    #expect(Self.checksum([]) == 0)
    for position in rows[0].indices {
      for bit in 0..<8 {
        var changed = rows
        changed[0][position] ^= 1 << UInt8(bit)
        #expect(Self.checksum(changed) != Self.checksum(rows), "byte \(position), bit \(bit)")
      }
    }
    for length in 0..<40 {
      let short = [UInt8](repeating: 0, count: length)
      #expect(Self.checksum([short]) != Self.checksum([short + [0]]), "\(length) zeros")
    }
  }

  /// If the hash ended with the amount unmixed, the sum would miss one exchange in 256.
  @Test("two lines that exchange their amounts, or their invoices, are noticed")
  func exchanges() {
    for number in 0..<2_000 {
      let (one, other) = ("inv1", "inv2-\(number)")
      let sum = Self.checksum([Self.line(1, one, -6000), Self.line(2, other, -4000)])
      #expect(
        sum != Self.checksum([Self.line(1, one, -4000), Self.line(2, other, -6000)]), "\(other)")
      #expect(
        sum != Self.checksum([Self.line(1, other, -6000), Self.line(2, one, -4000)]), "\(other)")
      #expect(
        sum != Self.checksum([Self.line(2, one, -6000), Self.line(1, other, -4000)]), "\(other)")
    }
  }

  /// The credits' own rows are the same, whatever they were decided on.
  @Test("two credits that exchange their decisions are noticed, and so is another decision")
  func decisions() {
    let (one, other) = (Array("credit 1".utf8), Array("credit 2".utf8))
    for number in 0..<500 {
      let (earlier, later) = ("decision \(number)", "decision \(number + 1)")
      let sum = Self.creditChecksum([(one, earlier), (other, later)])
      #expect(sum == Self.creditChecksum([(other, later), (one, earlier)]), "\(number)")
      #expect(sum != Self.creditChecksum([(one, later), (other, earlier)]), "\(number)")
      #expect(sum != Self.creditChecksum([(one, earlier), (other, earlier)]), "\(number)")
    }
  }

  private static func creditChecksum(_ credits: [(row: [UInt8], decision: String)]) -> Int64 {
    var checksum = RowChecksum()
    for (row, decision) in credits {
      let hash = Array(decision.utf8).withUnsafeBytes { RowChecksum.hash(decision: $0) }
      row.withUnsafeBytes { checksum.add(credit: $0, decision: hash) }
    }
    return checksum.value
  }

  /// Ledgers store this checksum. If the function gave another value, `redress verify` would report
  /// all of them.
  @Test("never changes")
  func pinned() {
    #expect(Self.checksum([Array("a row".utf8)]) == RowChecksumTests.pinnedShort)
    #expect(Self.checksum([Self.line(1, "inv-1", -10_000)]) == RowChecksumTests.pinnedLine)
    #expect(
      Self.creditChecksum([(Array("a credit".utf8), "a decision")]) == RowChecksumTests.pinnedCredit
    )
  }

  private static let pinnedShort: Int64 = 8_601_516_898_050_242_570
  private static let pinnedLine: Int64 = 3_905_653_507_069_701_778
  private static let pinnedCredit: Int64 = 5_154_802_308_924_830_002
}
