import FoundationEssentials
import Testing

/// What an audit leaves out: in which month and zone, and how each format reports it.
struct AuditOmissionTests {
  private static let source = """
    INSERT INTO redress_source.incident (incident_id, title, severity, status, started_at, resolved_at) VALUES
      ('bad-east', 'Bad', 'SEV', 'resolved', '2026-02-28 18:30Z', '2026-02-28 19:00Z'),
      ('bad-late', 'Not begun', 'SEV', 'open', '2026-12-01 00:00Z', NULL),
      ('bad-never', 'Bad', 'P1', 'open', '-infinity', NULL),
      ('good', 'Good', 'P1', 'resolved', '2026-10-05 10:00Z', '2026-10-05 11:00Z'),
      ('void-east', 'Void', 'P1', 'void', '2026-02-28 18:29:59.999999Z', NULL);
    INSERT INTO redress_source.outage (incident_id, severity, started_at, ended_at) VALUES
      ('good', 'P1', '2026-10-05 10:00Z', '2026-10-05 11:00Z');
    """

  private static let asOf = ["--as-of", "2026-11-19T00:00:00Z"]

  /// Two versions in two zones. Kolkata is 5.5 hours ahead of UTC, Havana 4 or 5 hours behind.
  private static func withPolicy(
    _ body: (SourceDatabase, [String], URL) async throws -> Void
  ) async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let file = folder.appending(path: "zones.yaml")
        try Data(
          """
          versions:
            - {version: east, effective_from: 2020-01-01, time_zone: Asia/Kolkata, tiers: none}
            - {version: west, effective_from: 2026-11-01, time_zone: America/Havana, tiers: none}

          """.utf8
        ).write(to: file)
        let database = try await SourceDatabase()
        try await database.psql([source])
        try await body(database, asOf + ["--policy", file.path(percentEncoded: false)], folder)
      }
    }
  }

  @Test func anIncidentOfAnotherZoneSaysSo() async throws {
    try await AuditOmissionTests.withPolicy { database, options, _ in
      let month = ["audit", "--month", "2026-10"] + options
      let text = try await database.redress(month).output
      #expect(text.contains("As of 2026-11-18 19:00, times in America/Havana.\n"))
      #expect(text.contains("\nPolicy version east, times in Asia/Kolkata."))
      #expect(
        text.contains(
          "P1, began 2026-10-05 15:30, resolved 2026-10-05 16:30, times in Asia/Kolkata\n"))
      let page = try await database.redress(month + ["--format", "html"]).output
      #expect(page.contains(">2026-10-05 15:30 Asia/Kolkata</time>"))
      #expect(page.contains("datetime=\"2026-10-05T10:00:00Z\""))
      #expect(page.contains("<bdi>Asia/Kolkata</bdi>") && page.contains("<bdi>east</bdi>"))
    }
  }

  /// Void and bad incidents belong to a month of the zone, like all others. An incident without a
  /// known month belongs to every month.
  @Test func theyHaveTheMonthOfTheirZone() async throws {
    try await AuditOmissionTests.withPolicy { database, options, _ in
      func leftOut(_ month: String) async throws -> [String] {
        let finished = try await database.redress(
          ["audit", "--month", month, "--format", "csv"] + options)
        #expect(finished.exitCode == 0)
        return finished.errors.split(separator: "\n").map(String.init)
      }
      #expect(
        try await leftOut("2026-03") == [
          "left out: 2 incidents with bad rows, which redress check lists: bad-east (unknown_severity) and bad-never (infinite_time)."
        ])
      #expect(
        try await leftOut("2026-02") == [
          "left out: Void, and so not looked at: void-east.",
          "left out: 1 incident with a bad row, which redress check lists: bad-never (infinite_time).",
        ])
      // An incident that has not begun is not reported.
      let december = try await database.redress(
        ["audit", "--month", "2026-12", "--format", "csv"] + options)
      #expect(!december.errors.contains("bad-late"))
    }
  }

  @Test func everyFormatSaysWhatIsMissing() async throws {
    try await AuditOmissionTests.withPolicy { database, options, folder in
      let one = ["audit", "--incident", "bad-east"] + options
      let csv = try await database.redress(one + ["--format", "csv"])
      #expect(csv.exitCode == 3 && csv.output.split(separator: "\r\n").count == 1)
      #expect(csv.errors.contains("bad-east (unknown_severity)"))
      let json = try await database.redress(one + ["--format", "jsonl", "--strict"])
      #expect(json.exitCode == 3 && json.output.isEmpty && json.errors == csv.errors)
      for format in ["text", "html"] {
        let finished = try await database.redress(one + ["--format", format])
        #expect(finished.output.contains("bad-east (unknown_severity)") && finished.errors.isEmpty)
      }
      // A void incident is not a finding.
      #expect(
        try await database.redress(["audit", "--incident", "void-east", "--strict"] + options)
          .exitCode == 0)
      let metrics = folder.appending(path: "audit.prom")
      _ = try await database.redress(
        ["audit", "--month", "2026-02", "--metrics-file", metrics.path(percentEncoded: false)]
          + options)
      let text = try String(contentsOf: metrics, encoding: .utf8)
      #expect(text.contains("\nredress_audit_omitted_incidents{reason=\"void\"} 1\n"))
      #expect(text.contains("\nredress_audit_omitted_incidents{reason=\"bad_row\"} 1\n"))
    }
  }

  /// A bad record is reported by the audit in every format, by the check and by the run.
  @Test func badRecordsAreToldByAll() async throws {
    try await AuditOmissionTests.withPolicy { database, options, folder in
      try await database.psql([
        """
        DELETE FROM redress_source.incident WHERE incident_id <> 'good';
        INSERT INTO redress_source.incident_event (incident_id, occurred_at, kind) VALUES
          ('good', '2026-10-05 10:10Z', 'Status Page-Update');
        INSERT INTO redress_source.post_mortem VALUES ('NOPE', NULL);
        """
      ])
      let sentences = [
        "incident_event good / 2026-10-05T10:10:00Z / Status Page-Update: The kind of this event is 'Status Page-Update', which is not listed, so it is not applied. Write status_page_update.",
        "post_mortem NOPE: The post-mortem is about incident 'NOPE', which the source does not have. Correct the post-mortem's incident_id or add the incident.",
      ]
      let month = ["audit", "--month", "2026-10"] + options
      for format in ["text", "csv", "jsonl", "html"] {
        let finished = try await database.redress(month + ["--format", format])
        let told = format == "csv" || format == "jsonl" ? finished.errors : finished.output
        for sentence in sentences {
          let escaped = sentence.replacing("'", with: "&#39;")
          #expect(told.contains(sentence) || told.contains(escaped), "\(format): \(told)")
        }
      }
      let metrics = folder.appending(path: "audit.prom")
      _ = try await database.redress(
        month + ["--metrics-file", metrics.path(percentEncoded: false)])
      let text = try String(contentsOf: metrics, encoding: .utf8)
      for code in ["unknown_kind", "incident_missing"] {
        #expect(text.contains("\nredress_audit_findings{code=\"\(code)\"} 1\n"))
      }
      // Rows of other incidents are left out.
      let other = try await database.redress(["audit", "--incident", "good"] + options).output
      #expect(other.contains("Status Page-Update") && !other.contains("NOPE"))
      let check = try await database.redress(["check"] + options)
      let run = try await database.redress(
        ["run", "--quiet", "--output", folder.path(percentEncoded: false)] + options)
      #expect(check.exitCode == 3 && run.exitCode == 3, "\(check.output)\(run.errors)")
      let findings = try String(
        contentsOf: folder.appending(path: "findings-run-1.csv"), encoding: .utf8)
      for key in ["good / 2026-10-05T10:10:00Z / Status Page-Update", "NOPE"] {
        #expect(check.output.contains(key) && findings.contains(key))
      }
    }
  }

  /// A status that is not listed counts as open. If such an incident has a time of resolution, its
  /// end is unknown.
  @Test func aDoubtfulEndIsNotJudged() async throws {
    try await AuditOmissionTests.withPolicy { database, options, _ in
      try await database.psql([
        """
        DELETE FROM redress_source.incident WHERE incident_id <> 'good';
        UPDATE redress_source.incident SET status = 'closed';
        """
      ])
      let month = ["audit", "--month", "2026-10"] + options
      let closed = try await database.redress(month)
      #expect(closed.output.contains("\nNo incident to look at.\n"))
      #expect(
        closed.output.contains(
          "1 incident with a bad row, which redress check lists: good (held_open)."))
      try await database.psql(["UPDATE redress_source.incident SET resolved_at = NULL"])
      let open = try await database.redress(month)
      #expect(open.output.contains("MISSED  resolution "))
      #expect(
        open.output.contains(
          "  held_open incident good: The status is 'closed', which counts as open"))
    }
  }

  /// If everything is recorded, nothing is missed. Without a recorded answer, `--strict` fails.
  @Test func noRecordIsNotKept() async throws {
    try await AuditOmissionTests.withPolicy { database, options, _ in
      try await database.psql([
        """
        DELETE FROM redress_source.incident WHERE incident_id <> 'good';
        INSERT INTO redress_source.post_mortem VALUES ('good', '2026-10-06 10:00Z');
        UPDATE redress_source.incident SET acknowledged_at = '2026-10-05 10:10Z';
        """
      ])
      let strict = ["audit", "--month", "2026-10", "--strict"] + options
      let kept = try await database.redress(strict)
      #expect(kept.exitCode == 0, "\(kept.output)")
      #expect(
        kept.output.contains("1 incident, 1 with nothing missed and nothing without a record."))
      try await database.psql(["UPDATE redress_source.incident SET acknowledged_at = NULL"])
      let silent = try await database.redress(strict)
      #expect(silent.exitCode == 3)
      #expect(silent.output.contains("2 of 3 kept, 66.66 %; 0 missed, 1 without a record"))
      #expect(silent.output.contains("1 incident, 0 with nothing missed"))
      let misses = try await database.redress(strict + ["--misses", "--format", "csv"]).output
      #expect(misses.split(separator: "\r\n").count == 2 && misses.contains(",response,"))
    }
  }
}
