import CreditLedger
import Documents
public import ServiceCredits
import Workbooks

/// One line of the file of invoice lines, or of the sheet of that name: a part of one credit on one
/// invoice.
///
/// Texts are borrowed bytes. They must stay valid until the line is written.
public struct InvoiceLine {
  /// Why a line is in the file of a run.
  public enum Origin: Sendable {
    /// The run wrote it, for a credit that it revised.
    case run
    /// It was there before, for a credit that the run revised. Such lines and those of `run` add up
    /// to what the credits file says is placed.
    case earlier
    /// The run wrote it for a credit that it did not revise: what was open before, or is put
    /// elsewhere.
    case open

    /// The word in the file.
    public var word: UnsafeRawBufferPointer {
      let text: StaticString =
        switch self {
        case .run: "run"
        case .earlier: "earlier"
        case .open: "open"
        }
      return UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    }
  }

  public var customerId: UnsafeRawBufferPointer
  public var subscriptionId: UnsafeRawBufferPointer
  public var incidentId: UnsafeRawBufferPointer
  public var month: BillingMonth
  /// Negative reduces the invoice, as in the ledger. Files say it the other way round: what is
  /// placed.
  public var amount: Money
  /// Counts the lines of the credit from 1.
  public var number: Int32
  public var invoiceId: UnsafeRawBufferPointer
  /// The word of an `Origin`; of a month, who wrote the line.
  public var origin: UnsafeRawBufferPointer

  public static let columns = [
    "run_id", "origin", "invoice_id", "billing_month", "customer_id", "subscription_id",
    "incident_id", "line", "currency", "placed", "placed_minor",
  ]

  public init(
    customerId: UnsafeRawBufferPointer, subscriptionId: UnsafeRawBufferPointer,
    incidentId: UnsafeRawBufferPointer, month: BillingMonth, amount: Money, number: Int32,
    invoiceId: UnsafeRawBufferPointer, origin: UnsafeRawBufferPointer
  ) {
    self.customerId = customerId
    self.subscriptionId = subscriptionId
    self.incidentId = incidentId
    self.month = month
    self.amount = amount
    self.number = number
    self.invoiceId = invoiceId
    self.origin = origin
  }

  init(_ line: FiledInvoiceLine) {
    self.init(
      customerId: line.customerId, subscriptionId: line.subscriptionId,
      incidentId: line.incidentId, month: line.month, amount: line.amount, number: line.number,
      invoiceId: line.invoiceId, origin: line.origin)
  }

  /// What the line puts on the invoice, in minor units; negative where it takes back.
  public var placedMinor: Int64 {
    // The negative exceeds 64 bits only if other programs changed the ledger.
    Int64(clamping: -Int128(amount.amountMinor))
  }

  public static func appendCSVHeader(to buffer: inout [UInt8]) {
    buffer.append(contentsOf: columns.joined(separator: ",").utf8)
    buffer.append(contentsOf: "\r\n".utf8)
  }

  public func appendCSV(runId: Int64, to buffer: inout [UInt8]) {
    let texts = [origin, invoiceId, customerId, subscriptionId, incidentId]
    let room = texts.reduce(32 + 5 * ByteCursor.roomForNumber) { room, text in
      room + ByteCursor.room(forCell: text)
    }
    buffer.append(room: room) { line in
      line.put(integer: runId)
      for text in texts.prefix(2) {
        line.put(UInt8(ascii: ","))
        line.put(cell: text)
      }
      line.put(UInt8(ascii: ","))
    }
    month.appendText(to: &buffer)
    buffer.append(room: room) { line in
      for text in texts.dropFirst(2) {
        line.put(UInt8(ascii: ","))
        line.put(cell: text)
      }
      line.put(UInt8(ascii: ","))
      line.put(integer: Int64(number))
      line.put(UInt8(ascii: ","))
      let packed = amount.currency.packedCode
      line.put(UInt8(truncatingIfNeeded: packed >> 16))
      line.put(UInt8(truncatingIfNeeded: packed >> 8))
      line.put(UInt8(truncatingIfNeeded: packed))
      line.put(UInt8(ascii: ","))
      let decimals = Int(amount.currency.exponent)
      line.put(placedMinor, decimals: decimals, atLeast: decimals)
      line.put(UInt8(ascii: ","))
      line.put(integer: placedMinor)
      line.put("\r\n")
    }
  }

  // MARK: The sheet

  /// The columns of the CSV without the run, which a month has none of.
  static var sheetColumns: [SheetColumn] {
    columns.dropFirst().map { name in
      switch name {
      case "origin", "line", "currency": SheetColumn(name, width: 10)
      case "billing_month": SheetColumn(name, width: 13)
      default: SheetColumn(name, width: 18)
      }
    }
  }

  func append(to book: inout Workbook) throws(WorkbookError) {
    try book.append(text: origin)
    try book.append(text: invoiceId)
    try book.append(month: month.daysSinceUnixEpoch) { month.appendText(to: &$0) }
    for text in [customerId, subscriptionId, incidentId] { try book.append(text: text) }
    try book.append(Int64(number))
    try book.append(text: amount.currency.code)
    try book.append(placedMinor, decimals: Int(amount.currency.exponent), grouped: true)
    try book.append(placedMinor)
    try book.endRow()
  }
}
