import ServiceCredits
import TestSupport

/// A policy in the form of the file and in the form of the second engine.
enum RandomPolicy {
  struct Plan {
    var name: String
    var tiers: [CreditTier]?
    var cap: Int32?
  }

  struct Version {
    var name: String
    /// Days since 1970.
    var effectiveFrom: Int64
    var timeZone: String
    var tiers: [CreditTier]
    var cap: Int32
    var overlap: String
    var rounding: String
    var exclusions: [(kind: String, announced: Int64?)]
    /// Amounts as written in the file.
    var minimum: [(currency: String, amount: String)]
    var plans: [Plan]

    var thresholds: [Int64] {
      (tiers + plans.flatMap { $0.tiers ?? [] }).map(\.longerThanMicroseconds)
    }
  }

  static let digits = ["USD": 2, "EUR": 2, "JPY": 0, "KWD": 3, "CLF": 4]

  static let promise = [
    CreditTier(severity: .p0, longerThanMicroseconds: hour, credit: BasisPoints(1000)),
    CreditTier(severity: .p0, longerThanMicroseconds: 4 * hour, credit: BasisPoints(2500)),
    CreditTier(severity: .p1, longerThanMicroseconds: 4 * hour, credit: BasisPoints(500)),
  ]

  static func draw(asOf: Int64, from generator: inout ScenarioGenerator) -> [Version] {
    let today = asOf / day
    // From 2025-01-01, or from a date that leaves some incidents without a policy.
    var starts = [generator.happens(85) ? 20_089 : today - Int64(generator.draw(20...60))]
    for _ in 0..<generator.pick([0, 0, 0, 1, 1, 2]) {
      var start = today - Int64(generator.draw(3...70))
      if generator.happens(40) {
        start = Int64(BillingMonth(daysSinceUnixEpoch: Int32(start)).daysSinceUnixEpoch)
      }
      starts.append(start)
    }
    // At least two days apart, so that time zones cannot change the order.
    var kept: [Int64] = []
    for start in starts.sorted() where kept.last.map({ start >= $0 + 2 }) ?? true {
      kept.append(start)
    }
    return kept.enumerated().map { position, start in
      version("v\(position + 1)", effectiveFrom: start, from: &generator)
    }
  }

  private static func version(
    _ name: String, effectiveFrom: Int64, from generator: inout ScenarioGenerator
  ) -> Version {
    let isPromise = generator.happens(50)
    let hasMild = generator.happens(40)
    let tiers = isPromise ? promise : tiers(hasMild, from: &generator)
    var version = Version(
      name: name, effectiveFrom: effectiveFrom,
      timeZone: generator.pick(["UTC", "UTC"] + ScenarioGenerator.zones), tiers: tiers,
      cap: generator.pick([10_000, 10_000, 6000, 5000]),
      overlap: generator.happens(20) ? "count_each" : "count_once",
      rounding: generator.pick(["half_up", "half_up", "half_even", "up", "down"]),
      exclusions: [
        ("scheduled_maintenance", day), ("customer_fault", nil), ("force_majeure", nil),
      ], minimum: [], plans: [])
    if !isPromise && generator.happens(60) {
      version.exclusions = version.exclusions.compactMap { exclusion in
        generator.happens(70)
          ? (exclusion.kind, generator.pick([nil, hour, day, 30 * minute])) : nil
      }
    }
    if generator.happens(30) {
      version.minimum = [
        ("USD", generator.pick(["1.00", "5.00", "0.01", "100.00"])),
        ("JPY", generator.pick(["1", "50"])), ("KWD", "0.100"),
      ]
    }
    for plan in ["platinum", "gold"] where generator.happens(35) {
      var own: [CreditTier]?
      if generator.happens(70) { own = self.tiers(hasMild, from: &generator) }
      let most = (own ?? tiers).map(\.credit.value).max() ?? 0
      let cap =
        generator.happens(50) || own == nil
        ? max(generator.pick([3000, 4000, 6000, 10_000]), most) : nil
      version.plans.append(Plan(name: plan, tiers: own, cap: cap))
    }
    let all = tiers + version.plans.flatMap { $0.tiers ?? [] }
    version.cap = max(version.cap, all.map(\.credit.value).max() ?? 0)
    return version
  }

  /// Tiers that can all win.
  private static func tiers(
    _ hasMild: Bool, from generator: inout ScenarioGenerator
  ) -> [CreditTier] {
    var tiers: [CreditTier] = []
    for _ in 0..<generator.draw(1...5) {
      let thresholds: [Int64] = [15, 30, 60, 90, 120, 240, 300, 480]
      let tier = CreditTier(
        severity: hasMild ? generator.pick([.p0, .p1, .p2, .p3]) : generator.pick([.p0, .p1]),
        longerThanMicroseconds: generator.pick(thresholds) * minute,
        credit: BasisPoints(
          generator.pick([100, 250, 500, 1000, 1250, 1500, 2500, 3333, 4000, 5000, 6000])))
      if CreditTier.conflicts(in: tiers + [tier]).isEmpty { tiers.append(tier) }
    }
    return tiers
  }

  // MARK: As text

  static func yaml(_ versions: [Version]) -> String {
    var text = "versions:\n"
    for version in versions {
      text += """
          - version: \(version.name)
            effective_from: \(date(version.effectiveFrom))
            time_zone: \(version.timeZone)
            cap: \(BasisPoints(version.cap).percentText)%
            overlap: \(version.overlap)
            rounding: \(version.rounding)
            tiers:

        """
      text += yaml(version.tiers, indent: "      ")
      let exclusions = version.exclusions.map { exclusion in
        let lead = exclusion.announced.map { ", announced: \($0 / minute)m" } ?? ""
        return "{kind: \(exclusion.kind)\(lead)}"
      }
      text += "    exclude: [\(exclusions.joined(separator: ", "))]\n"
      if !version.minimum.isEmpty {
        let amounts = version.minimum.map { "\($0.currency): \($0.amount)" }
        text += "    minimum: {\(amounts.joined(separator: ", "))}\n"
      }
      if !version.plans.isEmpty { text += "    plans:\n" }
      for plan in version.plans {
        text += "      \(plan.name):\n"
        if let cap = plan.cap { text += "        cap: \(BasisPoints(cap).percentText)%\n" }
        if let tiers = plan.tiers {
          text += "        tiers:\n" + yaml(tiers, indent: "          ")
        }
      }
    }
    return text
  }

  private static func yaml(_ tiers: [CreditTier], indent: String) -> String {
    tiers.map {
      "\(indent)- {severity: \($0.severity.code), longer_than: \($0.longerThanMicroseconds / minute)m, "
        + "credit: \($0.credit.percentText)%}\n"
    }.joined()
  }

  private static func date(_ days: Int64) -> String {
    String(Instant(microseconds: days * day).text.prefix(10))
  }

  /// The rows for the second engine's tables.
  static func inserts(_ versions: [Version]) -> [SQLRow] {
    var rows: [SQLRow] = []
    for version in versions {
      rows.append(
        SQLRow(
          "second_policy",
          [
            version.name, date(version.effectiveFrom), version.timeZone, "\(version.cap)",
            version.overlap, version.rounding,
          ]))
      func add(_ tiers: [CreditTier], _ plan: String?) {
        for tier in tiers {
          rows.append(
            SQLRow(
              "second_tier",
              [
                version.name, plan, "\(tier.severity.rawValue)", "\(tier.longerThanMicroseconds)",
                "\(tier.credit.value)",
              ]))
        }
      }
      add(version.tiers, nil)
      for plan in version.plans {
        if let cap = plan.cap {
          rows.append(SQLRow("second_plan", [version.name, plan.name, "\(cap)"]))
        }
        add(plan.tiers ?? [], plan.name)
      }
      for exclusion in version.exclusions {
        rows.append(
          SQLRow(
            "second_exclude", [version.name, exclusion.kind, exclusion.announced.map { "\($0)" }]))
      }
      for minimum in version.minimum {
        let minor = minimum.amount.filter { $0 != "." }
        rows.append(SQLRow("second_minimum", [version.name, minimum.currency, minor]))
      }
    }
    return rows
  }
}

/// A row to insert, with values in the order of the table's columns; `nil` is null.
struct SQLRow {
  let table: String
  let values: [String?]

  init(_ table: String, _ values: [String?]) {
    self.table = table
    self.values = values
  }

  /// The row as a statement.
  var statement: String { "INSERT INTO \(table) VALUES \(tuple);" }

  /// Literals of unknown type, so that the column determines the type.
  private var tuple: String {
    let literals = values.map { value -> String in
      guard let value else { return "NULL" }
      return "'\(value.replacing("'", with: "''"))'"
    }
    return "(\(literals.joined(separator: ", ")))"
  }

  /// One statement for each sequence of rows of the same table.
  static func script(_ rows: [SQLRow]) -> String {
    var script = ""
    for (position, row) in rows.enumerated() {
      if position > 0, rows[position - 1].table == row.table {
        script += ",\n" + row.tuple
      } else {
        script += "\(position > 0 ? ";" : "")\nINSERT INTO \(row.table) VALUES \(row.tuple)"
      }
    }
    return script + ";\n"
  }
}

extension Source {
  var rows: [SQLRow] {
    func time(_ microseconds: Int64) -> String { Instant(microseconds: microseconds).text }
    var rows: [SQLRow] = []
    func add(_ relation: String, _ values: [String?]) {
      rows.append(SQLRow("redress_source.\(relation)", values))
    }
    for row in customers {
      add("customer", [row.id, "Name of \(row.id)", "team", row.timeZone, nil])
    }
    for id in services { add("service", [id, "Service \(id)"]) }
    for row in terms {
      add(
        "subscription_term",
        [
          row.subscription, row.customer, row.service, row.plan, row.fee, row.currency,
          time(row.from), row.to.map(time),
        ])
    }
    for row in incidents {
      add(
        "incident",
        [
          row.id, "Outage \(row.id)", row.severity, row.status, time(row.startedAt),
          row.acknowledgedAt.map(time), row.resolvedAt.map(time), nil, "false", "false", "false",
        ])
    }
    for row in windows {
      add(
        "outage",
        [row.incident, row.severity, row.service, row.customer, time(row.from), row.to.map(time)])
    }
    for row in exclusions {
      add(
        "exclusion",
        [
          row.id, row.kind, row.service, row.customer, time(row.from), time(row.to),
          row.announcedAt.map(time),
        ])
    }
    for row in invoices {
      add("invoice", [row.id, row.customer, row.currency, row.status, row.issueOn, row.due])
    }
    return rows
  }
}
