import RandomRules
import ServiceCredits

/// What is known by a night, as rows of the source relations.
struct RuleNightRows {
  private var tuples: [String: [String]] = [:]

  private static let columns = [
    ("customer", "customer_id, name, tier, time_zone"),
    ("service", "service_id, name"),
    (
      "subscription_term",
      "subscription_id, customer_id, service_id, plan, monthly_fee, currency, valid_from, valid_to"
    ),
    ("incident", "incident_id, title, severity, status, started_at, resolved_at"),
    ("outage", "incident_id, severity, customer_id, started_at, ended_at, share"),
  ]

  init(_ history: RuleHistory, _ night: RuleHistory.Night) {
    add("service", ["s", "Service"])
    for customer in history.customers {
      let id = Self.customer(customer.number)
      add("customer", [id, id, "business", customer.place?.zone])
      for term in customer.fees {
        add(
          "subscription_term",
          [
            "sub-\(id)", id, "s", customer.isOfOtherPlan ? "other" : "standard",
            Self.decimal(term.fee.micros), term.fee.currency.code, term.interval.start.text,
            term.interval.end.text,
          ])
      }
    }
    for incident in night.incidents {
      let id = "i\(Self.twoDigits(incident.number))"
      add(
        "incident",
        [
          id, id, "P0", incident.status.rawValue, incident.startedAt.text,
          incident.status == .resolved ? night.asOf.text : nil,
        ])
      for window in incident.windows {
        add(
          "outage",
          [
            id, window.severity.code, window.customer.map(Self.customer),
            window.interval.start.text, window.interval.end.text,
            Self.decimal(1_000_000 / window.share.denominator * window.share.numerator),
          ])
      }
    }
  }

  /// Empties the relations and fills them.
  var script: String {
    "BEGIN;\n"
      + Self.columns.map { relation, columns in
        let rows = tuples[relation] ?? []
        let insert =
          rows.isEmpty
          ? ""
          : "INSERT INTO redress_source.\(relation) (\(columns)) VALUES \(rows.joined(separator: ",\n"));"
        return "DELETE FROM redress_source.\(relation);\n\(insert)\n"
      }.joined() + "COMMIT;"
  }

  private mutating func add(_ relation: String, _ values: [String?]) {
    let literals = values.map { $0.map { "'\($0)'" } ?? "NULL" }
    tuples[relation, default: []].append("(\(literals.joined(separator: ", ")))")
  }

  private static func customer(_ number: Int) -> String { "c\(twoDigits(number))" }

  private static func twoDigits(_ number: Int) -> String {
    number < 10 ? "0\(number)" : "\(number)"
  }

  /// Millionths as a decimal number.
  private static func decimal(_ micros: some BinaryInteger) -> String {
    let rest = String(micros % 1_000_000)
    return "\(micros / 1_000_000)." + String(repeating: "0", count: 6 - rest.count) + rest
  }
}
