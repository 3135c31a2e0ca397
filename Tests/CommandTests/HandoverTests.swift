import FoundationEssentials
import Postgres
import TestSupport
import Testing

/// `redress handover` against a system that misbehaves: in the end it has each message once.
struct HandoverTests {
  static let systems = ["stripe", "lago", "killbill", "other"]

  /// A ledger with four credits of 100.00 USD on the system's pseudo invoice, of which one was taken back.
  struct Ledger: Sendable {
    let database: SourceDatabase
    let system: String
    let folder: URL

    func night(_ asOf: String) async throws -> Finished {
      try await database.redress([
        "run", "--quiet", "--approve-limits", "--approved-by=tests", "--reason=first load",
        "--as-of",
        asOf, "--output", folder.path(),
        "--policy", folder.appending(path: "policy.yaml").path(),
      ])
    }

    func handover(_ options: [String]) async throws -> Finished {
      try await database.redress(["handover"] + common + options)
    }

    private var common: [String] {
      ["--system", system]
        + (system == "lago" ? ["--map", folder.appending(path: "map.jsonl").path()] : [])
    }

    /// - Parameter killable: whether the remote system knows the process.
    func send(
      to remote: RemoteSystem, _ options: [String] = [], killable: Bool = false,
      environment: [String: String] = [:]
    ) async throws -> Finished {
      let arguments =
        ["handover", "send"] + common
        + [
          "--url", remote.url, "--backoff", "1", "--rate", "1000", "--timeout", "1", "--settle",
          "0",
        ] + options
      let all = database.environment.merging(environment) { $1 }
      guard killable else { return try await run("redress", arguments, environment: all) }
      let pid = remote.folder.appending(path: "pid").path()
      return try await run(
        "sh", ["-c", #"echo $$ > "$0"; exec redress "$@""#, pid] + arguments, environment: all)
    }

    var pendingKeys: [String] {
      get async throws {
        struct Message: Decodable { let key: String }
        return try await handover(["--pending"]).output.split(separator: "\n").map {
          try JSONDecoder().decode(Message.self, from: Data($0.utf8)).key
        }
      }
    }
  }

  static func withLedger(
    _ system: String, _ body: (Ledger) async throws -> Void
  ) async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let ledger = Ledger(database: try await SourceDatabase(), system: system, folder: folder)
        let policy = """
          versions:
            - version: v
              effective_from: 2025-01-01
              time_zone: UTC
              tiers:
                - {severity: P0, longer_than: 1h, credit: 10%}
              balance: \(system)
          """
        try Data(policy.utf8).write(to: folder.appending(path: "policy.yaml"))
        try Data(#"{"customer": "c", "currency": "USD", "wallet": "w"}"#.utf8)
          .write(to: folder.appending(path: "map.jsonl"))
        try await ledger.database.psql(ReportTests.history)
        #expect(try await ledger.night("2026-11-01T06:00:00Z").exitCode == 0)
        try await ledger.database.psql(
          "UPDATE redress_source.incident SET status = 'void' WHERE incident_id = 'i2'")
        #expect(try await ledger.night("2026-11-02T06:00:00Z").exitCode == 0)
        try await body(ledger)
      }
    }
  }

  /// Six messages, each there once, which add up to the ledger; nothing is pending, and the ledger proves it.
  private func expectWhole(_ ledger: Ledger, _ remote: RemoteSystem) async throws {
    let kept = try remote.kept
    let expected = ledger.system == "stripe" ? ["-10000", "10000"] : ["-100.00", "100.00"]
    #expect(
      kept.map(\.amount).sorted() == Array(repeating: expected[0], count: 4)
        + Array(repeating: expected[1], count: 2))
    #expect(Set(kept.map(\.key)).count == 6)
    #expect(try await ledger.pendingKeys == [])
    let sent = try await ledger.database.rows(
      "SELECT message_key, remote_id FROM redress.handover WHERE answer = 'sent' ORDER BY 1")
    #expect(sent.rows.map { $0[1] } == kept.sorted { $0.key < $1.key }.map(\.id))
    let list = remote.folder.appending(path: "there").path()
    let compared = try await ledger.handover(["--reconcile", list])
    #expect(compared.output == "compared: 6 agree, 0 to look at\n")
    let verified = try await ledger.database.redress(["verify"])
    #expect(verified.exitCode == 0, "\(verified.output)")
  }

  @Test(arguments: systems)
  func whateverGoesWrongEachMessageIsThereOnce(system: String) async throws {
    try await Self.withLedger(system) { ledger in
      try await RemoteSystem.with { remote in
        try remote.script(
          "forget look-error answer drop late-error busy conflict error answer silent "
            + (system == "other" ? "" : "page page ") + "forget")
        let sent = try await ledger.send(to: remote)
        #expect(sent.exitCode == 0, "\(sent.output)\(sent.errors)")
        #expect(sent.output.hasPrefix("handed over: 6 sent"), "\(sent.output)")
        #expect(try remote.stepsLeft == "")
        try await expectWhole(ledger, remote)
        let again = try await ledger.send(to: remote)
        #expect(again.output == "handed over: 0 sent\n")
        #expect(try remote.kept.count == 6)
      }
    }
  }

  @Test(arguments: systems)
  func aCrashBeforeOrAfterItArrivesLosesAndDoublesNothing(system: String) async throws {
    try await Self.withLedger(system) { ledger in
      try await RemoteSystem.with { remote in
        try remote.script("answer kill-before")
        #expect(try await ledger.send(to: remote, killable: true).exitCode == 137)
        #expect(try await ledger.pendingKeys.count == 5)
        try remote.script("answer kill-after")
        #expect(try await ledger.send(to: remote, killable: true).exitCode == 137)
        #expect(try await ledger.pendingKeys.count == 4)
        let states = try await ledger.database.rows(
          "SELECT answer, count(*) FROM redress.handover GROUP BY answer ORDER BY answer")
        #expect(states.rows == [["begun", "4"], ["sent", "2"]])
        let sent = try await ledger.send(to: remote)
        #expect(sent.output.hasPrefix("handed over: 4 sent"), "\(sent.output)\(sent.errors)")
        try await expectWhole(ledger, remote)
      }
    }
  }

  /// Stripe may have forgotten a key after a day: then the message is looked for.
  @Test func aKeyThatIsForgottenIsLookedFor() async throws {
    try await Self.withLedger("stripe") { ledger in
      try await RemoteSystem.with { remote in
        try remote.script("kill-after")
        #expect(try await ledger.send(to: remote, killable: true).exitCode == 137)
        try await ledger.database.psql([
          "UPDATE redress.handover SET noted_at = noted_at - interval '23 hours'",
          """
          UPDATE redress.handover SET digest = redress.handover_digest(
            customer_id, message_key, entry, attempt, answer, system, invoice_id, currency, subscription_id, incident_id,
            billing_month, line, amount_minor, said, remote_id, message, noted_at, noted_by)
          """,
        ])
        try remote.script("prune")
        let sent = try await ledger.send(to: remote)
        #expect(sent.output == "handed over: 6 sent, 1 of them there already\n", "\(sent.errors)")
        try await expectWhole(ledger, remote)
      }
    }
  }

  /// What the ledger noted is lost with a database that is restored from a backup.
  @Test(arguments: ["stripe", "lago", "killbill"])
  func aRestoredLedgerLooksFirst(system: String) async throws {
    try await Self.withLedger(system) { ledger in
      try await RemoteSystem.with { remote in
        try remote.script("answer answer answer kill-before")
        #expect(try await ledger.send(to: remote, killable: true).exitCode == 137)
        try await ledger.database.psql("TRUNCATE redress.handover")
        try remote.script("prune")
        let sent = try await ledger.send(to: remote, ["--look-first"])
        #expect(sent.output == "handed over: 6 sent, 3 of them there already\n", "\(sent.errors)")
        try await expectWhole(ledger, remote)
      }
    }
  }

  @Test func whatIsRefusedWaitsForAPerson() async throws {
    try await Self.withLedger("lago") { ledger in
      try await RemoteSystem.with { remote in
        try remote.script("answer refuse answer")
        let sent = try await ledger.send(to: remote)
        #expect(sent.exitCode == 3)
        #expect(
          sent.output.contains("Lago refused it with status 400: {\"error\":"), "\(sent.output)")
        #expect(sent.output.hasSuffix("handed over: 5 sent, 1 to look at\n"))
        #expect(try await ledger.pendingKeys == [])
        #expect(try await ledger.send(to: remote).output == "handed over: 0 sent\n")
        #expect(try await ledger.send(to: remote, ["--again"]).output == "handed over: 1 sent\n")
        try await expectWhole(ledger, remote)
      }
    }
  }

  /// A slow server could do it after it was looked for.
  @Test func whatHasNoAnswerIsGivenTimeBeforeItIsLookedFor() async throws {
    try await Self.withLedger("lago") { ledger in
      try await RemoteSystem.with { remote in
        try remote.script("drop")
        let start = ContinuousClock.now
        let sent = try await ledger.send(to: remote, ["--settle", "1"])
        #expect(sent.exitCode == 0, "\(sent.output)\(sent.errors)")
        #expect(ContinuousClock.now - start >= .seconds(1))
        try await expectWhole(ledger, remote)
      }
    }
  }

  @Test func whereNothingAnswersMessagesAreUnknown() async throws {
    try await Self.withLedger("killbill") { ledger in
      try await RemoteSystem.with { remote in
        try remote.script(String(repeating: "drop ", count: 18))
        let sent = try await ledger.send(to: remote, ["--retries", "2"])
        #expect(sent.exitCode == 3)
        #expect(sent.output.hasSuffix("handed over: 0 sent, 6 to look at\n"), "\(sent.output)")
        #expect(try await ledger.pendingKeys.count == 6)
        #expect(try await ledger.send(to: remote).exitCode == 0)
        try await expectWhole(ledger, remote)
      }
    }
  }

  @Test func secretsAreNeverShown() async throws {
    try await Self.withLedger("stripe") { ledger in
      try await RemoteSystem.with { remote in
        try remote.script("forbid")
        let sent = try await ledger.send(
          to: remote, ["--secret-env", "THE_KEY"], environment: ["THE_KEY": "sk_test_geheim"])
        #expect(sent.exitCode == 1)
        #expect(sent.errors.contains("status 401"), "\(sent.errors)")
        #expect(!(sent.output + sent.errors).contains("geheim"))
        let noted = try await ledger.database.psql("SELECT * FROM redress.handover")
        #expect(noted.contains("unknown") && !noted.contains("geheim"))
        let missing = try await ledger.send(to: remote, ["--secret-env", "NO_SUCH_KEY"])
        #expect(missing.exitCode == 64)
        #expect(try await ledger.send(to: remote).exitCode == 0)
        try await expectWhole(ledger, remote)
      }
    }
  }

  @Test func aCertificateThatNobodyVouchesForIsRefused() async throws {
    try await Self.withLedger("other") { ledger in
      try await RemoteSystem.with(isSelfSigned: true) { remote in
        let sent = try await ledger.send(to: remote, ["--retries", "0"])
        #expect(sent.exitCode == 3)
        #expect(sent.output.contains("SSL peer certificate"), "\(sent.output)\(sent.errors)")
        #expect(try remote.kept == [])
      }
    }
  }

  @Test func oneSenderAtATime() async throws {
    try await Self.withLedger("other") { ledger in
      try await RemoteSystem.with { remote in
        let other = try Connection(ledger.database.target)
        try other.execute("SELECT pg_advisory_lock(1380209235, 15)")
        let sent = try await ledger.send(to: remote)
        #expect(sent.exitCode == 75)
        #expect(sent.errors.hasPrefix("redress: somebody else is handing over"), "\(sent.errors)")
        #expect(try remote.kept == [])
      }
    }
  }

  @Test func aWalletThatIsNotKnownStopsNothingElse() async throws {
    try await Self.withLedger("lago") { ledger in
      try Data().write(to: ledger.folder.appending(path: "map.jsonl"))
      let pending = try await ledger.handover(["--pending"])
      #expect(pending.exitCode == 3)
      #expect(pending.output.isEmpty)
      #expect(pending.errors.contains("No wallet is known for this customer and currency."))
    }
  }

  /// What the source says of the fees is told in each message; what it says in two ways is unknown.
  @Test func eachMessageSaysWhetherItsAmountHoldsTax() async throws {
    struct Message: Decodable {
      let customer: String
      let tax: String
      let body: String
    }
    try await Self.withLedger("stripe") { ledger in
      func told() async throws -> Set<String> {
        let pending = try await ledger.handover(["--pending"])
        let messages = try pending.output.split(separator: "\n").map {
          try JSONDecoder().decode(Message.self, from: Data($0.utf8))
        }
        #expect(messages.count == 6)
        #expect(messages.allSatisfy { $0.body.contains("metadata%5Btax%5D=\($0.tax)") })
        return Set(messages.map(\.tax))
      }
      #expect(try await told() == ["unknown"])
      try await ledger.database.psql([
        "ALTER TABLE redress_source.subscription_term ADD COLUMN tax text DEFAULT ' Excluded'"
      ])
      #expect(try await told() == ["excluded"])
      try await ledger.database.psql(
        "UPDATE redress_source.subscription_term SET tax = 'net'")
      #expect(try await told() == ["unknown"])
      try await ledger.database.psql([
        "UPDATE redress_source.subscription_term SET tax = 'included'",
        """
        INSERT INTO redress_source.subscription_term (subscription_id, customer_id, service_id, plan, monthly_fee, currency,
          valid_from, valid_to, tax)
        SELECT subscription_id, customer_id, service_id, plan, monthly_fee, currency, '2020-01-01Z', '2020-02-01Z', 'excluded'
        FROM redress_source.subscription_term
        WHERE subscription_id = (SELECT min(subscription_id) FROM redress_source.subscription_term)
        """,
      ])
      #expect(try await told() == ["included", "unknown"])
    }
  }
}
