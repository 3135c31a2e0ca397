import ServiceCredits
import Testing

@testable import HTTPClient
@testable import Handover

/// Addresses and secrets.
@Suite struct RemoteAccessTests {
  @Test(arguments: [
    ("https://api.stripe.com", "https://api.stripe.com"),
    ("https://billing.example.com/lago/", "https://billing.example.com/lago"),
    ("http://127.0.0.1:8080", "http://127.0.0.1:8080"), ("http://[::1]:1/x", "http://[::1]:1/x"),
    ("HTTPS://localhost", "HTTPS://localhost"),
  ])
  func goodAddresses(text: String, base: String) throws {
    #expect(try RemoteAddress(text).base == base)
  }

  @Test(arguments: [
    ("api.stripe.com", HandoverError.BadAddress.noURL), ("https://", .noURL),
    ("https:///x", .noURL),
    ("https://a b", .noURL), ("ftp://a", .notHTTP), ("file:///etc/passwd", .noURL),
    ("https://key@api.stripe.com", .hasPassword), ("http://api.stripe.com", .plainHTTP),
    ("http://127.0.0.1.example.com", .plainHTTP), ("https://a/?key=b", .hasQuery),
  ])
  func badAddresses(text: String, fault: HandoverError.BadAddress) {
    #expect(throws: HandoverError.badAddress(fault)) { try RemoteAddress(text) }
  }

  private func headers(_ secret: RemoteSecret) throws -> [String] {
    secret.request(HandoverRequest(get: "/x"), to: try RemoteAddress("https://a")).headers
      .map { "\($0.name): \($0.value)" }
  }

  @Test func aKeyIsABearer() throws {
    let secret = try RemoteSecret(Array("  sk_test_1 \n".utf8), for: .stripe)
    #expect(try headers(secret).last == "Authorization: Bearer sk_test_1")
    #expect(secret.removed(from: "no such key: sk_test_1!") == "no such key: ***!")
  }

  @Test func headersAreTakenAsTheyAre() throws {
    let text =
      "Authorization: Basic YWRtaW4=\nX-Killbill-ApiKey: bob5\nX-Killbill-ApiSecret: lazar\n"
    let secret = try RemoteSecret(Array(text.utf8), for: .killbill)
    #expect(
      try headers(secret).dropFirst() == [
        "Authorization: Basic YWRtaW4=", "X-Killbill-ApiKey: bob5", "X-Killbill-ApiSecret: lazar",
      ])
    #expect(secret.removed(from: "YWRtaW4= lazar bob5") == "*** *** ***")
  }

  @Test(arguments: [
    ("", HandoverError.BadSecret.empty), ("\n \n", .empty), ("sk\u{7}", .unreadable),
    ("schlüssel", .unreadable), ("a\nb", .badHeader(line: 1)), ("A: b\nc", .badHeader(line: 2)),
  ])
  func badSecrets(text: String, fault: HandoverError.BadSecret) {
    #expect(throws: HandoverError.badSecret(.lago, fault)) {
      try RemoteSecret(Array(text.utf8), for: .lago)
    }
  }

  @Test func killBillNeedsHeaders() {
    #expect(throws: HandoverError.badSecret(.killbill, .headersExpected)) {
      try RemoteSecret(Array("bob".utf8), for: .killbill)
    }
  }

  @Test func secretsAreNeverShown() throws {
    let secret = try RemoteSecret(Array("sk_test_1".utf8), for: .stripe)
    var dumped = ""
    dump(secret, to: &dumped)
    for text in ["\(secret)", String(reflecting: secret), dumped] {
      #expect(!text.contains("sk_test_1"), "\(text)")
    }
  }

  @Test func waitsGrowAndEnd() {
    var pace = Pace()
    pace.waitMilliseconds = 100
    #expect([1, 2, 3].map { pace.wait(tried: $0, asked: nil, random: 1000) } == [100, 200, 400])
    #expect(pace.wait(tried: 3, asked: nil, random: 0) == 200)
    #expect(pace.wait(tried: 60, asked: nil, random: 1000) == 60_000)
    #expect(pace.wait(tried: 1, asked: 7, random: 0) == 7000)
    #expect(pace.wait(tried: 1, asked: .max, random: 0) == 60_000)
    #expect(pace.wait(tried: 1, asked: -5, random: 0) == 50)
  }
}
