import Documents
import ServiceCredits
import Testing

@testable import CreditLedger
@testable import HTTPClient
@testable import Handover

/// What is read out of the answers of systems that are asked for a message.
@Suite struct RemoteLookupTests {
  private func lookup(_ system: BalanceSystem, _ line: HandoverLine) throws -> RemoteLookup {
    let names = try RemoteNames(
      Array(#"{"customer": "cus_1", "currency": "USD", "wallet": "w-1"}"#.utf8), file: "map")
    var maker = MessageMaker(
      system: system, kind: .balance, names: names, ledger: MessageMakerTests.ledger)
    return RemoteLookup(message: maker.message(line), names: names)
  }

  private func read(
    _ system: BalanceSystem, _ body: String, line: HandoverLine = MessageMakerTests.line(-1234)
  ) throws -> RemoteLookup.Step {
    let lookup = try lookup(system, line)
    let text = body.replacing("KEY", with: lookup.message.key)
    return lookup.read(HTTPResponse(status: 200, body: Array(text.utf8), retryAfterSeconds: nil))
  }

  @Test func whereIsAsked() throws {
    let line = MessageMakerTests.line(-1)
    #expect(
      try lookup(.stripe, line).request(after: "cbtxn_9").path
        == "/v1/customers/cus_1/balance_transactions?limit=100&starting_after=cbtxn_9")
    let lago = try lookup(.lago, line)
    #expect(
      lago.request(after: nil).path
        == "/api/v1/wallets/w-1/wallet_transactions?metadata%5Bredress%5D=\(lago.message.key)&per_page=100&page=1"
    )
    #expect(
      try lookup(.killbill, line).request(after: nil).path
        == "/1.0/kb/accounts/cus_1/invoices?withItems=true&includeInvoiceComponents=true")
  }

  @Test func stripe() throws {
    let found = try read(
      .stripe,
      #"{"data": [{"id": "a", "metadata": {}}, {"id": "b", "amount": -1234, "metadata": {"redress": "KEY"}}], "has_more": true}"#
    )
    #expect(found == .found(RemoteLookup.Found(id: "b", amount: "-1234")))
    #expect(try read(.stripe, #"{"data": [{"id": "a"}], "has_more": true}"#) == .next("a"))
    #expect(try read(.stripe, #"{"data": [], "has_more": false}"#) == .notThere)
    #expect(try read(.stripe, #"{"error": {}}"#) == .unreadable)
    #expect(try read(.stripe, "<html>") == .unreadable)
    #expect(try read(.stripe, #"{"data": [], "has_more": true}"#) == .unreadable)
  }

  @Test func lago() throws {
    let row =
      #"{"lago_id": "x", "status": "settled", "transaction_type": "TYPE", "credit_amount": "12.340", "metadata": [{"key": "redress", "value": "KEY"}]}"#
    func body(_ row: String, next: String) -> String {
      #"{"wallet_transactions": [\#(row)], "meta": {"next_page": \#(next)}}"#
    }
    let granted = body(row.replacing("TYPE", with: "inbound"), next: "null")
    #expect(
      try read(.lago, granted) == .found(RemoteLookup.Found(id: "x", amount: "-12.340")))
    let voided = body(row.replacing("TYPE", with: "outbound"), next: "null")
    #expect(try read(.lago, voided) == .found(RemoteLookup.Found(id: "x", amount: "12.340")))
    let failed = body(row.replacing("settled", with: "failed"), next: "null")
    #expect(try read(.lago, failed) == .notThere)
    #expect(try read(.lago, body("{}", next: "2")) == .next("2"))
    #expect(try read(.lago, #"{"wallet_transactions": {}}"#) == .unreadable)
  }

  @Test func killBill() throws {
    let found = try read(
      .killbill,
      #"[{"invoiceId": "1", "items": [{"invoiceItemId": "i", "itemDetails": "KEY", "amount": -12.34}]}]"#
    )
    #expect(found == .found(RemoteLookup.Found(id: "i", amount: "-12.34")))
    #expect(try read(.killbill, "[]") == .notThere)
    #expect(try read(.killbill, "{}") == .unreadable)
  }

  @Test(arguments: [
    ("-12.30", "-12.3", true), ("12", "12.00", true), ("0", "-0.00", true), ("012.5", "12.5", true),
    ("-12.3", "12.3", false), ("1e2", "100", false), ("", "", false), ("1.", "1", true),
    (".5", "0.5", false), ("12.34", "12.35", false),
  ])
  func decimalsAreNumbers(one: String, other: String, same: Bool) {
    #expect(DecimalText.same(one, other) == same)
  }
}
