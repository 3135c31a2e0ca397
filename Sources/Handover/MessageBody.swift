import CreditLedger
import Documents
import ServiceCredits

/// The request of one message, in the form of its system.
///
/// - Source: the systems' public interfaces: Stripe's customer balance transactions and credit notes, Lago's wallet
///   transactions and credit notes, Kill Bill's credits and external charges, CloudEvents 1.0.
struct MessageBody {
  let line: HandoverLine
  let key: String
  /// Without a sign.
  let amount: String
  let isForCustomer: Bool
  let ledger: String
  let tax: TaxInAmount

  private var customer: String { String(decoding: line.customer, as: UTF8.self) }
  private var invoice: String { String(decoding: line.invoice, as: UTF8.self) }
  private var code: String { line.currency.code }

  func content(_ system: BalanceSystem, _ names: RemoteNames) -> OutboxMessage.Content {
    let isCreditNote = line.key == nil
    switch system {
    case .stripe: return .request(isCreditNote ? stripeCreditNote : stripeTransaction)
    case .killbill: return .request(killBill)
    case .other: return .request(cloudEvent)
    case .lago where isCreditNote:
      guard let fee = names.fees[invoice] else { return .untold(.feeMissing) }
      return .request(lagoCreditNote(fee: fee))
    case .lago:
      let owner = RemoteNames.WalletOwner(customer: customer, currency: code)
      guard let wallet = names.wallets[owner] else { return .untold(.walletMissing) }
      return .request(lagoTransaction(wallet: wallet))
    }
  }

  /// What people read beside the amount.
  private var description: String {
    guard let month = line.key?.month else { return "Service credits" }
    return "Service credit for \(month.words)\(isForCustomer ? "" : ", taken back")"
  }

  /// What programs find the message by, and what it is for. Values that are too long are left out.
  private var notes: [(name: String, value: String)] {
    var notes = [("redress", key), ("tax", tax.rawValue)]
    if let key = line.key {
      notes.append(("month", key.month.text))
      notes.append(("incident", String(decoding: key.incident, as: UTF8.self)))
      notes.append(("subscription", String(decoding: key.subscription, as: UTF8.self)))
    }
    return notes.filter { $0.1.utf8.count <= 250 }
  }

  // MARK: Stripe

  private var stripeTransaction: HandoverRequest {
    stripe(
      "/v1/customers/\(PercentText.encoded(customer))/balance_transactions",
      [
        ("amount", (isForCustomer ? "-" : "") + amount), ("currency", code.lowercased()),
        ("description", description),
      ])
  }

  private var stripeCreditNote: HandoverRequest {
    stripe(
      "/v1/credit_notes",
      [
        ("invoice", invoice), ("amount", amount), ("reason", "product_unsatisfactory"),
        ("memo", description),
      ])
  }

  private func stripe(_ path: String, _ fields: [(String, String)]) -> HandoverRequest {
    let all = fields + notes.map { ("metadata[\($0.name)]", $0.value) }
    let body = all.map { "\(PercentText.encoded($0.0))=\(PercentText.encoded($0.1))" }
    return HandoverRequest(
      post: path, "application/x-www-form-urlencoded", body.joined(separator: "&"),
      [HandoverRequest.Header(name: "Idempotency-Key", value: key)])
  }

  // MARK: Lago

  private func lagoTransaction(wallet: String) -> HandoverRequest {
    let notes = notes.map {
      PlainJSON.object([("key", .text($0.name)), ("value", .text($0.value))])
    }
    return json(
      "/api/v1/wallet_transactions",
      .object([
        (
          "wallet_transaction",
          .object([
            ("wallet_id", .text(wallet)),
            (isForCustomer ? "granted_credits" : "voided_credits", .text(amount)),
            ("name", .text(description)), ("metadata", .list(notes)),
          ])
        )
      ]))
  }

  private func lagoCreditNote(fee: String) -> HandoverRequest {
    let cents = PlainJSON.number("\(line.amountMinor.magnitude)")
    return json(
      "/api/v1/credit_notes",
      .object([
        (
          "credit_note",
          .object([
            ("invoice_id", .text(invoice)), ("reason", .text("product_unsatisfactory")),
            ("description", .text("\(description) \(key)")), ("credit_amount_cents", cents),
            ("refund_amount_cents", .number("0")),
            ("items", .list([.object([("fee_id", .text(fee)), ("amount_cents", cents)])])),
          ])
        )
      ]))
  }

  // MARK: Kill Bill

  /// A credit for the account, or a charge that takes it back.
  private var killBill: HandoverRequest {
    let path =
      isForCustomer
      ? "/1.0/kb/credits" : "/1.0/kb/invoices/charges/\(PercentText.encoded(customer))"
    let item = PlainJSON.object([
      ("accountId", .text(customer)), ("amount", .number(amount)), ("currency", .text(code)),
      ("description", .text(description)), ("itemDetails", .text(key)),
    ])
    return json(
      path + "?autoCommit=true", .list([item]),
      [
        HandoverRequest.Header(name: "Accept", value: "application/json"),
        HandoverRequest.Header(name: "X-Killbill-CreatedBy", value: "redress"),
        HandoverRequest.Header(name: "X-Killbill-Comment", value: key),
      ])
  }

  // MARK: Everybody else

  /// In the structured mode of CloudEvents 1.0.
  private var cloudEvent: HandoverRequest {
    var data: [(String, PlainJSON)] = [
      ("customer", .text(customer)), ("currency", .text(code)),
      ("amount", .text((isForCustomer ? "-" : "") + amount)),
      ("amount_minor", .number("\(line.amountMinor)")), ("tax", .text(tax.rawValue)),
    ]
    if let key = line.key {
      data += [
        ("month", .text(key.month.text)),
        ("subscription", .text(String(decoding: key.subscription, as: UTF8.self))),
        ("incident", .text(String(decoding: key.incident, as: UTF8.self))),
        ("line", .number("\(key.number)")),
      ]
    }
    var event: [(String, PlainJSON)] = [
      ("specversion", .text("1.0")), ("id", .text(key)),
      ("source", .text("urn:uuid:\(ledger)")),
      ("type", .text(isForCustomer ? "redress.credit.given" : "redress.credit.taken_back")),
    ]
    if let asOf = line.asOf { event.append(("time", .text(asOf.text))) }
    event += [("datacontenttype", .text("application/json")), ("data", .object(data))]
    return HandoverRequest(
      post: "", "application/cloudevents+json", PlainJSON.object(event).text,
      [HandoverRequest.Header(name: "Idempotency-Key", value: key)])
  }

  private func json(
    _ path: String, _ body: PlainJSON, _ headers: [HandoverRequest.Header] = []
  ) -> HandoverRequest {
    HandoverRequest(post: path, "application/json", body.text, headers)
  }
}

/// JSON to be written, with the members in their order.
indirect enum PlainJSON {
  case text(String)
  /// Decimal digits as they are, so that no amount becomes a binary fraction.
  case number(String)
  case bool(Bool)
  case null
  case list([PlainJSON])
  case object([(String, PlainJSON)])

  var text: String {
    var bytes: [UInt8] = []
    append(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  func append(to bytes: inout [UInt8]) {
    switch self {
    case .text(let text): JSONText.append(string: text, to: &bytes)
    case .number(let digits): bytes += digits.utf8
    case .bool(let value): bytes += (value ? "true" : "false").utf8
    case .null: bytes += "null".utf8
    case .list(let items):
      JSONText.append(array: items, to: &bytes) { $0.append(to: &$1) }
    case .object(let members):
      bytes.append(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        JSONText.append(string: member.0, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        member.1.append(to: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }
}

/// Percent-encoding of URLs and forms.
enum PercentText {
  /// Everything but letters, digits and `-._~` as its bytes.
  static func encoded(_ text: String) -> String {
    var bytes: [UInt8] = []
    let digits = Array("0123456789ABCDEF".utf8)
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: bytes.append(byte)
      default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
