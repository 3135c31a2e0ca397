import FoundationEssentials
import TestSupport
import Testing

/// A run that a signal ends leaves nothing behind.
struct SignalTests {
  /// Sources that take long to read, each at another place.
  private static let slow: [String: [String]] = [
    "incidents": [
      "ALTER TABLE redress_source.incident RENAME TO ticket",
      """
      CREATE VIEW redress_source.incident AS
      SELECT t.* FROM redress_source.ticket AS t, (SELECT pg_sleep(300)) AS slow
      """,
    ],
    // Half of the customers are written by then.
    "terms": [
      "INSERT INTO redress_source.customer SELECT 'C' || n, 'Customer', 'business' FROM generate_series(1, 5000) AS n",
      """
      INSERT INTO redress_source.subscription_term
      SELECT 'S' || n, 'C' || n, 'S', 'standard', 10, 'USD', '2026-01-01Z' FROM generate_series(1, 5000) AS n
      """,
      "ALTER TABLE redress_source.subscription_term RENAME TO contract",
      """
      CREATE VIEW redress_source.subscription_term AS
      SELECT c.subscription_id, c.customer_id, c.service_id, c.plan, c.monthly_fee, c.currency,
        CASE WHEN c.customer_id = 'C4000' AND pg_sleep(300) IS NULL THEN NULL ELSE c.valid_from END AS valid_from,
        c.valid_to
      FROM redress_source.contract AS c
      """,
    ],
    "lock": [],
  ]

  /// Ends a run as soon as `CONDITION` holds on the server; prints its exit code.
  private static let script = #"""
    set -m
    if [ "$HELD" = schema ]; then
      psql -XqAt -c BEGIN -c 'LOCK TABLE redress.schema_migration' -c 'SELECT pg_sleep(300)' > /dev/null 2>&1 &
      until [ "$(psql -XqAtc "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation = 'redress.schema_migration'::regclass")" = 1 ]; do sleep 0.05; done
    fi
    if [ "$HELD" = yes ]; then
      psql -XqAt -c BEGIN -c 'SELECT pg_advisory_xact_lock_shared(1380209235, 2)' -c 'SELECT pg_sleep(300)' > /dev/null 2>&1 &
      until [ "$(psql -XqAtc "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 2 AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")" = 1 ]; do sleep 0.05; done
    fi
    redress run --output "$FOLDER" --as-of 2026-11-01 --approve-limits --approved-by=tests --reason=first-load "$@" 2> "$FOLDER/errors" &
    run=$!
    waited=0
    until [ "$(psql -XqAtc "$CONDITION")" != 0 ]; do
      sleep 0.05
      waited=$((waited + 1))
      if [ $waited -gt 600 ]; then echo never; exit; fi
    done
    kill -s "$SIGNAL" $run
    wait $run
    echo $?
    """#

  @Test(arguments: [
    ("TERM", "incidents", "143"), ("INT", "incidents", "130"), ("HUP", "incidents", "129"),
    ("TERM", "terms", "143"), ("TERM", "lock", "143"), ("TERM", "schema", "143"),
  ])
  func endsARunThat(_ signal: String, _ waitsFor: String, _ exitCode: String) async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let database = try await SourceDatabase()
        try await database.psql(ErrorCase.source + SignalTests.slow[waitsFor, default: []])
        let activity = "FROM pg_stat_activity WHERE datname = current_database() AND "
        let waitsForLock = ["lock", "schema"].contains(waitsFor)
        let condition =
          waitsForLock
          ? "SELECT count(*) \(activity) application_name = 'redress run' AND wait_event_type = 'Lock'"
          : "SELECT count(*) \(activity) application_name = 'redress run' AND wait_event = 'PgSleep'"
        let clock = ContinuousClock()
        var finished: Finished?
        let time = try await clock.measure {
          finished = try await run(
            "bash", ["-c", SignalTests.script, "bash"],
            environment: database.environment.merging([
              "CONDITION": condition, "FOLDER": folder.path(), "SIGNAL": signal,
              "HELD": waitsFor == "lock" ? "yes" : waitsFor,
            ]) { $1 })
        }
        let errors = try String(contentsOf: folder.appending(path: "errors"), encoding: .utf8)
        #expect(finished?.output == "\(exitCode)\n", "\(errors)")
        #expect(
          errors.contains("nothing was written") && errors.hasPrefix("redress: stopped by signal"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path()) == ["errors"])
        #expect(try await database.psql("SELECT count(*) FROM redress.run") == "count\n0\n")
        // The program has closed its connections; the server needs some time to end its processes.
        var left = ""
        for _ in 0..<600 where left != "count\n0\n" {
          if !left.isEmpty { try await Task.sleep(for: .milliseconds(100)) }
          left = try await database.psql(
            "SELECT count(*) \(activity) application_name = 'redress run' AND state <> 'idle'")
        }
        #expect(left == "count\n0\n")
        #expect(time < .seconds(250))
      }
    }
  }

  /// The program does not wait for a server that accepts the connection but sends nothing.
  @Test func endsWhileConnecting() async throws {
    let finished = try await run(
      "bash",
      [
        "-c",
        #"""
        set -m
        coproc listener { python3 -c 'import socket, time; s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(); print(s.getsockname()[1], flush=True); c = s.accept(); print("connected", flush=True); time.sleep(600)'; }
        read -r port <&"${listener[0]}"
        metrics=$(mktemp -d)
        redress run --output /tmp --metrics-file $metrics/run.prom --database "host=127.0.0.1 port=$port connect_timeout=50" &
        run=$!
        read -r connected <&"${listener[0]}"
        kill -TERM $run
        wait $run
        echo $?
        grep '^redress_run_exit_code' $metrics/run.prom | grep -o '[0-9]*$'
        rm -r $metrics
        kill %1
        """#,
      ])
    #expect(finished.output == "143\n143\n", "\(finished.errors)")
    #expect(finished.errors.contains("stopped by signal 15 (termination); nothing was written"))
  }

  /// `nohup` and background jobs of a shell ignore a signal on purpose.
  @Test func ignoresWhatTheCallerIgnores() async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let database = try await SourceDatabase()
        let finished = try await run(
          "bash",
          [
            "-c",
            #"""
            trap '' INT HUP
            redress run --output "$FOLDER" --as-of 2026-11-01 &
            run=$!
            kill -INT $run; kill -HUP $run; sleep 0.02; kill -INT $run
            wait $run
            echo $?
            """#,
          ], environment: database.environment.merging(["FOLDER": folder.path()]) { $1 })
        #expect(finished.output == "0\n", "\(finished.errors)")
      }
    }
  }

  /// `redress policy show | head -1` reports no error.
  @Test func isQuietWhereNobodyReads() async throws {
    let finished = try await run(
      "bash",
      ["-c", "redress policy show | (exec <&-; sleep 0.2); echo ${PIPESTATUS[0]}"])
    #expect(finished.output == "141\n")
    #expect(finished.errors.isEmpty)
  }

  /// If standard error is closed, messages must not go to the file or connection that is opened
  /// next.
  @Test func keepsToItsStreams() async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let database = try await SourceDatabase()
        try await database.psql(ErrorCase.source)
        let finished = try await run(
          "bash",
          [
            "-c",
            #"redress run --output "$FOLDER" --as-of 2026-11-01 --approve-limits --approved-by=tests --reason=first-load --verbose <&- >&- 2>&-; echo $? >&3"#,
          ].map { $0 == "-c" ? $0 : "exec 3>&1; " + $0 },
          environment: database.environment.merging(["FOLDER": folder.path()]) { $1 })
        #expect(finished.output == "0\n")
        let credits = try String(
          contentsOf: folder.appending(path: "credits-run-1.csv"), encoding: .utf8)
        #expect(credits.split(separator: "\r\n").count == 2 && !credits.contains("stage"))
      }
    }
  }
}
