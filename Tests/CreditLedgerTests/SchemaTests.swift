import Foundation
import Postgres
import RedressSQL
import Subprocess
import TestSupport
import Testing

@testable import CreditLedger

#if canImport(System)
  import System
#else
  import SystemPackage
#endif

/// The files in `sql/`, their copies in the program, and their result in a database.
@Suite("Schema")
struct SchemaTests {
  private static let folder = URL(filePath: TestServer.packageFolder).appending(path: "sql")

  private static func files(in name: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: name).path).sorted()
  }

  private static func bytes(_ path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: folder.appending(path: path)))
  }

  @Test("the program carries every migration of the folder, in order")
  func migrations() throws {
    #expect(try Self.files(in: "migrations") == RedressSQL.migrations.map(\.fileName))
    for (index, migration) in RedressSQL.migrations.enumerated() {
      #expect(Int(migration.number) == index + 1)
      #expect(try Self.bytes("migrations/\(migration.fileName)") == migration.bytes)
    }
  }

  @Test("the program carries the source tables")
  func sourceTables() throws {
    #expect(try Self.files(in: "source") == [RedressSQL.sourceTablesFileName])
    #expect(
      try Self.bytes("source/\(RedressSQL.sourceTablesFileName)") == RedressSQL.sourceTables)
  }

  @Test("the program carries every mapping")
  func mappings() throws {
    #expect(
      try Self.files(in: "mappings")
        == (RedressSQL.MappedSystem.allCases.map(\.rawValue) + ["common"]).sorted())
    func text(_ path: String) throws -> String {
      String(decoding: try Self.bytes("mappings/\(path)"), as: UTF8.self)
    }
    #expect(try text("common/common_decisions.sql") == RedressSQL.commonDecisions)
    #expect(try text("common/common_service.sql") == RedressSQL.commonService)
    #expect(try text("common/common_undecided.sql") == RedressSQL.commonUndecided)
    for system in RedressSQL.MappedSystem.allCases {
      let name = "\(system.rawValue)/\(system.rawValue)"
      #expect(try text("\(name)_tables.txt") == system.tables)
      #expect(try text("\(name)_decisions.sql") == system.decisions)
      #expect(try text("\(name)_views.sql") == system.views)
    }
  }

  @Test("the program carries every query, each with a header that says what it is")
  func queries() throws {
    let rooms = try Self.files(in: "queries")
    let paths = try rooms.flatMap { room in
      try Self.files(in: "queries/\(room)").map { (name: $0, path: "queries/\(room)/\($0)") }
    }
    // Of two files with the same name in different folders, only one would be embedded.
    #expect(
      paths.map(\.name).sorted()
        == RedressSQL.Query.allCases.map { "\($0.rawValue).sql" }.sorted())
    for query in RedressSQL.Query.allCases {
      let path = try #require(paths.first { $0.name == "\(query.rawValue).sql" }?.path)
      #expect(try Self.bytes(path) == query.bytes)
      #expect(query.text.hasPrefix("-- "), "\(query.rawValue)")
    }
  }

  /// Column names in code must be the names of the query, in its order.
  @Test("the names of columns are those of the headers, in their order")
  func columnNames() throws {
    try expectHeaders(StreamedCreditColumn.self)
    try expectHeaders(StreamedLineColumn.self)
    try expectHeaders(ReportedCreditColumn.self)
    try expectHeaders(ReportedLineColumn.self)
    try expectHeaders(FiledLineColumn.self)
    try expectHeaders(JournalCreditColumn.self)
    try expectHeaders(JournalLineColumn.self)
    try expectHeaders(ExplainedRevisionColumn.self)
    try expectHeaders(ExplainedLineColumn.self)
    try expectHeaders(NoticedCreditColumn.self)
    try expectHeaders(VerifiedLineColumn.self)
    try expectHeaders(CreditRow.Column.self)
  }

  private func expectHeaders<Column: QueryColumn>(_ columns: Column.Type) throws {
    let names = columns.allCases.map { column in
      "\(column)".map { $0.isUppercase ? "_\($0.lowercased())" : "\($0)" }.joined()
    }
    #expect(columns.allCases.map(\.rawValue) == Array(0..<names.count))
    for query in columns.queries {
      let header = query.text.split(separator: "\n").prefix { $0.hasPrefix("--") }
        .map { $0.dropFirst(3) }.joined(separator: " ")
      let returned = try #require(header.firstRange(of: "Returns: "))
      let list = header[returned.upperBound...].replacing(#/\([^)]*\)/#, with: "")
      let told = list.prefix { $0 != "." }.split(separator: ",")
        .map { String($0.drop { $0 == " " }.prefix { $0 != " " }) }
      #expect(told == names, "\(query.rawValue)")
    }
  }

  @Test("the server understands every query")
  func preparedQueries() throws {
    try LedgerDatabase.with { database in
      try database.connect().execute(
        """
        CREATE TABLE redress_source.present_term (
          subscription_id text, customer_id text, service_id text, plan text, monthly_fee numeric, currency text,
          since timestamptz, until timestamptz);
        CREATE TABLE redress_source.present_severity (
          incident_id text, severity text, service_id text, customer_id text, since timestamptz);
        GRANT SELECT ON redress_source.present_term, redress_source.present_severity TO redress_job;
        """)
      let job = try database.connect(as: "redress_job")
      for query in RedressSQL.Query.allCases {
        // A COPY cannot be prepared; the writer's own tests send them.
        if query.text.contains("FROM STDIN") { continue }
        // Its functions are not there; `make citus-test` sends them.
        if query.text.contains("Only with the extension citus.") { continue }
        // Its table is not there; `redress map apply` makes it.
        if query.text.contains("Only beside the foreign table") { continue }
        let refusal = try job.refusal("PREPARE p_\(query.rawValue) AS \(query.text)")
        #expect(refusal == nil, "\(query.rawValue)")
      }
    }
  }

  @Test(
    "what is read customer by customer comes from an index in its order",
    arguments: RedressSQL.Query.allCases.filter {
      // What is not settled of earlier months comes from many places, and is few rows.
      $0.rawValue.hasPrefix("stream_")
        && ![.streamCreditsEarlier, .streamLinesEarlier].contains($0)
    })
  func streams(query: RedressSQL.Query) throws {
    try LedgerDatabase.with { database in
      let job = try database.connect(as: "redress_job")
      try job.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
      let statement = query.text.replacing("$1", with: "'2026-10-01'")
      let plan = try job.column("EXPLAIN (COSTS OFF) \(statement)").joined(separator: "\n")
      let sorts = plan.contains("Sort Key") && !plan.contains("Presorted Key: ")
      #expect(!sorts && plan.contains("Index"), "\(plan)")
    }
  }

  @Test("every table, view, column and function says what it is")
  func comments() throws {
    try LedgerDatabase.with { database in
      let connection = try database.connect()
      #expect(
        try connection.column(
          """
          SELECT concat_ws('.', pg_class.oid::regclass, pg_attribute.attname)
          FROM pg_class
          LEFT JOIN pg_attribute
            ON pg_attribute.attrelid = pg_class.oid AND pg_attribute.attnum > 0
              AND NOT pg_attribute.attisdropped
          WHERE pg_class.relnamespace IN ('redress'::regnamespace, 'redress_source'::regnamespace)
            AND pg_class.relkind IN ('r', 'v')
            AND (obj_description(pg_class.oid, 'pg_class') IS NULL
              OR col_description(pg_class.oid, pg_attribute.attnum) IS NULL)
          """) == [])
      #expect(
        try connection.column(
          """
          SELECT oid::regprocedure::text FROM pg_proc
          WHERE pronamespace = 'redress'::regnamespace AND obj_description(oid, 'pg_proc') IS NULL
          """) == [])
    }
  }

  /// What a night writes and reads is together in keys that begin with the month.
  @Test("ids are compared as bytes, and the customer is in each key of a growing table")
  func keys() throws {
    try LedgerDatabase.with { database in
      let connection = try database.connect()
      #expect(
        try connection.column(
          """
          SELECT concat_ws('.', pg_class.oid::regclass, pg_attribute.attname)
          FROM pg_attribute
          JOIN pg_class ON pg_class.oid = pg_attribute.attrelid
          LEFT JOIN pg_collation ON pg_collation.oid = pg_attribute.attcollation
          WHERE pg_class.relnamespace IN ('redress'::regnamespace, 'redress_source'::regnamespace)
            AND pg_class.relkind IN ('r', 'v')
            AND pg_attribute.attname LIKE ANY (ARRAY['%\\_id', 'currency', 'policy_version'])
            AND pg_attribute.attname NOT IN ('run_id', 'first_run_id', 'ledger_id')
            AND pg_collation.collname IS DISTINCT FROM 'C'
          """) == [])
      #expect(
        try connection.column(
          """
          SELECT pg_class.relname || ': ' || pg_attribute.attname
          FROM pg_index
          JOIN pg_class ON pg_class.oid = pg_index.indrelid
          JOIN pg_attribute
            ON pg_attribute.attrelid = pg_class.oid AND pg_attribute.attnum = pg_index.indkey[0]
          WHERE pg_class.relnamespace = 'redress'::regnamespace AND pg_index.indisunique
          ORDER BY 1
          """) == [
            "approval: proposal", "approval: run_id", "carried_forward: run_id",
            "credit_revision: billing_month", "decision: run_id",
            "finding: run_id", "finding_acceptance: number", "handover: customer_id",
            "handover: customer_id", "incident_evidence: customer_id",
            "invoice_line: billing_month",
            "ledger: is_only_row", "month_closing: number", "placement: customer_id",
            "policy_adoption: number", "policy_file: digest",
            "policy_version: version", "proposal: digest", "recorded_month: incident_id",
            "run: run_id", "run_digest: run_id", "schema_migration: number",
            "severity_observation: incident_id", "term_observation: subscription_id",
            "visible_run: run_id",
          ])
      #expect(
        try connection.column(
          """
          SELECT pg_index.indexrelid::regclass::text FROM pg_index
          WHERE pg_index.indisunique AND pg_index.indrelid = ANY ($1::text[]::regclass[])
            AND NOT EXISTS (
              SELECT FROM pg_attribute
              WHERE pg_attribute.attrelid = pg_index.indrelid
                AND pg_attribute.attname = 'customer_id'
                AND pg_attribute.attnum = ANY (pg_index.indkey))
          """, [.textArray(Migrator.distributedTables)]) == [])
      #expect(
        try connection.value(
          """
          SELECT (SELECT count(*) FROM pg_trigger)
            + (SELECT count(*) FROM pg_sequences)
            + (SELECT count(*) FROM pg_constraint WHERE contype = 'f') || ''
          """) == "0")
    }
  }

  /// The dump as it is committed, without what differs between installations.
  private static func normalized(_ dump: String) -> String {
    var lines: [Substring] = []
    for line in dump.split(separator: "\n", omittingEmptySubsequences: false) {
      let isNoise =
        line == "--" || line.hasPrefix("-- Name: ") || line.hasPrefix("-- Dumped ")
        || line.hasPrefix("-- PostgreSQL database dump") || line.hasPrefix("SET ")
        || line.hasPrefix("SELECT pg_catalog.set_config") || line.hasPrefix("\\")
      if isNoise || (line.isEmpty && lines.last?.isEmpty ?? true) { continue }
      lines.append(line)
    }
    while lines.last?.isEmpty == true { lines.removeLast() }
    return lines.map { line in
      guard line.hasPrefix("ALTER DEFAULT PRIVILEGES FOR ROLE "),
        let rest = line.range(of: " IN SCHEMA ")
      else { return String(line) }
      return "ALTER DEFAULT PRIVILEGES" + line[rest.lowerBound...]
    }.joined(separator: "\n") + "\n"
  }

  private static let header = """
    -- The schemas redress and redress_source as the migrations and the plain source tables make them: what pg_dump of
    -- PostgreSQL 15 says, without what differs between installations. Not applied by anything; read it as a diff.


    """

  @Test("the committed dump is what the migrations make")
  func drift() async throws {
    let database = try LedgerDatabase()
    let result = try await run(
      .name("pg_dump"),
      arguments: [
        "--schema-only", "--no-owner", "--schema=redress", "--schema=redress_source",
        "--dbname=\(database.database.conninfo)",
      ],
      output: .string(limit: 1 << 22), error: .string(limit: 1 << 16))
    try #require(result.terminationStatus.isSuccess, "\(result.standardError)")
    let dump = result.standardOutput
    guard dump.contains("-- Dumped by pg_dump version 15.") else {
      print("schema.sql not compared: it is in the words of pg_dump 15")
      return
    }
    let made = Self.header + Self.normalized(dump)
    let file = Self.folder.appending(path: "schema.sql")
    if ProcessInfo.processInfo.environment["REDRESS_GOLDEN"] == "renew" {
      try Data(made.utf8).write(to: file)
    }
    let committed = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    if made == committed { return }
    let difference = Self.firstDifference(
      committed.split(separator: "\n"), made.split(separator: "\n"))
    Issue.record(
      "sql/schema.sql has drifted; renew it with make golden FILTER=SchemaTests. \(difference)")
  }

  private static func firstDifference(_ old: [Substring], _ new: [Substring]) -> String {
    let index = zip(old, new).enumerated().first { $0.element.0 != $0.element.1 }?.offset
    let at = index ?? min(old.count, new.count)
    return """
      First at line \(at + 1) of those that are not empty:
      - \(at < old.count ? old[at] : "")
      + \(at < new.count ? new[at] : "")
      """
  }
}
