import FoundationEssentials
import Testing

/// `redress verify` on a ledger that a superuser has changed.
struct VerifyTests {
  @Test func cleanLedgerAgrees() async throws {
    try await VerifyTests.withLedger { database, folder in
      let finished = try await database.redress(["verify", "--output", folder.path()])
      #expect(finished.exitCode == 0, "\(finished.output)\(finished.errors)")
      #expect(
        finished.output == """
          verified 2 runs, 10 revisions (10 worked out again), 3 invoice lines, 3 frozen documents, \
          8 files: everything agrees

          """)
      let json = try await database.redress(["verify", "--format", "jsonl"])
      #expect(
        json.output == """
          {"runs":2,"revisions":10,"recomputed":10,"invoice_lines":3,"documents":3,"files":0,\
          "differences":0}

          """)
      // Later lines of the invoicing system are not a discrepancy.
      try await database.psql("SELECT redress.place_on_invoice('inv-9', 'c', 'USD', 120)")
      try await database.psql("SELECT redress.release_invoice('inv-9')")
      let later = try await database.redress(["verify", "--output", folder.path()])
      #expect(later.exitCode == 0, "\(later.output)")
    }
  }

  @Test func whatEarlierRunsLeftIsTakenAsVerified() async throws {
    try await VerifyTests.withLedger { database, _ in
      let clean = try await database.redress(["verify", "--since", "1"])
      #expect(clean.exitCode == 0, "\(clean.output)\(clean.errors)")
      let missing = try await database.redress(["verify", "--since", "9"])
      #expect(missing.exitCode == 1, "\(missing.output)")
      try await database.psql(
        "UPDATE redress.credit_revision SET customer_name = 'Other' WHERE run_id = 2")
      let taken = try await database.redress(["verify", "--since", "2"])
      #expect(taken.exitCode == 0, "\(taken.output)")
      let later = try await database.redress(["verify", "--since", "1"])
      #expect(later.exitCode == 2)
      #expect(later.output.contains("run 2: "), "\(later.output)")
    }
  }

  @Test(arguments: tamperings)
  func finds(_ tampering: Tampering) async throws {
    try await VerifyTests.withLedger { database, folder in
      if !tampering.statements.isEmpty { try await database.psql(tampering.statements) }
      if let file = tampering.file {
        let url = folder.appending(path: file.name)
        if let changed = file.change(try Data(contentsOf: url)) {
          try changed.write(to: url)
        } else {
          try FileManager.default.removeItem(at: url)
        }
      }
      let finished = try await database.redress(
        ["verify"] + (tampering.hasFiles ? ["--output", folder.path()] : []))
      #expect(finished.exitCode == 2, "\(finished.output)\(finished.errors)")
      for part in tampering.finds {
        #expect(finished.output.contains(part), "\(part) is not in\n\(finished.output)")
      }
    }
  }

  @Test(
    "a subscription that has moved, and a customer's own zone, are worked out again from the evidence"
  )
  func movedSubscription() async throws {
    let database = try await SourceDatabase()
    try await database.psql([
      """
      INSERT INTO redress_source.service VALUES ('svc', 'Service');
      INSERT INTO redress_source.customer (customer_id, name, tier, time_zone)
      VALUES ('a', 'A', 'gold', NULL), ('b', 'B', 'gold', 'Asia/Tokyo');
      INSERT INTO redress_source.subscription_term VALUES
        ('s', 'a', 'svc', 'p', 1000, 'USD', '2026-01-01+00', '2026-10-05 02:00+00'),
        ('s', 'b', 'svc', 'p', 1000, 'USD', '2026-10-05 02:00+00', NULL);
      INSERT INTO redress_source.incident (incident_id, title, severity, status, started_at, resolved_at) VALUES
        ('i', 'Down', 'P0', 'resolved', '2026-10-05 00:00+00', '2026-10-05 05:00+00'),
        ('j', 'Again', 'P0', 'resolved', '2026-10-05 01:30+00', '2026-10-05 06:00+00');
      -- The first incident touched the service of the former customer only, and the second everybody.
      INSERT INTO redress_source.outage (incident_id, severity, customer_id, started_at, ended_at) VALUES
        ('i', 'P0', 'a', '2026-10-05 00:00+00', '2026-10-05 05:00+00'),
        ('j', 'P0', NULL, '2026-10-05 01:30+00', '2026-10-05 06:00+00');
      INSERT INTO redress_source.exclusion VALUES
        ('x', 'customer_fault', NULL, 'a', '2026-10-05 00:00+00', '2026-10-05 00:30+00', NULL);
      """
    ])
    try await withTemporaryFolder { folder in
      let run = try await database.redress([
        "run", "--as-of", "2026-11-02", "--approve-limits", "--approved-by=tests",
        "--reason=first load", "--output", folder.path(),
      ])
      #expect(run.exitCode == 0, "\(run.errors)")
      let count = try await database.psql("SELECT count(*) AS n FROM redress.credit")
      let n = count.split(separator: "\n").last ?? ""
      #expect(n != "0")
      let verified = try await database.redress(["verify"])
      #expect(verified.exitCode == 0, "\(verified.output)")
      #expect(
        verified.output.contains("\(n) revisions (\(n) worked out again)"), "\(verified.output)")
      // The error can only be seen from the other customer's window.
      try await database.psql([
        """
        UPDATE redress.decision SET counted_microseconds = counted_microseconds + 60000000,
          outage_ended_at = outage_ended_at + interval '1 minute'
        """
      ])
      let tampered = try await database.redress(["verify"])
      #expect(tampered.exitCode == 2)
      #expect(tampered.output.contains("counted_microseconds is "), "\(tampered.output)")
    }
  }

  /// The history of the report's tests, and a customer with an exclusion and a changed plan.
  /// A ledger and the files of its runs, made once: making it takes longer than any test of it.
  private static let ledger = Task {
    let folder = FileManager.default.temporaryDirectory.appending(path: "redress-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let database = try await ReportTests.makeHistory(
      more: [
        """
        INSERT INTO redress_source.customer (customer_id, name, tier, time_zone)
        VALUES ('d', 'Delta', 'gold', 'Asia/Tokyo');
        INSERT INTO redress_source.subscription_term VALUES
          ('s4', 'd', 'svc', 'basic', 500, 'EUR', '2026-01-01+00', '2026-10-05 04:00+00'),
          ('s4', 'd', 'svc', 'pro', 700, 'EUR', '2026-10-05 04:00+00', NULL);
        INSERT INTO redress_source.exclusion VALUES
          ('x', 'customer_fault', NULL, 'd', '2026-10-06+00', '2026-10-07+00', NULL);
        """
      ], folder)
    var files: [String: Data] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path()) {
      files[name] = try Data(contentsOf: folder.appending(path: name))
    }
    return (database: database, files: files)
  }

  private static func withLedger(
    _ body: (SourceDatabase, URL) async throws -> Void
  ) async throws {
    let ledger = try await ledger.value
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        for (name, content) in ledger.files {
          try content.write(to: folder.appending(path: name))
        }
        try await body(try SourceDatabase(copyOf: ledger.database), folder)
      }
    }
  }
}
