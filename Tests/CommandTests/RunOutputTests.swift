import FoundationEssentials
import Testing

/// The output of a run on standard error, in its folder and in the metrics file.
struct RunOutputTests {
  private static let night = [
    "run", "--as-of", "2026-11-01", "--approve-limits", "--approved-by=tests",
    "--reason=first-load", "--output",
  ]

  private func onDatabase(
    _ body: (SourceDatabase, URL) async throws -> Void
  ) async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let database = try await SourceDatabase()
        try await database.psql(ErrorCase.source)
        try await body(database, folder)
      }
    }
  }

  @Test func doneIsOneLine() async throws {
    try await onDatabase { database, folder in
      let finished = try await database.redress(RunOutputTests.night + [folder.path()])
      #expect(finished.exitCode == 0)
      #expect(finished.output.isEmpty)
      let path = String(folder.path().reversed().drop { $0 == "/" }.reversed())
      #expect(
        finished.errors == "run 1: 1 revision, 0 invoice lines; granted 250.00 USD; files "
          + "credits-run-1.csv, invoice-lines-run-1.csv, findings-run-1.csv, totals-run-1.json "
          + "in \(path)\n")
    }
  }

  @Test func quietIsNothing() async throws {
    try await onDatabase { database, folder in
      let finished = try await database.redress(RunOutputTests.night + [folder.path(), "--quiet"])
      #expect(finished.exitCode == 0)
      #expect(finished.output.isEmpty && finished.errors.isEmpty)
    }
  }

  @Test func jsonIsOneObjectALine() async throws {
    try await onDatabase { database, folder in
      let json = ["--log-format", "json"]
      let night = RunOutputTests.night + [folder.path()]
      let done = try await database.redress(night + json)
      #expect(done.errors.split(separator: "\n").count == 1)
      let summary = try JSONDecoder().decode(Summary.self, from: Data(done.errors.utf8))
      #expect(summary.level == "notice" && summary.verdict == "committed" && summary.runId == 1)
      #expect(summary.granted == ["USD": 25000] && summary.findings == 0)
      #expect(summary.files?.count == 4)

      let all = try await database.redress(night + json + ["--verbose"])
      let events = try all.errors.split(separator: "\n").map {
        try JSONDecoder().decode(Summary.self, from: Data($0.utf8)).event
      }
      #expect(
        events == ["began"] + Array(repeating: "stage", count: 6)
          + Array(repeating: "file", count: 4) + ["ended"])

      let failed = try await database.redress(
        ["run", "--output", "/nowhere\n{\"level\":\"notice\"}"] + json)
      #expect(failed.exitCode == 1)
      #expect(failed.errors.split(separator: "\n").count == 1)
      let failure = try JSONDecoder().decode(Summary.self, from: Data(failed.errors.utf8))
      #expect(failure.event == "failed" && failure.level == "error" && failure.exitCode == 1)
      #expect(failure.remedy == "Create the folder, or name another one.")
    }
  }

  private struct Summary: Decodable {
    let level: String
    let event: String
    let verdict: String?
    let runId: Int?
    let granted: [String: Int]?
    let findings: Int?
    let files: [String]?
    let exitCode: Int?
    let remedy: String?

    enum CodingKeys: String, CodingKey {
      case level, event, verdict, granted, findings, files, remedy
      case runId = "run_id"
      case exitCode = "exit_code"
    }
  }

  @Test func terminalHasAProgressBar() async throws {
    try await onDatabase { database, folder in
      try await database.psql(
        "INSERT INTO redress_source.customer SELECT 'C' || n, 'x', 'y' FROM generate_series(1, 9999) AS n"
      )
      let command =
        "stty cols 100; "
        + (["redress"] + RunOutputTests.night + [folder.path()]).joined(separator: " ")
      func typescript(_ environment: [String: String]) async throws -> String {
        try await run(
          "script", ["-qefc", command, "/dev/null"],
          environment: database.environment.merging(environment) { $1 }
        ).output
      }
      let plain = try await typescript(["TERM": "xterm", "NO_COLOR": "1", "LC_ALL": "C"])
      #expect(plain.contains("of 10,000 customers"))
      #expect(plain.contains("\r\u{1B}[Krun 1: "), "wiped before the summary: \(plain)")
      #expect(!plain.contains("\u{1B}[32m"))
      let rich = try await typescript(["TERM": "xterm", "NO_COLOR": "", "LC_ALL": "C.UTF-8"])
      #expect(rich.contains("\u{1B}[32m") && rich.contains("░"))
      let dumb = try await typescript(["TERM": "dumb"])
      #expect(!dumb.contains("customers") && dumb.contains("run 3: "))
    }
  }

  // MARK: Metrics

  @Test func metricsTellTheOutcome() async throws {
    try await onDatabase { database, folder in
      let file = folder.appending(path: "redress.prom")
      let options = [folder.path(), "--metrics-file", file.path()]
      func metrics() throws -> [String: String] {
        let text = try String(contentsOf: file, encoding: .utf8)
        var values: [String: String] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
          guard let space = line.lastIndex(of: " ") else { continue }
          values[String(line[..<space])] = String(line[line.index(after: space)...])
        }
        return values
      }

      let held = try await database.redress(
        ["run", "--as-of", "2026-11-01", "--output"] + options)
      #expect(held.exitCode == 0)
      _ = try await database.redress(RunOutputTests.night + options)
      let done = try metrics()
      #expect(done["redress_run_exit_code"] == "0")
      #expect(done["redress_run_held"] == "0")
      #expect(done["redress_run_id"] == "2")
      #expect(done["redress_run_findings{code=\"no_outage_scope\"}"] == "0")
      #expect(done.keys.filter { $0.hasPrefix("redress_run_duration_seconds") }.count == 6)
      let success = try #require(done["redress_last_success_timestamp_seconds"])
      #expect(Int64(success)! > 1_700_000_000)
      let mode = try FileManager.default.attributesOfItem(atPath: file.path())[.posixPermissions]
      #expect("\(mode ?? 0)" == "420", "0644")

      try await database.psql("DROP TABLE redress_source.outage")
      let failed = try await database.redress(RunOutputTests.night + options)
      #expect(failed.exitCode == 1)
      let after = try metrics()
      #expect(after["redress_run_exit_code"] == "1")
      #expect(after["redress_last_success_timestamp_seconds"] == success)
      #expect(after["redress_run_id"] == nil)
      try await RunOutputTests.checkWithPromtool(file)
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path())
      #expect(!names.contains { $0.hasSuffix(".partial") })
    }
  }

  /// Runs promtool, if it is installed.
  private static func checkWithPromtool(_ file: URL) async throws {
    let checked = try await run(
      "sh",
      [
        "-c", "command -v promtool > /dev/null || exit 0; promtool check metrics < \"$1\"", "sh",
        file.path(),
      ])
    #expect(checked.exitCode == 0 && checked.output.isEmpty, "\(checked.output)\(checked.errors)")
  }

  // MARK: Files

  /// The folder is checked first, so that no run is lost because of a missing folder.
  @Test func folderIsCheckedFirst() async throws {
    try await onDatabase { database, folder in
      let finished = try await database.redress(
        RunOutputTests.night + [folder.path() + "/nowhere", "--database", "host=/nowhere"])
      #expect(finished.exitCode == 1)
      #expect(finished.errors.contains("cannot take files"))
    }
  }

  @Test func filesCanBeMadeAgainAsTheMessageSays() async throws {
    try await onDatabase { database, folder in
      let obstacle = folder.appending(path: "findings-run-1.csv/occupied")
      try FileManager.default.createDirectory(at: obstacle, withIntermediateDirectories: true)
      let finished = try await database.redress(RunOutputTests.night + [folder.path()])
      #expect(finished.exitCode == 74)
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path())
      #expect(!names.contains { $0.hasSuffix(".partial") }, "\(names)")
      #expect(try await database.psql("SELECT count(*) FROM redress.run") == "count\n1\n")

      try FileManager.default.removeItem(at: folder.appending(path: "findings-run-1.csv"))
      let command = try #require(finished.errors.components(separatedBy: "redress report ").last)
      let words = command.split(whereSeparator: \.isWhitespace).map(String.init)
      let reported = try await database.redress(["report"] + words)
      #expect(reported.exitCode == 0, "\(reported.errors)")
      for name in ["credits-run-1.csv", "findings-run-1.csv", "totals-run-1.json"] {
        #expect(FileManager.default.fileExists(atPath: folder.appending(path: name).path()))
      }
    }
  }
}
