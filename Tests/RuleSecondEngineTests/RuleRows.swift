import RandomRules
import ServiceCredits

/// Stories as rows of the tables in rule-tables.sql.
struct RuleRows {
  private var tuples: [String: [String]] = [:]

  private static let tables = [
    "rule_case", "rule_month", "rule_fee", "rule_incident", "rule_stretch", "rule_rule",
    "rule_step", "rule_rate", "rule_cap", "rule_value",
  ]

  /// Empties the tables and fills them.
  var script: String {
    Self.tables.map { table in
      let rows = tuples[table] ?? []
      let insert =
        rows.isEmpty ? "" : "INSERT INTO \(table) VALUES \(rows.joined(separator: ",\n"));"
      return "TRUNCATE \(table);\n\(insert)\nANALYZE \(table);\n"
    }.joined()
  }

  mutating func add(_ story: RuleStory, _ number: Int) {
    let set = story.set
    insert(
      "rule_case", number,
      [
        story.place.zone, "\(story.period.months.count == 3)", "\(story.overlap == .countEach)",
        "\(set.combine == .largest)", story.rounding.rawValue,
        "\(story.currency.minorUnitsPerMajor)", "\(story.minimum)",
        set.raiseTo[story.currency].map { "\($0)" },
        story.otherPlan?.rules.map(\.severities.mildest.rawValue).max().map { "\($0)" },
      ] + base(set.base))
    for month in story.period.months {
      insert("rule_month", number, interval(month.interval) + ["\(month.days)"])
    }
    for fee in story.fees {
      insert("rule_fee", number, interval(fee.interval) + ["\(fee.fee.micros)"])
    }
    for (position, incident) in story.incidents.enumerated() {
      let id = "\(position + 1)"
      insert(
        "rule_incident", number,
        [
          id, "\(incident.startedAt.microseconds)",
          incident.claimedAt.map { "\($0.microseconds)" },
        ])
      for stretch in incident.stretches {
        insert(
          "rule_stretch", number,
          [id] + interval(stretch.interval) + [
            "\(stretch.severity.rawValue)", fraction(stretch.share),
          ])
      }
    }
    for (position, rule) in set.rules.enumerated() { add(rule, position, number, story) }
    for (position, cap) in set.caps.enumerated() {
      insert("rule_cap", number, [cap.per.rawValue, "\(position)"])
      add(cap.most, rule: -1, credit: position, number, story)
    }
  }

  // MARK: Rules

  private mutating func add(_ rule: Rule, _ position: Int, _ number: Int, _ story: RuleStory) {
    let count = rule.count
    let gate = gateColumns(rule.gate)
    let measure: [String?] = [
      "\(position)", "\(rule.per == .quarter)", rule.of.rawValue,
      "\(rule.severities.mildest.rawValue)", rule.severities.notWorseThan.map { "\($0.rawValue)" },
      text(count.longerThan), text(count.atLeast), text(count.whole?.unit),
      "\(count.whole?.isAligned ?? false)", count.round.map { "\($0)" }, text(count.periodLength),
      "\(count.weighsShare)", "\(count.isFromClaim)",
    ]
    var credit = 0
    func value(_ value: RuleValue, _ rows: inout RuleRows) -> String {
      defer { credit += 1 }
      rows.add(value, rule: position, credit: credit, number, story)
      return "\(credit)"
    }
    var kind: [String?]
    switch rule.kind {
    case let steps as Steps:
      kind = ["steps", nil, nil, nil] + [String?](repeating: nil, count: 7)
      for step in steps.steps {
        let (name, threshold) = Self.condition(step.condition)
        insert(
          "rule_step", number,
          ["\(position)", name, threshold.map(fraction), value(step.credit, &self)])
      }
    case let multiple as Multiple:
      kind =
        ["multiple", fraction(multiple.times)] + free(multiple.free)
        + [String?](repeating: nil, count: 7)
    case let units as PerUnit:
      kind = ["per_unit", nil] + free(units.free) + Self.unit(units.unit, fraction)
      kind += Self.grace(units.grace)
      for rate in units.rates {
        insert(
          "rule_rate", number, ["\(position)", "\(rate.from)", value(rate.credit, &self)])
      }
    default: preconditionFailure("a kind of rule that the second engine does not know")
    }
    insert("rule_rule", number, measure + base(rule.base) + gate + kind)
  }

  private func gateColumns(_ gate: Rule.Gate?) -> [String?] {
    switch gate {
    case .uptimeBelow(let percent): ["uptime_below", fraction(percent)]
    case .longerThan(let time): ["longer_than", "(\(time),1)"]
    case .atLeast(let time): ["at_least", "(\(time),1)"]
    case .downtimeLongerThan(let time): ["downtime_longer_than", "(\(time),1)"]
    case .downtimeAtLeast(let time): ["downtime_at_least", "(\(time),1)"]
    case nil: [nil, nil]
    }
  }

  private static func condition(_ condition: Steps.Condition) -> (String, Fraction?) {
    switch condition {
    case .longerThan(let time): ("longer_than", Fraction(whole: time))
    case .timeAtLeast(let time): ("time_at_least", Fraction(whole: time))
    case .below(let percent): ("below", percent)
    case .atMost(let percent): ("at_most", percent)
    case .moreThan(let number): ("more_than", Fraction(whole: Int64(number)))
    case .numberAtLeast(let number): ("number_at_least", Fraction(whole: Int64(number)))
    case .any: ("any", nil)
    }
  }

  /// The columns unit, unit_size, promise, counted, counted_limit.
  private static func unit(
    _ unit: PerUnit.Unit, _ fraction: (Fraction) -> String
  ) -> [String?] {
    func part(_ part: PerUnit.Part) -> [String?] {
      switch part {
      case .started: ["started", nil]
      case .complete: ["complete", nil]
      case .fractionOver(let rest): ["fraction_over", "\(rest)"]
      }
    }
    switch unit {
    case .time(let length, let counted): return ["time", "(\(length),1)", nil] + part(counted)
    case .shortOf(let promise, let size, let counted):
      return ["short_of", fraction(size), fraction(promise)] + part(counted)
    case .calendar(let unit, let down):
      switch down {
      case .any: return [unit.rawValue, nil, nil, "any", nil]
      case .atEnd: return [unit.rawValue, nil, nil, "down_at_end", nil]
      case .longerThan(let time): return [unit.rawValue, nil, nil, "down_longer_than", "\(time)"]
      }
    }
  }

  private static func grace(_ grace: PerUnit.Grace?) -> [String?] {
    switch grace {
    case .calendarDays(let days): ["\(days)", nil]
    case .workingDays(let days): [nil, "\(days)"]
    case nil: [nil, nil]
    }
  }

  private func free(_ free: FreeTime?) -> [String?] {
    switch free {
    case .time(let time): ["\(time)", nil]
    case .share(let share): [nil, fraction(share)]
    case nil: [nil, nil]
    }
  }

  // MARK: Values

  private mutating func add(
    _ value: RuleValue, rule: Int, credit: Int, _ number: Int, _ story: RuleStory
  ) {
    func form(_ name: String, _ quantity: Fraction, _ rows: inout RuleRows) {
      rows.insert("rule_value", number, ["\(rule)", "\(credit)", name, rows.fraction(quantity)])
    }
    switch value {
    case .share(let share): form("share", share, &self)
    case .days(let days): form("days", days, &self)
    case .time(let time): form("time", Fraction(whole: time), &self)
    case .amount(let major): form("amount", major, &self)
    case .amounts(let amounts):
      if let major = amounts[story.currency] { form("amount", major, &self) }
    case .largest(let values):
      for value in values { add(value, rule: rule, credit: credit, number, story) }
    }
  }

  private func base(_ base: BaseRule) -> [String?] {
    [
      base.fee == .billed ? "billed" : "month", fraction(base.share), text(base.monthLength),
      text(base.days),
    ]
  }

  private func interval(_ interval: Interval) -> [String?] {
    ["\(interval.start.microseconds)", "\(interval.end.microseconds)"]
  }

  private func fraction(_ fraction: Fraction) -> String {
    "(\(fraction.numerator),\(fraction.denominator))"
  }

  private func text(_ number: Int64?) -> String? { number.map { "\($0)" } }

  private mutating func insert(_ table: String, _ number: Int, _ values: [String?]) {
    let literals = values.map { $0.map { "'\($0)'" } ?? "NULL" }.joined(separator: ",")
    tuples[table, default: []].append("(\(number),\(literals))")
  }
}
