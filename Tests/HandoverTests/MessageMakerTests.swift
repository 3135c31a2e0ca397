import ServiceCredits
import Testing

@testable import CreditLedger
@testable import Handover

/// The requests, byte for byte.
@Suite struct MessageMakerTests {
  static let ledger = "8d0c5f6e-0000-4000-8000-000000000001"

  static func line(
    _ minor: Int64, customer: String = "cus_1", currency: String = "USD", number: Int32 = 1,
    incident: String = "INC-1", noted: HandoverLine.Noted = HandoverLine.Noted()
  ) -> HandoverLine {
    HandoverLine(
      customer: Array(customer.utf8), currency: Currency(currency)!,
      key: HandoverLine.Key(
        subscription: Array("sub_1".utf8), incident: Array(incident.utf8),
        month: BillingMonth(year: 2026, month: 10), number: number),
      invoice: Array("balance:stripe".utf8), amountMinor: minor, runId: 3,
      asOf: Instant(iso8601: "2026-11-01T06:00:00Z"), noted: noted)
  }

  static func creditNote(_ minor: Int64) -> HandoverLine {
    HandoverLine(
      customer: Array("cus_1".utf8), currency: Currency("USD")!, key: nil,
      invoice: Array("in_1".utf8), amountMinor: minor, runId: 3, asOf: nil,
      noted: HandoverLine.Noted())
  }

  private static var names: RemoteNames {
    get throws {
      try RemoteNames(
        Array(
          #"""
          {"customer": "cus_1", "currency": "USD", "wallet": "w-1"}

          {"invoice": "in_1", "fee": "fee-1"}
          """#.utf8), file: "map")
    }
  }

  private func request(
    _ system: BalanceSystem, _ line: HandoverLine, kind: HandoverKind = .balance
  ) throws -> (HandoverRequest, key: String) {
    var maker = MessageMaker(
      system: system, kind: kind, names: try Self.names, ledger: Self.ledger)
    let message = maker.message(line)
    guard case .request(let request) = message.content else {
      Issue.record("\(message.content)")
      throw CancellationError()
    }
    return (request, message.key)
  }

  @Test func aKeyIsTheLinesAndTheLedgers() {
    let key = Self.line(-1).messageKey(ledger: Self.ledger)
    #expect(key.utf8.count == 72 && key.hasPrefix("redress-"))
    let others =
      [
        Self.line(-1, number: 2), Self.line(-1, customer: "cus_2"),
        Self.line(-1, incident: "INC-2"),
        Self.line(-1, currency: "EUR"), Self.creditNote(-1),
        Self.line(-1, customer: "cus_15:sub_1", incident: ""),
      ].map { $0.messageKey(ledger: Self.ledger) } + [Self.line(-1).messageKey(ledger: "another")]
    #expect(Set(others + [key]).count == others.count + 1)
    // It must never change: what was sent under it would be sent again.
    #expect(key == "redress-dcbccf58d17b103b137191b2ce4f8f69f497c0d47d72e748d2a9ecc0f678cbd9")
    #expect(Self.line(-99).messageKey(ledger: Self.ledger) == key)
  }

  @Test func stripe() throws {
    let (given, key) = try request(.stripe, Self.line(-1234, customer: "cus/1 ü"))
    #expect(given.method == "POST")
    #expect(given.path == "/v1/customers/cus%2F1%20%C3%BC/balance_transactions")
    #expect(
      given.headers.map { "\($0.name): \($0.value)" } == [
        "Content-Type: application/x-www-form-urlencoded", "Idempotency-Key: \(key)",
      ])
    #expect(
      given.body
        == "amount=-1234&currency=usd&description=Service%20credit%20for%20October%202026"
        + "&metadata%5Bredress%5D=\(key)&metadata%5Btax%5D=unknown&metadata%5Bmonth%5D=2026-10"
        + "&metadata%5Bincident%5D=INC-1&metadata%5Bsubscription%5D=sub_1")
    let (back, _) = try request(.stripe, Self.line(1234))
    #expect(back.body.hasPrefix("amount=1234&currency=usd&"), "\(back.body)")
    #expect(back.body.contains("taken%20back"))
  }

  @Test func stripeCreditNote() throws {
    let (note, key) = try request(.stripe, Self.creditNote(-1234))
    #expect(note.path == "/v1/credit_notes")
    #expect(
      note.body
        == "invoice=in_1&amount=1234&reason=product_unsatisfactory&memo=Service%20credits"
        + "&metadata%5Bredress%5D=\(key)&metadata%5Btax%5D=unknown")
  }

  @Test func lago() throws {
    let (given, key) = try request(.lago, Self.line(-1234))
    #expect(given.path == "/api/v1/wallet_transactions")
    #expect(
      given.body.hasPrefix(
        #"{"wallet_transaction":{"wallet_id":"w-1","granted_credits":"12.34","name":"Service credit for October 2026","metadata":[{"key":"redress","value":"\#(key)"},{"key":"tax","value":"unknown"},"#
      ), "\(given.body)")
    let (back, _) = try request(.lago, Self.line(5))
    #expect(back.body.contains(#""voided_credits":"0.05""#), "\(back.body)")
    let (note, noteKey) = try request(.lago, Self.creditNote(-1234))
    #expect(note.path == "/api/v1/credit_notes")
    #expect(
      note.body
        == #"{"credit_note":{"invoice_id":"in_1","reason":"product_unsatisfactory","description":"Service credits \#(noteKey)","credit_amount_cents":1234,"refund_amount_cents":0,"items":[{"fee_id":"fee-1","amount_cents":1234}]}}"#
    )
  }

  @Test func killBill() throws {
    let (given, key) = try request(.killbill, Self.line(-1234))
    #expect(given.path == "/1.0/kb/credits?autoCommit=true")
    #expect(
      given.body
        == #"[{"accountId":"cus_1","amount":12.34,"currency":"USD","description":"Service credit for October 2026","itemDetails":"\#(key)"}]"#
    )
    #expect(given.headers.contains { $0.name == "X-Killbill-CreatedBy" && $0.value == "redress" })
    let (back, _) = try request(.killbill, Self.line(1234))
    #expect(back.path == "/1.0/kb/invoices/charges/cus_1?autoCommit=true")
    #expect(back.body.contains(#""amount":12.34"#))
  }

  @Test func everybodyElse() throws {
    let (event, key) = try request(.other, Self.line(-1234))
    #expect(event.headers.first?.value == "application/cloudevents+json")
    #expect(
      event.body
        == #"{"specversion":"1.0","id":"\#(key)","source":"urn:uuid:\#(Self.ledger)","type":"redress.credit.given","time":"2026-11-01T06:00:00Z","datacontenttype":"application/json","data":{"customer":"cus_1","currency":"USD","amount":"-12.34","amount_minor":-1234,"tax":"unknown","month":"2026-10","subscription":"sub_1","incident":"INC-1","line":1}}"#
    )
  }

  @Test func whatCannotBeMade() {
    func reason(_ system: BalanceSystem, _ line: HandoverLine) -> UntoldReason? {
      var maker = MessageMaker(system: system, kind: .balance, ledger: Self.ledger)
      if case .untold(let reason) = maker.message(line).content { return reason }
      return nil
    }
    #expect(reason(.lago, Self.line(-1)) == .walletMissing)
    #expect(reason(.lago, Self.creditNote(-1)) == .feeMissing)
    #expect(reason(.stripe, Self.line(-1, currency: "IQD")) == .currency)
    #expect(reason(.killbill, Self.line(-100_000_000)) == .tooLarge(most: "999999.99"))
    #expect(reason(.killbill, Self.line(-99_999_999)) == nil)
  }

  @Test func carriedAmountsAreOfOneCustomerAndCurrency() {
    var maker = MessageMaker(system: .stripe, kind: .balance, ledger: Self.ledger)
    let said = [
      Self.line(-1234, currency: "KWD"), Self.line(-6, currency: "KWD", number: 2),
      Self.line(-7, customer: "cus_2", currency: "KWD"), Self.line(-7, customer: "cus_2"),
    ].map { line in
      let message = maker.message(line)
      return "\(message.said) \(message.carriedMinor) \(message.state.rawValue)"
    }
    #expect(said == ["-1230 -4 new", "-10 0 new", "0 -7 carried", "-7 0 new"])
  }

  @Test(arguments: [
    #"{"customer": "a"}"#, "[]", "x", #"{"customer": "a", "currency": "USD", "wallet": ["w"]}"#,
    #"{"invoice": "a", "fee": ""}"#,
    "{\"invoice\": \"a\", \"fee\": \"1\"}\n{\"invoice\": \"a\", \"fee\": \"2\"}",
  ])
  func badMaps(text: String) {
    #expect(throws: HandoverError.self) { try RemoteNames(Array(text.utf8), file: "map") }
  }
}
