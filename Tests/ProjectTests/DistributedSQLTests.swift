import Testing

/// One text of every statement runs on plain PostgreSQL and on a database whose ledger is distributed by customer. What
/// such a database refuses, or runs on another machine with another clock, is not written here.
@Suite struct DistributedSQLTests {
  @Test func everyStatementRunsDistributed() {
    let files = SourceTree.files(in: "sql", ending: ".sql").filter { $0.path != "sql/schema.sql" }
    #expect(files.count > 100)
    for file in files {
      for fault in DistributedSQL(file.text).faults { Issue.record("\(file.path): \(fault)") }
    }
  }

  /// The reader must see each of them, or the test above proves nothing.
  @Test(arguments: [
    ("SELECT EXISTS (SELECT FROM redress.credit LIMIT 1)", "EXISTS without a column"),
    ("SELECT EXISTS (SELECT 1 FROM redress.credit)", "EXISTS without LIMIT 1"),
    ("SELECT EXISTS (SELECT 1 FROM t AS a WHERE a.x = 1)", "EXISTS without LIMIT 1"),
    ("SELECT current_setting('redress.run_id')::bigint", "a setting of its own"),
    ("WITH a AS (INSERT INTO t VALUES (1) RETURNING b) SELECT b FROM a", "WITH that writes"),
    (
      "WITH a AS MATERIALIZED (DELETE FROM t RETURNING b) SELECT b FROM a", "WITH that writes"
    ),
    ("INSERT INTO t (a) SELECT now() FROM b", "INSERT … SELECT with now"),
    (
      "INSERT INTO t (a) SELECT b.a, session_user FROM b; SELECT 1",
      "INSERT … SELECT with session_user"
    ),
    ("ALTER TABLE t ADD COLUMN a text, ADD COLUMN b text;", "ALTER TABLE with several changes"),
    ("INSERT INTO t VALUES (1, (SELECT max(b) FROM c))", "a subquery in VALUES"),
    (
      "SELECT 1 FROM t WHERE EXISTS (SELECT 1 FROM redress.credit AS c WHERE c.incident_id = t.incident_id)",
      "a subquery on the ledger without customer_id"
    ),
    (
      "SELECT (SELECT max(a.line) FROM redress.invoice_adjustment AS a WHERE a.currency = t.currency) FROM t",
      "a subquery on the ledger without customer_id"
    ),
    (
      "SELECT (SELECT max(a.line) FROM redress.invoice_line AS a WHERE a.billing_month = t.billing_month) FROM t",
      "a subquery on the ledger without customer_id"
    ),
  ])
  func everyFaultIsSeen(statement: String, fault: String) {
    #expect(DistributedSQL(statement).faults == [fault])
  }

  @Test(arguments: [
    "SELECT EXISTS (SELECT 1 FROM redress.credit LIMIT 1)",
    "SELECT 1 FROM t WHERE EXISTS (SELECT 1 FROM redress.credit AS c WHERE c.customer_id = t.customer_id)",
    "INSERT INTO t (a) VALUES (now(), session_user)",
    "INSERT INTO t (a) SELECT b.moment FROM b; SELECT now()",
    "ALTER TABLE t ADD CONSTRAINT a CHECK (b IN (1, 2)); ALTER TABLE t ADD COLUMN c text;",
    "SELECT 1 FROM (VALUES (1), (2)) AS v (a) -- EXISTS (SELECT FROM t)",
    "SELECT 'EXISTS (SELECT FROM t)' FROM t",
    "SELECT max(a.line) FROM redress.invoice_adjustment AS a WHERE a.run_id = $1",
    "WITH a AS (INSERT INTO redress.term_observation (b) SELECT c.b FROM c) SELECT 1",
    "SELECT b.line FROM (SELECT max(a.line) AS line FROM redress.invoice_adjustment AS a) AS b",
  ])
  func whatIsGoodIsLeft(statement: String) {
    #expect(DistributedSQL(statement).faults == [])
  }
}

/// The words of a file of SQL, and what is wrong with them.
private struct DistributedSQL {
  /// Names with their dots, signs one by one, texts with their quotes; no comments.
  private let words: [String]
  /// Where the bracket that opens at a place is closed.
  private var ends: [Int: Int] = [:]

  /// The tables that are distributed by customer, and the views of their rows.
  private static let hotTables = [
    "redress.credit_revision", "redress.invoice_line", "redress.incident_evidence",
    "redress.placement", "redress.carried_forward", "redress.credit",
    "redress.invoice_adjustment", "redress.entitlement",
  ]
  /// Tables that are never distributed, so that one statement may compare them with the source and append to them.
  private static let coordinatorTables = [
    "redress.term_observation", "redress.severity_observation",
  ]
  /// What another machine answers otherwise.
  private static let volatile = [
    "now", "session_user", "current_user", "clock_timestamp", "current_timestamp",
    "statement_timestamp", "transaction_timestamp", "gen_random_uuid",
  ]
  private static let schemas = ["redress", "redress_source", "pg_catalog"]

  init(_ text: String) {
    words = DistributedSQL.words(text)
    var open: [Int] = []
    for (index, word) in words.enumerated() {
      if word == "(" { open.append(index) }
      if word == ")", let start = open.popLast() { ends[start] = index }
    }
  }

  var faults: [String] {
    words.indices.compactMap { index in
      switch words[index] {
      case "EXISTS": faultOfExists(index)
      case "current_setting" where word(index + 2).hasPrefix("'redress."): "a setting of its own"
      case "AS" where writes(index): "WITH that writes"
      case "INSERT" where word(index + 1) == "INTO": faultOfInsert(index)
      case "ALTER" where word(index + 1) == "TABLE" && commas(from: index):
        "ALTER TABLE with several changes"
      case "(" where word(index + 1) == "SELECT": faultOfSubquery(index)
      default: nil
      }
    }
  }

  private func word(_ index: Int) -> String { index < words.count ? words[index] : "" }

  private func faultOfExists(_ index: Int) -> String? {
    guard word(index + 1) == "(", word(index + 2) == "SELECT", let end = ends[index + 1] else {
      return nil
    }
    if word(index + 3) == "FROM" { return "EXISTS without a column" }
    let isLimited = word(end - 2) == "LIMIT"
    return isLimited || isCorrelated(index + 1, end) ? nil : "EXISTS without LIMIT 1"
  }

  private func writes(_ index: Int) -> Bool {
    var next = index + 1
    if word(next) == "NOT" { next += 1 }
    if word(next) == "MATERIALIZED" { next += 1 }
    return word(next) == "(" && ["INSERT", "UPDATE", "DELETE"].contains(word(next + 1))
      && !DistributedSQL.coordinatorTables.contains(word(next + 3))
  }

  /// The words of the statement that begins here, each with how many brackets are open.
  private func statement(_ start: Int) -> [(word: String, depth: Int)] {
    var depth = 0
    var statement: [(String, Int)] = []
    for word in words[start...] {
      if word == ")" { depth -= 1 }
      if depth < 0 || (word == ";" && depth == 0) { break }
      statement.append((word, depth))
      if word == "(" { depth += 1 }
    }
    return statement
  }

  private func commas(from start: Int) -> Bool {
    statement(start).contains { $0.word == "," && $0.depth == 0 }
  }

  private func faultOfInsert(_ index: Int) -> String? {
    let statement = statement(index)
    if statement.contains(where: { $0.word == "SELECT" && $0.depth == 0 }) {
      let found = statement.first { DistributedSQL.volatile.contains($0.word) }
      return found.map { "INSERT … SELECT with \($0.word)" }
    }
    return statement.contains { $0.word == "SELECT" } ? "a subquery in VALUES" : nil
  }

  private func faultOfSubquery(_ start: Int) -> String? {
    guard let end = ends[start], isCorrelated(start, end) else { return nil }
    let inside = words[start..<end]
    guard
      zip(inside, inside.dropFirst()).contains(where: {
        $0 == "FROM" && DistributedSQL.hotTables.contains($1)
      })
    else { return nil }
    let compares =
      zip(inside, inside.dropFirst()).contains {
        $1 == "=" && $0.hasSuffix("customer_id")
      } || zip(inside, inside.dropFirst(3)).contains { $0.hasSuffix("customer_id") && $1 == "=" }
    return compares ? nil : "a subquery on the ledger without customer_id"
  }

  /// Whether it names a relation of the statement around it. Parameters of a function are none.
  private func isCorrelated(_ start: Int, _ end: Int) -> Bool {
    var known = Set(DistributedSQL.schemas)
    let functions = words.indices.filter { words[$0] == "FUNCTION" }.map { word($0 + 1) }
    for function in functions { known.insert(lastPart(function)) }
    for index in start..<end {
      switch words[index] {
      case "AS": known.insert(word(index + 1))
      case "FROM", "JOIN":
        known.insert(lastPart(word(index + 1)))
        // An alias without AS.
        known.insert(word(index + 2))
      default: break
      }
    }
    return words[start..<end].contains { word in
      let parts = word.split(separator: ".")
      return parts.count == 2 && parts[0].first!.isLetter && !known.contains(String(parts[0]))
    }
  }

  private func lastPart(_ name: String) -> String {
    name.split(separator: ".").last.map(String.init) ?? ""
  }

  private static func words(_ text: String) -> [String] {
    var words: [String] = []
    var rest = Substring(text)
    while let first = rest.first {
      if rest.hasPrefix("--") {
        rest = rest.drop { $0 != "\n" }
      } else if first == "'" {
        let end = rest.dropFirst().firstIndex(of: "'") ?? rest.indices.last!
        words.append(String(rest[...end]))
        rest = rest[end...].dropFirst()
      } else if first.isLetter || first == "_" {
        let word = rest.prefix { $0.isLetter || $0.isNumber || "_.".contains($0) }
        words.append(String(word))
        rest = rest.dropFirst(word.count)
      } else {
        if !first.isWhitespace { words.append(String(first)) }
        rest = rest.dropFirst()
      }
    }
    return words
  }
}
