import FoundationEssentials
import Testing

/// `redress notices`: the files in the folder, read by an independent program.
struct NoticesTests {
  /// A message as Python's mail reader sees it.
  struct Mail: Decodable {
    let headers: [String]
    let to: [String]
    let from: String
    let subject: String
    let date: String
    let unsent: String
    let kind: String
    let parts: [String]
    let text: String
    let html: String
    let defects: [String]
    let longest: Int
    let bare: Int
    let ascii: Bool
    let digest: String
  }

  private static let script = Checkout.root.appending(path: "Tests/CommandTests/read-mail.py")

  /// Every message of a folder, by its file's name.
  private func mails(in folder: URL) async throws -> [String: Mail] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path()).sorted()
    guard !names.isEmpty else { return [:] }
    let read = try await run(
      "python3", [NoticesTests.script.path()] + names.map { folder.appending(path: $0).path() })
    #expect(read.exitCode == 0, "\(read.errors)")
    let mails = try read.output.split(separator: "\n").map {
      try JSONDecoder().decode(Mail.self, from: Data($0.utf8))
    }
    return Dictionary(uniqueKeysWithValues: zip(names, mails))
  }

  /// A message must be acceptable for every mail server, whatever its texts are.
  private func expectSound(_ mail: Mail, _ name: String) {
    #expect(mail.defects.isEmpty && mail.bare == 0 && mail.longest <= 76, "\(name)")
    #expect(mail.kind == "multipart/alternative" && mail.unsent == "1", "\(name)")
    #expect(mail.parts == ["text/plain", "text/html"], "\(name)")
    let known: Set = [
      "From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "X-Unsent", "Content-Type",
    ]
    #expect(Set(mail.headers).isSubset(of: known) && Set(mail.headers).count == mail.headers.count)
    #expect(!mail.subject.contains("\n") && !mail.html.contains("<script>alert"), "\(name)")
  }

  private func withSource(
    _ sql: [String], _ body: (SourceDatabase, URL) async throws -> Void
  ) async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let database = try await SourceDatabase()
        try await database.psql(sql)
        try await body(database, folder)
      }
    }
  }

  // MARK: A run

  /// Two incidents with notices on the night on which they are recorded. The night after, one is
  /// corrected and one is void.
  private static let story = [
    """
    INSERT INTO redress_source.service VALUES ('files', 'File storage'), ('api', 'Public API');
    INSERT INTO redress_source.customer VALUES
      ('berlin', 'Müller & Söhne GmbH', 'ENTERPRISE', 'Europe/Berlin', 'it@mueller.example'),
      ('late', 'Late Ltd', 'enterprise', NULL, NULL),
      ('small', 'Small Ltd', 'starter', NULL, 'it@small.example'),
      ('other', 'Other Ltd', 'enterprise', NULL, 'no address');
    INSERT INTO redress_source.subscription_term VALUES
      ('S1', 'berlin', 'files', 'gold', 640, 'EUR', '2026-01-01Z', NULL),
      ('S2', 'late', 'files', 'gold', 640, 'EUR', '2026-10-20 11:00Z', NULL),
      ('S3', 'small', 'files', 'gold', 640, 'EUR', '2026-01-01Z', NULL),
      ('S4', 'other', 'api', 'gold', 1000, 'USD', '2026-01-01Z', NULL);
    INSERT INTO redress_source.incident VALUES
      ('I1', 'Errors', 'P0', 'resolved', '2026-10-20 06:03Z', NULL, '2026-10-20 11:15Z', 'A switch', false, false, false),
      ('I2', 'Slow', 'P0', 'resolved', '2026-10-21 08:00Z', NULL, '2026-10-21 10:00Z', NULL, false, false, false);
    INSERT INTO redress_source.outage VALUES
      ('I1', 'P0', 'files', NULL, '2026-10-20 06:03Z', '2026-10-20 11:15Z'),
      ('I2', 'P0', 'api', NULL, '2026-10-21 08:00Z', '2026-10-21 10:00Z');
    INSERT INTO redress_source.invoice VALUES
      ('R-1', 'berlin', 'EUR', 'draft', '2026-11-05', 100), ('R-2', 'berlin', 'EUR', 'draft', '2026-11-06', 10);
    INSERT INTO redress_source.action_item VALUES
      ('I1', 'Replace the switch', '2026-10-22Z'), ('I1', 'Buy a spare one', NULL);
    """
  ]

  private func night(_ database: SourceDatabase, _ folder: URL, _ asOf: String) async throws {
    let files = folder.appending(path: "files")
    try FileManager.default.createDirectory(at: files, withIntermediateDirectories: true)
    let run = try await database.redress(
      [
        "run", "--quiet", "--approve-limits", "--approved-by=tests", "--reason=first load",
        "--output", files.path(), "--as-of", asOf,
      ])
    #expect(run.exitCode == 0, "\(run.errors)")
  }

  private func notices(
    _ database: SourceDatabase, _ folder: URL, _ arguments: [String], exit: Int32
  ) async throws -> [String: Mail] {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let finished = try await database.redress(
      ["notices", "--output", folder.path()] + arguments)
    #expect(finished.exitCode == exit, "\(finished.errors)")
    let mails = try await mails(in: folder)
    let printed = finished.output.split(separator: "\n").map { $0.split(separator: "/").last! }
    #expect(Set(printed.map(String.init)).isSubset(of: mails.keys))
    for (name, mail) in mails { expectSound(mail, name) }
    return mails
  }

  @Test func aRunTellsWhomItsIncidentsTouched() async throws {
    try await withSource(NoticesTests.story) { database, folder in
      try await night(database, folder, "2026-11-01T00:00:00Z")
      let first = folder.appending(path: "first")
      let mails = try await notices(
        database, first, ["--run", "1", "--from", "Acme Support <support@acme.example>"], exit: 3)
      // Customer Late joined for the last 15 minutes: affected, without a credit. Small is no
      // Enterprise customer.
      #expect(
        mails.keys.sorted() == [
          "notice-run-1-berlin.eml", "notice-run-1-late.eml", "notice-run-1-other.eml",
        ])
      let berlin = try #require(mails["notice-run-1-berlin.eml"])
      #expect(berlin.to == ["Müller & Söhne GmbH|it@mueller.example"])
      #expect(berlin.from == "Acme Support <support@acme.example>")
      #expect(berlin.subject == "Resolved: the issue with File storage (I1)")
      #expect(berlin.date == "2026-11-01T00:00:00+00:00")
      for text in [
        "20 October 2026, 08:03 to 13:15 (5 hours 12 minutes)", "Europe/Berlin",
        "Root cause: A switch", "- Replace the switch", "- Buy a spare one",
        "160.00 EUR for subscription S1: 25 % of 640.00 EUR", "On invoice R-1: 100.00 EUR.",
        "On invoice R-2: 10.00 EUR.", "On your next invoice: 50.00 EUR.", "Acme Support\n",
      ] { #expect(berlin.text.contains(text), "\(text) in \(berlin.text)") }
      #expect(berlin.html.contains("Müller &amp; Söhne GmbH"))
      let late = try #require(mails["notice-run-1-late.eml"])
      #expect(late.to.isEmpty && late.text.contains("11:00 to 11:15 (15 minutes)"))
      #expect(!late.text.contains("Credit:") && !late.text.contains("In all"))
      #expect(mails["notice-run-1-other.eml"]?.to == [])
      #expect(mails["notice-run-1-other.eml"]?.text.contains("still establishing it") == true)

      let again = try await notices(
        database, first, ["--run", "1", "--from", "Acme Support <support@acme.example>"], exit: 3)
      #expect(again.mapValues(\.digest) == mails.mapValues(\.digest))
    }
  }

  @Test func aLaterRunTellsOnlyWhatItCorrected() async throws {
    try await withSource(NoticesTests.story) { database, folder in
      try await night(database, folder, "2026-11-01T00:00:00Z")
      try await database.psql([
        "UPDATE redress_source.outage SET ended_at = '2026-10-20 09:03Z' WHERE incident_id = 'I1'",
        "UPDATE redress_source.incident SET status = 'void' WHERE incident_id = 'I2'",
      ])
      try await night(database, folder, "2026-11-02T00:00:00Z")
      let mails = try await notices(
        database, folder.appending(path: "second"), ["--run", "2"], exit: 3)
      #expect(mails.keys.sorted() == ["notice-run-2-berlin.eml", "notice-run-2-other.eml"])
      let berlin = try #require(mails["notice-run-2-berlin.eml"])
      #expect(berlin.subject == "Your service credit for File storage has changed (I1)")
      #expect(berlin.from.isEmpty && !berlin.headers.contains("From"))
      #expect(berlin.text.contains("64.00 EUR for subscription S1, 160.00 EUR before: 10 %"))
      let other = try #require(mails["notice-run-2-other.eml"])
      #expect(other.text.contains("the 100.00 USD that we had recorded for subscription S4"))
      #expect(other.text.contains("taken back, because the incident turned out to be none."))
    }
  }

  // MARK: An incident

  @Test(arguments: [("P0", "30 minutes"), ("P1", "1 hour")])
  func anOpenIncidentIsToldToWhomItTouches(severity: String, next: String) async throws {
    let reopened = [
      """
      UPDATE redress_source.incident SET status = 'open', severity = '\(severity)', resolved_at = NULL
      WHERE incident_id = 'I1'
      """,
      "UPDATE redress_source.outage SET ended_at = NULL WHERE incident_id = 'I1'",
    ]
    try await withSource(NoticesTests.story + reopened) { database, folder in
      // Before the customer who joins at 11:00.
      let early = try await notices(
        database, folder.appending(path: "early"),
        ["--initial", "I1", "--as-of", "2026-10-20T07:00:00Z"], exit: 0)
      #expect(early.keys.sorted() == ["notice-initial-I1+berlin.eml"])
      let mail = try #require(early["notice-initial-I1+berlin.eml"])
      #expect(mail.subject == "We are looking into an issue with File storage (I1)")
      #expect(mail.text.contains("began on 20 October 2026, 08:03 (Europe/Berlin)"))
      #expect(mail.text.contains("update comes within \(next).") && mail.html.contains(">\(next)<"))
      #expect(mail.date == "2026-10-20T07:00:00+00:00")
      let later = try await notices(
        database, folder.appending(path: "later"),
        ["--initial", "I1", "--as-of", "2026-10-20T12:00:00Z"], exit: 3)
      #expect(later.count == 2)
    }
  }

  @Test func aResolvedIncidentIsToldWithItsCredits() async throws {
    try await withSource(NoticesTests.story) { database, folder in
      let before = try await notices(
        database, folder.appending(path: "before"), ["--resolved", "I1"], exit: 3)
      #expect(before.count == 2)
      #expect(before["notice-resolved-I1+berlin.eml"]?.text.contains("Credit:") == false)
      try await night(database, folder, "2026-11-01T00:00:00Z")
      let after = try await notices(
        database, folder.appending(path: "after"), ["--resolved", "I1"], exit: 3)
      #expect(
        after["notice-resolved-I1+berlin.eml"]?.text.contains("Credit: 160.00 EUR for") == true)
    }
  }

  // MARK: Hostile texts

  private static let hostile = [
    "A\r\nBcc: all@evil.example", "\"\u{301}><script>alert(1)</script>", "\u{202E}esrever",
    "=?utf-8?B?RXZpbA==?=", "Acme <it@evil.example>", "a, b; c", "{{customer_id}}",
    "\\\"quoted\\\"",
    "\u{5E9}\u{200F}\u{5DC}\u{5D5}\u{5DD}", "--=_redress_", ".", "From me",
    String(repeating: "long name ", count: 100), "🚀 e\u{301}",
  ]

  @Test func hostileTextsStayTexts() async throws {
    func literal(_ text: String) -> String { "'\(text.replacing("'", with: "''"))'" }
    var sql = ["INSERT INTO redress_source.service VALUES ('s', '<b>Service</b> & \r\nCc: x@y')"]
    sql.append(
      """
      INSERT INTO redress_source.incident VALUES ('../I\n1', 'T', 'P0', 'resolved', '2026-10-20 06:00Z', NULL,
        '2026-10-20 11:00Z', E'One\\r\\n.\\r\\nFrom two <script>alert(1)</script>', false, false, false);
      INSERT INTO redress_source.outage VALUES
        ('../I\n1', 'P0', NULL, NULL, '2026-10-20 06:00Z', '2026-10-20 11:00Z');
      """)
    for (number, name) in NoticesTests.hostile.enumerated() {
      let id = number == 0 ? String(repeating: "i", count: 1000) : name + "/../x"
      sql.append(
        """
        INSERT INTO redress_source.customer VALUES
          (\(literal(id)), \(literal(name)), 'enterprise', NULL, 'it\(number)@acme.example');
        INSERT INTO redress_source.subscription_term VALUES
          (\(literal(name)), \(literal(id)), 's', \(literal(name)), 10, 'USD', '2026-01-01Z', NULL)
        """)
    }
    try await withSource(sql) { database, folder in
      try await night(database, folder, "2026-11-01T00:00:00Z")
      for (part, arguments) in [("run", ["--run", "1"]), ("id", ["--resolved", "../I\n1"])] {
        let mails = try await notices(
          database, folder.appending(path: part), arguments, exit: 0)
        #expect(mails.count == NoticesTests.hostile.count)
        let to = mails.values.flatMap(\.to)
        #expect(Set(to.map { $0.split(separator: "|").last }).count == NoticesTests.hostile.count)
        // The visible name is unchanged, except characters that move or reverse the line.
        #expect(to.contains("Acme <it@evil.example>|it4@acme.example"))
        #expect(to.contains("=?utf-8?B?RXZpbA==?=|it3@acme.example"))
        #expect(to.contains("A Bcc: all@evil.example|it0@acme.example"))
        #expect(to.contains("\u{FFFD}esrever|it2@acme.example"))
        let long = String(repeating: "long name ", count: 100)
        #expect(to.contains("\(long)|it12@acme.example"))
        for mail in mails.values {
          #expect(mail.ascii && mail.subject.contains("<b>Service</b>"))
          #expect(mail.html.contains("&lt;b&gt;Service&lt;/b&gt; &amp;"))
          #expect(mail.text.contains("One\n.\nFrom two <script>"))
        }
      }
    }
  }

  // MARK: Templates

  @Test func operatorsWriteTheirOwn() async throws {
    try await withSource(NoticesTests.story) { database, folder in
      let templates = folder.appending(path: "templates")
      try FileManager.default.createDirectory(at: templates, withIntermediateDirectories: true)
      for _ in 1...2 {
        let written = try await database.redress(["notices", "--write-templates", templates.path()])
        #expect(written.exitCode == 0 && written.output.split(separator: "\n").count == 6)
      }
      try Data("Bonjour {{customer}}{{> foot.txt}}".utf8).write(
        to: templates.appending(path: "resolved.txt"))
      try Data("\nÀ bientôt".utf8).write(to: templates.appending(path: "foot.txt"))
      try Data("ignored {{".utf8).write(to: templates.appending(path: "resolved.txt~"))
      let mails = try await notices(
        database, folder.appending(path: "mails"),
        ["--resolved", "I1", "--templates", templates.path()], exit: 3)
      #expect(
        mails["notice-resolved-I1+berlin.eml"]?.text
          == "Bonjour Müller & Söhne GmbH\nÀ bientôt")
    }
  }
}
