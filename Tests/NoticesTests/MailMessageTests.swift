import Notices
import ServiceCredits
import Testing

/// The bytes of a message, checked without a mail program. `CommandTests` read messages with an
/// independent program.
@Suite struct MailMessageTests {
  private static func message(
    name: String = "Acme", address: String = "it@acme.example", subject: String = "Subject",
    text: String = "text", html: String = "<p>html</p>", date: Int64 = 0
  ) -> String {
    String(
      decoding: MailMessage(
        from: nil, to: MailAddress(name: name, address: address), subject: subject,
        date: Instant(microseconds: date), text: Array(text.utf8), html: Array(html.utf8),
        occasion: "test"
      ).bytes, as: UTF8.self)
  }

  private static func lines(_ message: String) -> [Substring.UTF8View] {
    var lines = message.utf8.split(separator: 10, omittingEmptySubsequences: false)
    lines.removeLast()
    return lines
  }

  @Test(arguments: [
    "Acme", "", "Müller & Söhne GmbH", "O'Neill, Byrne & \"Partners\" Ltd", "株式会社さくら",
    "Evil\r\nBcc: all@acme.example", "Evil\nBcc: all@acme.example\n\n<p>", "tab\there",
    "=?utf-8?B?RXZpbA==?=", "<it@evil.example>", "\u{202E}moc.emca", "\"\u{301}a\"",
    String(repeating: "long ", count: 400), String(repeating: "字", count: 400), "a  b ", "..",
    "\u{0}\u{7F}\u{85}\u{2028}",
  ])
  func noNameBeginsAHeader(name: String) {
    let message = MailMessageTests.message(name: name, subject: name)
    let head = message.components(until: "\r\n\r\n")
    let headers = head.split(separator: "\r\n").filter { !$0.hasPrefix(" ") }
      .map { $0.prefix { $0 != ":" } }
    #expect(
      headers == [
        "To", "Subject", "Date", "Message-ID", "MIME-Version", "X-Unsent", "Content-Type",
      ])
    for line in MailMessageTests.lines(message) {
      #expect(line.last == 13 && line.count <= 77, "\(Array(line).count)")
      #expect(line.dropLast().allSatisfy { (32...126).contains($0) })
    }
  }

  @Test(arguments: [
    ("a=b", "a=3Db"), ("trailing ", "trailing=20"), ("tab\t", "tab=09"), ("a\nb", "a\r\nb"),
    ("a\r\nb\r", "a\r\nb\r\n"), ("From here", "=46rom here"), (".", "=2E"), ("..", ".."),
    ("é", "=C3=A9"), ("\u{0}", "=00"), ("=\n=", "=3D\r\n=3D"), ("a \nb", "a=20\r\nb"),
    (
      String(repeating: "x", count: 76), String(repeating: "x", count: 76)
    ),
    (
      String(repeating: "x", count: 77),
      String(repeating: "x", count: 75) + "=\r\nxx"
    ),
    (
      String(repeating: "x", count: 74) + "é", String(repeating: "x", count: 74) + "=\r\n=C3=A9"
    ),
  ])
  func textIsQuotedPrintable(text: String, expected: String) {
    let message = MailMessageTests.message(text: text)
    #expect(message.contains("quoted-printable\r\n\r\n\(expected)\r\n--=_redress_"), "\(message)")
  }

  /// The boundary begins with characters that quoted-printable text cannot contain.
  @Test func contentHoldsNoBoundary() {
    let plain = MailMessageTests.message()
    let boundary = plain.components(from: "boundary=\"").components(until: "\"")
    let message = MailMessageTests.message(text: "--\(boundary)--", html: "\n--\(boundary)\n")
    #expect(message.occurrences(of: "--\(boundary)") == 0)
    #expect(plain.occurrences(of: "--\(boundary)") == 3)
  }

  @Test(
    arguments: [
      (0, "Thu, 01 Jan 1970 00:00:00 +0000"), (-1, "Wed, 31 Dec 1969 23:59:59 +0000"),
      (1_793_593_800_000_000, "Mon, 02 Nov 2026 04:30:00 +0000"),
      (951_782_400_999_999, "Tue, 29 Feb 2000 00:00:00 +0000"),
    ] as [(Int64, String)])
  func datesAreInUTC(microseconds: Int64, expected: String) {
    #expect(MailMessageTests.message(date: microseconds).contains("\r\nDate: \(expected)\r\n"))
  }

  /// The same message has the same number; another message has another number.
  @Test func theNumberFollowsTheContent() {
    func number(_ message: String) -> String {
      message.components(from: "Message-ID: ").components(until: "\r\n")
    }
    let first = number(MailMessageTests.message())
    #expect(first == number(MailMessageTests.message()))
    #expect(first.hasSuffix("@redress.invalid>"))
    for other in [
      MailMessageTests.message(subject: "other"), MailMessageTests.message(text: "other"),
      MailMessageTests.message(text: "text<p>", html: "html</p>"),
      MailMessageTests.message(address: "other@acme.example"),
    ] { #expect(number(other) != first) }
  }

  @Test(arguments: [
    ("it@acme.example", true), ("a.b+c@x", true), ("o'neill@acme.example", true),
    ("grüße@müller.example", true), ("", false), ("acme.example", false), ("@acme.example", false),
    ("it@", false), ("a@b@c", false), ("it@acme.example, all@acme.example", false),
    ("it@acme.example\r\nBcc: x@y", false), ("<it@acme.example>", false),
    ("a b@acme.example", false),
    (".it@acme.example", false), ("i..t@acme.example", false), ("it@acme..example", false),
    ("it@-acme.example", false), ("it@acme-.example", false), ("it@[127.0.0.1]", false),
    ("\"it\"@acme.example", false), ("it@acme.example\u{202E}", false),
    ("it\u{A0}@acme.example", false),
    (String(repeating: "a", count: 64) + "@x", true),
    (String(repeating: "a", count: 65) + "@x", false),
    ("it@" + String(repeating: "a.", count: 126) + "b", false),
  ])
  func onlyPlainAddressesAreTaken(text: String, isSound: Bool) {
    #expect((MailAddress(name: "", address: text) != nil) == isSound)
  }

  @Test(arguments: [
    ("Acme Support <support@acme.example>", "Acme Support"), ("\"A, B\" <s@a.example>", "A, B"),
    ("s@a.example", ""), ("<s@a.example>", ""),
  ])
  func sendersAreRead(text: String, name: String) {
    #expect(MailAddress(parsing: text)?.name == name)
  }

  @Test(arguments: ["Acme", "Acme <x>", "Acme <s@a.example> more", "A\nB <s@a.example>", ""])
  func otherSendersAreNot(text: String) {
    #expect(MailAddress(parsing: text) == nil)
  }
}

extension String {
  fileprivate func components(until end: String) -> String {
    let utf8 = Array(self.utf8)
    let mark = Array(end.utf8)
    for index in utf8.indices
    where index + mark.count <= utf8.count
      && utf8[index..<(index + mark.count)].elementsEqual(mark)
    {
      return String(decoding: utf8[..<index], as: UTF8.self)
    }
    return self
  }

  fileprivate func components(from start: String) -> String {
    let utf8 = Array(self.utf8)
    let mark = Array(start.utf8)
    for index in utf8.indices
    where index + mark.count <= utf8.count
      && utf8[index..<(index + mark.count)].elementsEqual(mark)
    {
      return String(decoding: utf8[(index + mark.count)...], as: UTF8.self)
    }
    return ""
  }

  fileprivate func occurrences(of text: String) -> Int {
    var (rest, count) = (self, 0)
    while case let after = rest.components(from: text), !after.isEmpty {
      rest = after
      count += 1
    }
    return count
  }
}
