import CreditLedger
import Documents
import HTTPClient
import ServiceCredits

/// Looks for a message in the other system, by its key.
struct RemoteLookup {
  let message: OutboxMessage
  let names: RemoteNames

  /// What the other system has of the message.
  struct Found: Hashable {
    let id: String
    /// As it is written there; `nil` where it is not told.
    let amount: String?
  }

  enum Step: Hashable {
    case found(Found)
    case notThere
    /// Read on here.
    case next(String)
    case unreadable
  }

  private var line: HandoverLine { message.line }
  private var customer: String { PercentText.encoded(message.customer) }

  /// Whether the system can be asked at all.
  var canLook: Bool { message.system != .other }

  /// - Parameter cursor: where to read on; `nil` for the beginning.
  func request(after cursor: String?) -> HandoverRequest {
    let isCreditNote = line.key == nil
    let path: String
    switch message.system {
    case .stripe:
      let invoice = PercentText.encoded(String(decoding: line.invoice, as: UTF8.self))
      path =
        (isCreditNote
          ? "/v1/credit_notes?invoice=\(invoice)&limit=100"
          : "/v1/customers/\(customer)/balance_transactions?limit=100")
        + (cursor.map { "&starting_after=\(PercentText.encoded($0))" } ?? "")
    case .lago:
      let owner = RemoteNames.WalletOwner(
        customer: message.customer, currency: line.currency.code)
      let wallet = PercentText.encoded(names.wallets[owner] ?? "")
      path =
        (isCreditNote
          ? "/api/v1/credit_notes?external_customer_id=\(customer)"
          : "/api/v1/wallets/\(wallet)/wallet_transactions?metadata%5Bredress%5D=\(message.key)")
        + "&per_page=100&page=\(cursor ?? "1")"
    case .killbill:
      path = "/1.0/kb/accounts/\(customer)/invoices?withItems=true&includeInvoiceComponents=true"
    case .other: path = ""
    }
    return HandoverRequest(get: path)
  }

  func read(_ response: HTTPResponse) -> Step {
    guard response.status == 200, let value = try? JSONValue(response.body) else {
      return .unreadable
    }
    switch message.system {
    case .stripe: return readStripe(value)
    case .lago: return readLago(value)
    case .killbill: return readKillBill(value)
    case .other: return .unreadable
    }
  }

  private func readStripe(_ value: JSONValue) -> Step {
    guard let rows = value["data"]?.array else { return .unreadable }
    for row in rows where row["metadata"]?["redress"]?.text == message.key {
      guard let id = row["id"]?.text else { return .unreadable }
      let amount = row["amount"]?.text
      // A credit note has no sign.
      return .found(Found(id: id, amount: line.key == nil ? amount.map { "-\($0)" } : amount))
    }
    guard value["has_more"] == .bool(true) else { return .notThere }
    guard let last = rows.last?["id"]?.text else { return .unreadable }
    return .next(last)
  }

  private func readLago(_ value: JSONValue) -> Step {
    let isCreditNote = line.key == nil
    guard let rows = value[isCreditNote ? "credit_notes" : "wallet_transactions"]?.array else {
      return .unreadable
    }
    for row in rows where isCreditNote ? isMeantByText(row) : isMeantByMetadata(row) {
      guard let id = row["lago_id"]?.text else { return .unreadable }
      if isCreditNote { return .found(Found(id: id, amount: nil)) }
      // Failed ones have changed no balance.
      if row["status"]?.text == "failed" { continue }
      let amount = row["credit_amount"]?.text
      let isOut = row["transaction_type"]?.text == "outbound"
      return .found(
        Found(id: id, amount: amount.map { (isOut ? "" : "-") + DecimalText.magnitude($0) }))
    }
    guard let next = value["meta"]?["next_page"], next != .null else { return .notThere }
    return next.text.map { .next($0) } ?? .unreadable
  }

  private func isMeantByText(_ row: JSONValue) -> Bool {
    row["description"]?.text?.split(separator: " ").contains { $0 == message.key } ?? false
  }

  private func isMeantByMetadata(_ row: JSONValue) -> Bool {
    row["metadata"]?.array?.contains {
      $0["key"]?.text == "redress" && $0["value"]?.text == message.key
    } ?? false
  }

  private func readKillBill(_ value: JSONValue) -> Step {
    guard let invoices = value.array else { return .unreadable }
    for invoice in invoices {
      for item in invoice["items"]?.array ?? [] where item["itemDetails"]?.text == message.key {
        guard let id = item["invoiceItemId"]?.text else { return .unreadable }
        // Of a credit the sign is Kill Bill's; what it is for was said by the request.
        let amount = item["amount"]?.text.map {
          (message.said.first == "-" ? "-" : "") + DecimalText.magnitude($0)
        }
        return .found(Found(id: id, amount: amount))
      }
    }
    return .notThere
  }
}
