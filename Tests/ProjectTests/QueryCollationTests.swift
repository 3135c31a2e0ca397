import Testing

/// Every query that reads the source compares ids, severities and similar texts as bytes. The
/// comparison itself names the collation, so that the columns may have any.
@Suite struct QueryCollationTests {
  private static let columns = [
    "customer_id", "service_id", "subscription_id", "incident_id", "exclusion_id", "invoice_id",
    "severity", "status",
    "kind", "plan", "currency", "tier", "time_zone", "name", "title", "email", "root_cause",
  ]

  @Test func comparisonsSayTheirCollation() {
    let queries = SourceTree.files(in: "sql/queries", ending: ".sql")
      .filter { $0.text.contains("redress_source.") }
    #expect(queries.count > 30)
    for query in queries {
      for fault in Self.faults(in: query.text) { Issue.record("\(query.path): \(fault)") }
    }
  }

  /// The parser must find every form, or the test above proves nothing.
  @Test(arguments: [
    ("SELECT 1 FROM t WHERE a.customer_id = $1", 1),
    ("SELECT 1 FROM t WHERE a.customer_id COLLATE \"C\" = $1", 0),
    ("SELECT 1 FROM t WHERE severity NOT IN ('P0')", 1),
    ("SELECT 1 FROM t WHERE t.status IS DISTINCT FROM 'x'", 1),
    ("SELECT 1 FROM t WHERE t.incident_id = ANY ($1)", 1),
    ("SELECT 1 FROM t WHERE t.kind <> 'x' AND t.plan COLLATE \"C\" <> 'y'", 1),
    ("SELECT DISTINCT t.customer_id FROM t", 1),
    ("SELECT DISTINCT t.customer_id COLLATE \"C\" AS customer_id FROM t", 0),
    ("SELECT count(DISTINCT customer_id) FROM t", 1),
    ("SELECT min(i.status) FROM t", 1),
    ("SELECT max(i.status COLLATE \"C\"), min(i.issue_on) FROM t", 0),
    ("SELECT 1 FROM t GROUP BY a.customer_id, b", 1),
    ("SELECT 1 FROM t GROUP BY b, a.customer_id COLLATE \"C\" HAVING true", 0),
    ("SELECT 1 FROM t ORDER BY customer_id", 1),
    ("SELECT 1 FROM t ORDER BY customer_id COLLATE \"C\", issue_on, 2", 0),
    ("SELECT 1 FROM t JOIN s USING (customer_id)", 1),
    ("SELECT 1 FROM t -- WHERE customer_id = 1", 0),
    ("SELECT 1 FROM t WHERE customer_id IS NOT NULL", 0),
  ])
  func everyFormIsSeen(query: String, faults: Int) {
    #expect(Self.faults(in: query).count == faults, "\(Self.faults(in: query))")
  }

  // MARK: Reading SQL

  private static func faults(in text: String) -> [String] {
    let words = words(text)
    // The ledger's own columns have the right collation.
    let owned = Set(
      words.indices.filter { words[$0].hasPrefix("redress.") }.compactMap { index in
        words.count > index + 2 && words[index + 1] == "AS" ? words[index + 2] : nil
      })
    var faults: [String] = []
    // The depth of brackets at which the current list of GROUP BY, ORDER BY or DISTINCT ends.
    var lists: [Int] = []
    var depth = 0
    for (index, word) in words.enumerated() {
      let next = index + 1 < words.count ? words[index + 1] : ""
      let last = index > 0 ? words[index - 1] : ""
      switch word {
      case "(":
        depth += 1
        if last == "USING", columns.contains(next) { faults.append("USING (\(next))") }
        if ["min", "max"].contains(last) { lists.append(depth) }
      case ")":
        depth -= 1
        lists.removeAll { $0 > depth }
      case "BY" where last == "GROUP" || last == "ORDER": lists.append(depth)
      case "DISTINCT" where last == "SELECT" || last == "(": lists.append(depth)
      case "FROM", "HAVING", "LIMIT", "WHERE", "UNION": lists.removeAll { $0 == depth }
      default:
        let parts = word.split(separator: ".").map(String.init)
        guard let column = parts.last, columns.contains(column), last != "AS",
          parts.count < 2 || !owned.contains(parts[0]), next != "AS"
        else { continue }
        let isCompared =
          ["=", "<>", "<", ">", "IN"].contains(next) || (next == "NOT" && words[index + 2] == "IN")
          || (next == "IS" && words[(index + 2)...].prefix(2).contains("DISTINCT"))
        let isListed = lists.contains(depth) && next != "COLLATE" && next != "IS"
        if isCompared || isListed {
          faults.append("\(last) \(word) \(next)")
        }
      }
    }
    return faults
  }

  private static func words(_ text: String) -> [String] {
    var words: [String] = []
    for line in text.split(separator: "\n") where !line.hasPrefix("--") {
      var word = ""
      var code = line[...]
      if let comment = code.firstRange(of: " -- ") { code = code[..<comment.lowerBound] }
      for character in code + " " {
        if character.isLetter || character.isNumber || "_.".contains(character) {
          word.append(character)
          continue
        }
        if !word.isEmpty { words.append(word) }
        word = ""
        if character == ">", words.last == "<" {
          words[words.count - 1] = "<>"
        } else if !character.isWhitespace, !"\"'".contains(character) {
          words.append(String(character))
        }
      }
    }
    return words
  }
}
