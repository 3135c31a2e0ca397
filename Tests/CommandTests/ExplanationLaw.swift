import Documents
import Glibc
import Testing

/// Compares what `redress explain` says with the ledger.
///
/// - For each recorded key, replaying the frozen evidence gives what is recorded: the sum, the fee,
///   the plan, the policy version, the percent and the month.
/// - No text for one customer contains another customer's id or name, or the id or title of an
///   incident that affected only other customers.
struct ExplanationLaw {
  let database: SourceDatabase
  var asOf: String?
  /// How many customers are checked. `make soak` checks more.
  private static let mostCustomers = getenv("REDRESS_SOAK") == nil ? 4 : 12

  /// The newest revision of each key, with the key's sum.
  private static let keys = """
    SELECT e.customer_id, e.subscription_id, e.incident_id, e.currency, e.amount_minor,
      to_char(e.billing_month, 'YYYY-MM') AS month, c.monthly_fee, c.plan, c.policy_version,
      c.percent_bp / 100.0 AS percent
    FROM redress.entitlement AS e
    JOIN redress.credit AS c
      USING (customer_id, subscription_id, incident_id, billing_month, currency, revision)
    ORDER BY 1, 2, 3, 4, 6
    """

  /// The incidents with windows only of other customers, for which the customer has never had a
  /// credit.
  private static let untouched = """
    SELECT DISTINCT k.customer_id, i.incident_id, i.title
    FROM (SELECT DISTINCT customer_id FROM redress.credit) AS k
    CROSS JOIN redress_source.incident AS i
    WHERE EXISTS (SELECT 1 FROM redress_source.outage AS o
        WHERE o.incident_id COLLATE "C" = i.incident_id COLLATE "C" AND o.customer_id <> '')
      AND NOT EXISTS (SELECT 1 FROM redress_source.outage AS o
        WHERE o.incident_id COLLATE "C" = i.incident_id COLLATE "C"
          AND (o.customer_id IS NULL OR o.customer_id COLLATE "C" = k.customer_id COLLATE "C"))
      AND NOT EXISTS (SELECT 1 FROM redress.credit AS c
        WHERE c.customer_id = k.customer_id AND c.incident_id COLLATE "C" = i.incident_id COLLATE "C")
    ORDER BY 1, 2
    """

  /// Whether a text contains a name as a separate word.
  private static func holds(_ text: String, _ name: String) -> Bool {
    func isPart(_ character: Character?) -> Bool {
      character.map { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" } ?? false
    }
    // A name of one letter can be a word of any sentence, so only a whole field counts.
    guard name.utf8.count > 1 else { return text == name }
    return text.ranges(of: name).contains { range in
      let before =
        range.lowerBound == text.startIndex ? nil : text[text.index(before: range.lowerBound)]
      let after = range.upperBound == text.endIndex ? nil : text[range.upperBound]
      return !isPart(before) && !isPart(after)
    }
  }

  /// - Parameter touching: ids and titles of all other incidents. They may be the same or contain
  ///   the name.
  private func checkIncidents(
    _ document: JSONValue, of customer: String, _ untouched: Table, touching: Set<String>,
    _ place: String
  ) {
    let rows = untouched.rows.filter { $0[0] == customer }
    let hidden = Set(rows.flatMap { $0[1...] }).subtracting([""]).filter { name in
      !touching.contains { ExplanationLaw.holds($0, name) }
    }
    for name in hidden {
      for text in document.allTexts where ExplanationLaw.holds(text, name) {
        Issue.record(
          "\(place): what \(customer) is told names an incident of others, \(name): \(text)")
      }
    }
  }

  func check(_ place: String) async throws {
    let untouched = try await database.rows(ExplanationLaw.untouched)
    let incidents = try await database.rows(
      "SELECT incident_id, title FROM redress_source.incident")
    let keys = try await database.rows(ExplanationLaw.keys)
    var customers: [String] = []
    for row in keys.rows where customers.last != row[0] { customers.append(row[0]) }
    let names = try await database.rows(
      "SELECT DISTINCT customer_id, name FROM redress_source.customer ORDER BY 1, 2")
    for customer in customers.prefix(ExplanationLaw.mostCustomers) where !customer.isEmpty {
      let finished = try await database.redress(
        ["explain", "--customer", customer, "--format", "json"]
          + (asOf.map { ["--as-of", $0] } ?? []))
      #expect(finished.exitCode == 0, "\(place): \(finished.errors)")
      let document = try JSONValue(Array(finished.output.utf8))
      for row in keys.rows where row[0] == customer {
        check(row, document, "\(place): \(row.prefix(4)) \(row[5])")
      }
      let own = ExplanationLaw.texts(of: customer, keys, names)
      let others = untouched.rows.filter { $0[0] == customer }.map { $0[1] }
      checkIncidents(
        document, of: customer, untouched,
        touching: Set(incidents.rows.filter { !others.contains($0[0]) }.flatMap { $0 }).union(own),
        place)
      let otherNames = Set(names.rows.filter { $0[0] != customer }.flatMap { $0 }).subtracting(own)
      // A number is not taken for a name: percents and amounts are texts too.
      for text in document.allTexts
      where otherNames.contains(text) && text.contains(where: { !$0.isNumber }) {
        Issue.record("\(place): what \(customer) is told names another customer, \(text)")
      }
    }
  }

  private func check(_ row: [String], _ document: JSONValue, _ place: String) {
    let stories = (document["stories"]?.array ?? []).filter { story in
      story.text("subscription_id") == row[1] && story.text("incident_id") == row[2]
    }
    // Rules give an incident a credit in each of several months, and each is a story of its own.
    let ofMonth = stories.first { story in
      story["ledger"]?.array?.contains { $0.text("billing_month") == row[5] } ?? false
    }
    guard let story = ofMonth ?? stories.first else {
      Issue.record("\(place) is not told")
      return
    }
    #expect(story.text("basis") == "frozen_evidence", "\(place)")
    let account = story["account"]
    let told = story["ledger"]?.array?.first {
      $0.text("currency") == row[3] && $0.text("billing_month") == row[5]
    }
    #expect(told?.number("amount_minor") == row[4], "\(place)")
    if account != .null { #expect(account?["agrees_with_ledger"] == .bool(true), "\(place)") }
    guard row[4] != "0" else { return }
    #expect(story.text("outcome") == "credited", "\(place)")
    #expect(story.number("amount_minor") == row[4], "\(place)")
    #expect(story.text("billing_month") == row[5], "\(place)")
    guard let decision = account?["decision"], decision != .null else {
      Issue.record("\(place): a credit without its decision")
      return
    }
    #expect(decision.text("rounded_amount") == story.text("amount"), "\(place)")
    #expect(decision.text("billing_month") == row[5], "\(place)")
    #expect(ExplanationLaw.isSame(decision.text("monthly_fee"), row[6]), "\(place)")
    #expect(decision.text("plan") == row[7], "\(place)")
    #expect(decision.text("policy_version") == row[8], "\(place)")
    #expect(ExplanationLaw.isSame(decision.text("percent"), row[9]), "\(place)")
  }

  /// Whether two decimals are the same number.
  private static func isSame(_ left: String?, _ right: String) -> Bool {
    func plain(_ text: String) -> Substring {
      guard text.contains(".") else { return text[...] }
      var digits = text[...]
      while digits.last == "0" { digits.removeLast() }
      if digits.last == "." { digits.removeLast() }
      return digits
    }
    return left.map { plain($0) == plain(right) } ?? right.isEmpty
  }

  /// Texts that may be shown although another customer may have the same name.
  private static func texts(of customer: String, _ keys: Table, _ names: Table) -> Set<String> {
    Set(
      names.rows.filter { $0[0] == customer }.flatMap { $0 }
        + keys.rows.filter { $0[0] == customer }.flatMap { $0 } + [""])
  }
}

extension JSONValue {
  fileprivate func text(_ name: String) -> String? {
    self[name]?.string.map { String(decoding: $0, as: UTF8.self) }
  }

  fileprivate func number(_ name: String) -> String? {
    if case .number(let digits)? = self[name] {
      String(decoding: digits, as: UTF8.self)
    } else {
      nil
    }
  }

  /// Every string except the codes of the format, which could be a customer's name by chance.
  fileprivate var allTexts: [String] {
    let codes: Set<String> = ["basis", "kind", "outcome", "reason", "state", "status"]
    switch self {
    case .string(let bytes): return [String(decoding: bytes, as: UTF8.self)]
    case .array(let values): return values.flatMap(\.allTexts)
    case .object(let members):
      return members.filter { !codes.contains(String(decoding: $0.name, as: UTF8.self)) }
        .flatMap(\.value.allTexts)
    case .null, .bool, .number: return []
    }
  }
}
