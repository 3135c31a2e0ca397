import FoundationEssentials
import Testing

/// `redress handover` without sending: answers, comparisons, tampering, credit notes.
struct HandoverRecordTests {
  private func write(_ lines: [String], _ ledger: HandoverTests.Ledger) throws -> String {
    let file = ledger.folder.appending(path: "lines.jsonl")
    try Data(lines.map { $0 + "\n" }.joined().utf8).write(to: file)
    return file.path()
  }

  private func answer(_ key: String, _ status: String, id: String? = nil) -> String {
    #"{"key": "\#(key)", "status": "\#(status)"\#(id.map { #", "id": "\#($0)""# } ?? "")}"#
  }

  private func codes(_ output: String) -> [Substring] {
    output.split(separator: "\n").dropLast().compactMap { $0.split(separator: " ").first }
  }

  @Test func answersAreTakenOnceAndNeverContradicted() async throws {
    try await HandoverTests.withLedger("stripe") { ledger in
      let keys = try await ledger.pendingKeys
      #expect(keys.count == 6)
      #expect(try await ledger.pendingKeys == keys)
      let file = try write(
        [
          answer(keys[0], "sent", id: "a"), answer(keys[0], "sent", id: "a"),
          answer(keys[1], "refused"), answer(keys[2], "unknown"),
        ], ledger)
      let first = try await ledger.handover(["--record", file])
      #expect(first.output == "recorded: 1 sent, 1 refused, 1 unknown, 1 known already\n")
      #expect(first.exitCode == 0, "\(first.errors)")
      let again = try await ledger.handover(["--record", file])
      #expect(again.output == "recorded: 0 sent, 0 refused, 0 unknown, 4 known already\n")
      #expect(try await ledger.pendingKeys == Array(keys[2...]))
      let wrong = try await ledger.handover([
        "--record",
        try write(
          [
            answer(keys[0], "sent", id: "b"), answer(keys[0], "refused"),
            answer(keys[0], "unknown"), answer("redress-0", "sent"),
            answer(keys[1], "sent", id: "c"),
            #"{"key": "\#(keys[3])", "status": "sent", "amount": "-9999"}"#,
          ], ledger),
      ])
      #expect(wrong.exitCode == 3)
      #expect(
        codes(wrong.output).sorted()
          == ["other_amount", "other_id", "refused_after_sent", "unknown_here"], "\(wrong.output)")
      #expect(
        wrong.output.hasSuffix(
          "recorded: 1 sent, 0 refused, 0 unknown, 1 known already, 4 not recorded\n"))
      let rows = try await ledger.database.rows(
        "SELECT entry, answer, remote_id FROM redress.handover WHERE message_key = '\(keys[1])' ORDER BY entry"
      )
      #expect(rows.rows == [["1", "refused", ""], ["2", "sent", "c"]])
      let bad = try await ledger.handover(["--record", try write(["{}"], ledger)])
      #expect(bad.exitCode == 64)
      #expect(bad.errors.contains("key is missing"), "\(bad.errors)")
    }
  }

  @Test func whatTheOtherSideHasIsCompared() async throws {
    try await HandoverTests.withLedger("stripe") { ledger in
      let keys = try await ledger.pendingKeys
      _ = try await ledger.handover([
        "--record", try write(keys[0...3].map { answer($0, "sent", id: "id-\($0)") }, ledger),
      ])
      func there(_ key: String, _ amount: String, id: String) -> String {
        #"{"key": "\#(key)", "amount": \#(amount), "id": "\#(id)"}"#
      }
      let compared = try await ledger.handover([
        "--reconcile",
        try write(
          [
            there(keys[0], "-10000", id: "id-\(keys[0])"),
            there(keys[0], "-10000", id: "id-\(keys[0])"),
            there(keys[1], "-10000", id: "id-\(keys[1])"), there(keys[1], "-10000", id: "x"),
            there(keys[2], "-9999", id: "id-\(keys[2])"), there(keys[4], "\"10000\"", id: "y"),
            there("redress-0", "-1", id: "z"),
          ], ledger),
      ])
      #expect(compared.exitCode == 3)
      #expect(
        codes(compared.output).sorted()
          == ["doubled_there", "missing_there", "not_recorded", "other_amount", "unknown_here"],
        "\(compared.output)")
      #expect(compared.output.hasSuffix("compared: 1 agree, 5 to look at\n"), "\(compared.output)")
      #expect(compared.output.contains("\(keys[3]) (c / "), "\(compared.output)")
    }
  }

  /// The role of the job appends, and neither changes anything nor says who it was; what the owner changes is found.
  @Test func tamperingIsFound() async throws {
    try await HandoverTests.withLedger("other") { ledger in
      let keys = try await ledger.pendingKeys
      _ = try await ledger.handover([
        "--record", try write(keys.map { answer($0, "sent", id: $0) }, ledger),
      ])
      #expect(try await ledger.database.redress(["verify"]).exitCode == 0)
      for forbidden in [
        "UPDATE redress.handover SET said = '0'", "DELETE FROM redress.handover",
        "INSERT INTO redress.handover (noted_by) VALUES ('x')",
      ] {
        await #expect(throws: SourceDatabase.SetupError.self, "\(forbidden)") {
          try await ledger.database.psql(["SET ROLE redress_job", forbidden])
        }
      }
      let one = "WHERE message_key = '\(keys[0])'"
      for (change, words) in [
        ("amount_minor = amount_minor - 1", "minor units"),
        ("said = '-1.00'", "said"), ("message_key = 'redress-0'", "message_key"),
        ("system = 'lago', entry = 2", "system"), ("noted_by = 'mara'", "its digest was made of"),
      ] {
        try await ledger.database.psql([
          "CREATE TABLE kept AS SELECT * FROM redress.handover",
          "UPDATE redress.handover SET \(change) \(one)",
        ])
        let verified = try await ledger.database.redress(["verify"])
        #expect(verified.exitCode == 2, "\(change)")
        #expect(verified.output.contains(words), "\(verified.output)")
        try await ledger.database.psql([
          "TRUNCATE redress.handover", "INSERT INTO redress.handover SELECT * FROM kept",
          "DROP TABLE kept",
        ])
      }
      for statement in [
        "SELECT redress.release_invoice('balance:other')",
        """
        INSERT INTO redress.invoice_line
          (amount_minor, placed_at, line, billing_month, customer_id, subscription_id, incident_id, currency, invoice_id)
        VALUES (-1, now(), 9, '2026-10-01', 'c', 's1', 'i1', 'USD', 'balance:other')
        """,
      ] {
        await #expect(throws: SourceDatabase.SetupError.self, "\(statement)") {
          try await ledger.database.psql(statement)
        }
      }
    }
  }

  /// What a draft carried when it was finalized is told as one credit note, whatever lines it is made of.
  @Test func creditNotesAreOfWhatFinalizedInvoicesCarry() async throws {
    try await HandoverTests.withLedger("stripe") { ledger in
      try await ledger.database.psql([
        "UPDATE redress_source.incident SET status = 'resolved'",
        "INSERT INTO redress_source.incident (incident_id, title, severity, status, started_at, resolved_at) VALUES ('i3', 'T', 'P0', 'resolved', '2026-10-08+00', '2026-10-08 02:00+00')",
        "INSERT INTO redress_source.outage VALUES ('i3', 'P0', NULL, NULL, '2026-10-08+00', '2026-10-08 02:00+00')",
      ])
      try Data(
        """
        versions:
          - version: v
            effective_from: 2025-01-01
            time_zone: UTC
            tiers:
              - {severity: P0, longer_than: 1h, credit: 10%}
            balance: stripe
          - version: drafts
            effective_from: 2026-11-03
            time_zone: UTC
            tiers:
              - {severity: P0, longer_than: 1h, credit: 10%}
        """.utf8
      ).write(to: ledger.folder.appending(path: "policy.yaml"))
      let night = try await ledger.night("2026-11-03T06:00:00Z")
      #expect(night.exitCode == 0, "\(night.errors)")
      func notes(_ from: String) async throws -> String {
        try await ledger.handover(["--as", "credit-note", "--issued-from", from, "--pending"])
          .output
      }
      #expect(try await notes("2026-11-01") == "")
      try await ledger.database.psql("UPDATE redress_source.invoice SET status = 'finalized'")
      #expect(try await notes("2026-11-02") == "")
      let told = try await notes("2026-11-01")
      #expect(told.split(separator: "\n").count == 1)
      #expect(told.contains(#""body":"invoice=inv-1\u0026amount=25000\u0026"#), "\(told)")
    }
  }
}
