import FoundationEssentials
import TestSupport
import Testing

/// Runs the steps of a scenario on a database and compares the results.
struct ScenarioRun {
  let scenario: Scenario
  let database: SourceDatabase
  /// This run's own folder. The files of the n-th run are in `night-n` in it.
  let files: URL

  /// Into how many parts a night is divided.
  var jobs = 1
  /// Whether each night is checked before it runs, and the check compared with what the run did.
  var comparesChecks = false

  private var asOf: String?
  private var policy: URL?
  private(set) var nights = 0
  /// Stands for `PROPOSAL` in the options of a run.
  private var proposal = "none"
  private var explanations = 0
  private var simulations = 0
  private var reports = 0
  /// The output of the last simulation.
  private var comparison = ""
  /// The output of the last audit.
  private var audited = ""

  init(of scenario: Scenario, on database: SourceDatabase, files: URL) {
    self.scenario = scenario
    self.database = database
    self.files = files
    let policy = scenario.folder.appending(path: "policy.yaml")
    self.policy =
      FileManager.default.fileExists(atPath: policy.path(percentEncoded: false)) ? policy : nil
  }

  /// Whether to rewrite the expected files and not to compare them (`make golden`).
  static let renewsExpectedFiles =
    ProcessInfo.processInfo.environment["REDRESS_GOLDEN"] == "renew"

  mutating func takeSteps() async throws {
    try await database.load(scenario.folder)
    for (line, step) in scenario.steps {
      let place = "fixtures/\(scenario.folder.lastPathComponent)/scenario.txt:\(line)"
      switch step {
      case .asOf(let instant): asOf = instant
      case .policy(let name): policy = scenario.folder.appending(path: name)
      case .sql(let statement): try await database.psql([statement])
      case .run(let options, let exitCode):
        try await runNight(options, expecting: exitCode, at: place)
      case .explain(let options, let exitCode):
        try await explain(options, expecting: exitCode, at: place)
      case .simulate(let options, let exitCode):
        try await simulate(options, expecting: exitCode, at: place)
      case .audit(let options, let exitCode):
        try await audit(options, expecting: exitCode, at: place)
      case .close(let options, let exitCode):
        _ = try await command(
          ["close"] + options + (asOf.map { ["--as-of", $0] } ?? []), exitCode, at: place)
      case .reopen(let options, let exitCode):
        _ = try await command(["reopen"] + options, exitCode, at: place)
      case .report(let options, let exitCode):
        reports += 1
        let output = try await command(["report"] + options, exitCode, at: place)
        try Data(output.utf8).write(to: files.appending(path: "report-0\(reports).csv"))
      case .expect(let expectation, let table):
        try await compare(expectation, with: table, at: place)
      }
    }
    try compareFiles()
    try await compareReports()
    try await compareInvoices()
    try await compareInvoiceLines()
    try await ExplanationLaw(database: database, asOf: asOf).check(
      scenario.folder.lastPathComponent)
  }

  /// The name of the proposal that the last held run has left.
  private func heldProposal() throws -> String? {
    try FileManager.default.contentsOfDirectory(atPath: nightFolder.path(percentEncoded: false))
      .compactMap { $0.wholeMatch(of: /credits-held-([0-9a-f]+)\.csv/).map { String($0.output.1) } }
      .first
  }

  private var nightFolder: URL { files.appending(path: "night-\(nights)") }

  private mutating func runNight(
    _ options: [String], expecting exitCode: Int32, at place: String
  ) async throws {
    nights += 1
    try FileManager.default.createDirectory(at: nightFolder, withIntermediateDirectories: true)
    var arguments = ["run", "--output", nightFolder.path(percentEncoded: false), "--quiet"]
    if let asOf { arguments += ["--as-of", asOf] }
    if let policy { arguments += ["--policy", policy.path(percentEncoded: false)] }
    if jobs > 1 { arguments += ["--jobs", "\(jobs)"] }
    let agreement = try await check(Array(arguments.dropFirst(4)), options)
    let finished = try await database.redress(
      arguments + options.map { $0 == "PROPOSAL" ? proposal : $0 })
    #expect(
      finished.exitCode == exitCode,
      """
      \(place): exit code \(finished.exitCode), not \(exitCode)
      \(finished.errors)
      """)
    try agreement?.compare(
      with: finished, folder: nightFolder, approves: options.contains("--approve-limits"), at: place
    )
    if exitCode == 4 { proposal = try heldProposal() ?? proposal }
    let lines = try await database.psql([ScenarioRun.linesQuery(["*"])])
    try Data(lines.utf8).write(to: nightFolder.appending(path: "lines.csv"))
  }

  /// Checks the night before it runs.
  /// - Returns: `nil` where a check cannot have the same options.
  private func check(_ given: [String], _ options: [String]) async throws -> CheckAgreement? {
    guard comparesChecks, !options.contains("--approve"), !options.contains("--dry-run") else {
      return nil
    }
    let flags: Set<String> = ["--approve-limits", "--csv-bom", "--audit"]
    let named: Set<String> = ["--approved-by", "--reason"]
    let both = zip(options, [""] + options).filter { option, before in
      !flags.contains(option) && !named.contains(option) && !named.contains(before)
    }
    return try await CheckAgreement(database, given + both.map(\.0))
  }

  /// Keeps the output of `redress explain` to compare it with `expected/`.
  private mutating func explain(
    _ options: [String], expecting exitCode: Int32, at place: String
  ) async throws {
    explanations += 1
    var arguments = ["explain"] + options
    if let asOf { arguments += ["--as-of", asOf] }
    if let policy { arguments += ["--policy", policy.path(percentEncoded: false)] }
    let finished = try await database.redress(arguments)
    #expect(
      finished.exitCode == exitCode,
      """
      \(place): exit code \(finished.exitCode), not \(exitCode)
      \(finished.errors)
      """)
    let ending = ["markdown": "md", "json": "json"].first { options.contains($0.key) }?.value
    let number = explanations < 10 ? "0\(explanations)" : "\(explanations)"
    let text = "$ redress explain \(options.joined(separator: " "))\n"
    let heading = ending == "json" ? "" : text
    try Data("\(heading)\(finished.output)\(finished.errors)".utf8)
      .write(to: files.appending(path: "explain-\(number).\(ending ?? "txt")"))
  }

  /// Keeps the output of `redress simulate`. Policy files have the names that they have in the
  /// folder.
  private mutating func simulate(
    _ options: [String], expecting exitCode: Int32, at place: String
  ) async throws {
    simulations += 1
    let files = options.map {
      $0.hasSuffix(".yaml") ? scenario.folder.appending(path: $0).path(percentEncoded: false) : $0
    }
    let finished = try await database.redress(
      ["simulate"] + files + (asOf.map { ["--as-of", $0] } ?? []))
    #expect(
      finished.exitCode == exitCode,
      """
      \(place): exit code \(finished.exitCode), not \(exitCode)
      \(finished.errors)
      """)
    comparison = finished.output
    let ending = ["csv", "json"].first { options.contains($0) }
    let heading = ending == nil ? "$ redress simulate \(options.joined(separator: " "))\n" : ""
    // The path of the checkout is not part of the expected text.
    let text = "\(heading)\(finished.output)\(finished.errors)"
      .replacing(scenario.folder.path(percentEncoded: false) + "/", with: "")
    try Data(text.utf8).write(
      to: self.files.appending(path: "simulate-0\(simulations).\(ending ?? "txt")"))
  }

  /// - Returns: what the command printed.
  private func command(
    _ arguments: [String], _ exitCode: Int32, at place: String
  ) async throws -> String {
    let finished = try await database.redress(arguments)
    #expect(
      finished.exitCode == exitCode,
      """
      \(place): exit code \(finished.exitCode), not \(exitCode)
      \(finished.errors)
      """)
    return finished.output
  }

  private mutating func audit(
    _ options: [String], expecting exitCode: Int32, at place: String
  ) async throws {
    var arguments = ["audit", "--format", "csv"] + options
    if let asOf { arguments += ["--as-of", asOf] }
    if let policy { arguments += ["--policy", policy.path(percentEncoded: false)] }
    let finished = try await database.redress(arguments)
    #expect(
      finished.exitCode == exitCode,
      """
      \(place): exit code \(finished.exitCode), not \(exitCode)
      \(finished.errors)
      """)
    audited = finished.output
  }

  private func compare(
    _ expectation: Scenario.Expectation, with expected: Table?, at place: String
  ) async throws {
    let columns = expected?.columns ?? ["customer"]
    var actual: Table
    switch expectation {
    case .credits: actual = try await database.rows(ScenarioRun.creditsQuery(columns))
    case .revisions: actual = try await database.rows(ScenarioRun.revisionsQuery(columns))
    case .lines: actual = try await database.rows(ScenarioRun.linesQuery(columns))
    case .audit:
      guard let table = Table(csv: audited)?.selecting(expected?.columns ?? ["incident_id"]) else {
        throw SourceDatabase.SetupError(description: "\(place): \(audited) lacks one of \(columns)")
      }
      actual = table
    case .findings:
      actual = try findings(columns: expected?.columns ?? ["code"])
      actual.rows.sort { $0.lexicographicallyPrecedes($1) }
    case .comparison:
      guard let table = Table(csv: comparison)?.selecting(expected?.columns ?? ["row"]) else {
        throw SourceDatabase.SetupError(description: "\(place): no such CSV:\n\(comparison)")
      }
      actual = table
    }
    var expected = expected ?? Table(columns: actual.columns, rows: [])
    if expectation == .findings { expected.rows.sort { $0.lexicographicallyPrecedes($1) } }
    #expect(
      actual.normalized == expected.normalized,
      """
      \(place): expected \(expectation.rawValue)
      \(expected.aligned)
      but there are
      \(actual.aligned)
      """)
  }

  /// The findings of the last run, from its file.
  private func findings(columns: [String]) throws -> Table {
    let names = try FileManager.default.contentsOfDirectory(
      atPath: nightFolder.path(percentEncoded: false))
    guard let name = names.first(where: { $0.hasPrefix("findings") }) else {
      throw SourceDatabase.SetupError(
        description: "no findings file in \(nightFolder.path(percentEncoded: false)): \(names)")
    }
    let text = try String(contentsOf: nightFolder.appending(path: name), encoding: .utf8)
    guard let table = Table(csv: text)?.selecting(columns) else {
      throw SourceDatabase.SetupError(description: "\(name) lacks one of \(columns)")
    }
    return table
  }

  // MARK: What a scenario's column is in the database

  private static func creditsQuery(_ columns: [String]) -> String {
    """
    SELECT \(selection(columns, creditColumns))
    FROM redress.entitlement AS e
    JOIN redress.credit AS c
      USING (customer_id, subscription_id, incident_id, billing_month, currency, revision)
    ORDER BY e.customer_id, e.subscription_id, e.incident_id, e.billing_month, e.currency
    """
  }

  private static func revisionsQuery(_ columns: [String]) -> String {
    """
    SELECT \(selection(columns, revisionColumns))
    FROM redress.credit AS e
    ORDER BY e.customer_id, e.subscription_id, e.incident_id, e.billing_month, e.currency, e.revision
    """
  }

  private static func linesQuery(_ columns: [String]) -> String {
    """
    SELECT \(selection(columns == ["*"] ? allLineColumns : columns, lineColumns))
    FROM redress.invoice_adjustment AS e
    ORDER BY e.customer_id, e.subscription_id, e.incident_id, e.billing_month, e.currency, e.line
    """
  }

  private static func selection(_ columns: [String], _ known: [String: String]) -> String {
    columns.map { column in
      // For an unknown name, PostgreSQL reports the error.
      "\(known[column] ?? "e.\"\(column)\"") AS \"\(column)\""
    }.joined(separator: ", ")
  }

  private static let keyColumns = [
    "customer": "e.customer_id",
    "subscription": "e.subscription_id",
    "incident": "e.incident_id",
    "month": "to_char(e.billing_month, 'YYYY-MM')",
    "run": "e.run_id",
  ]
  private static let revisionColumns = keyColumns.merging([
    "percent": "e.percent_bp / 100.0",
    "before-cap": "e.percent_before_cap_bp / 100.0",
    "counted": "e.counted_microseconds * interval '1 microsecond'",
    "began": "to_char(e.outage_started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI')",
    "fee": "e.monthly_fee",
    "version": "e.policy_version",
    "amount": "redress.major_units(e.amount_minor, e.currency)",
  ]) { $1 }
  private static let creditColumns = revisionColumns.merging([
    "amount": "e.amount",
    "placed": "redress.major_units(e.placed_minor, e.currency)",
    "open": "redress.major_units(e.open_minor, e.currency)",
    "before-cap": "c.percent_before_cap_bp / 100.0",
    "fee": "c.monthly_fee",
    "plan": "c.plan",
  ]) { $1 }
  private static let lineColumns = keyColumns.merging([
    "invoice": "e.invoice_id",
    "amount": "redress.major_units(e.amount_minor, e.currency)",
  ]) { $1 }
  private static let allLineColumns = [
    "customer", "subscription", "incident", "month", "currency", "line", "run", "invoice",
    "amount",
  ]

  // MARK: Files

  /// Compares all files of all nights with `expected/`, byte for byte, or rewrites `expected/`.
  private func compareFiles() throws {
    let expected = scenario.folder.appending(path: "expected")
    if ScenarioRun.renewsExpectedFiles {
      try? FileManager.default.removeItem(at: expected)
      for name in names(below: files) {
        let url = expected.appending(path: name)
        try FileManager.default.createDirectory(
          at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try comparable(files.appending(path: name)).write(to: url)
      }
      return
    }
    let expectedNames = names(below: expected)
    let actualNames = names(below: files)
    #expect(
      expectedNames == actualNames,
      "expected/ of \(scenario.folder.lastPathComponent) holds other files")
    for name in expectedNames where actualNames.contains(name) {
      let wanted = try comparable(expected.appending(path: name))
      let found = try comparable(files.appending(path: name))
      #expect(
        wanted == found,
        """
        fixtures/\(scenario.folder.lastPathComponent)/expected/\(name) is now
        \(String(decoding: found, as: UTF8.self))
        `make golden` renews it; read the diff.
        """)
    }
  }

  /// The content of a file without the values that differ in each run.
  private func comparable(_ file: URL) throws -> Data {
    let content = try Data(contentsOf: file)
    guard file.lastPathComponent.hasPrefix("totals-") else { return content }
    return Data(comparableTotals(String(decoding: content, as: UTF8.self)).utf8)
  }

  private func names(below folder: URL) -> [String] {
    let paths = try? FileManager.default.subpathsOfDirectory(
      atPath: folder.path(percentEncoded: false))
    return (paths ?? []).filter { path in
      var isFolder = false
      return FileManager.default.fileExists(
        atPath: folder.appending(path: path).path(percentEncoded: false), isDirectory: &isFolder)
        && !isFolder
        // The page and the workbook of a held run have tests of their own.
        && ![".html", ".xlsx"].contains { path.hasSuffix($0) }
    }.sorted()
  }
}
