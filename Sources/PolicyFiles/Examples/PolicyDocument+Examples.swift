package import ServiceCredits

extension PolicyDocument {
  /// The version that governs the first day of an example's period, or the first that begins later.
  private func position(of example: PolicyExample) -> Int {
    let first = CalendarDate(year: example.months[0].year, month: example.months[0].month, day: 1)
    let governing = policy.versions.lastIndex { version in
      first.map { version.effectiveFrom <= $0 } ?? false
    }
    return governing ?? 0
  }

  /// The customer's zone in an example.
  package func timeZone(of example: PolicyExample) -> String {
    example.timeZone ?? policy.versions[position(of: example)].timeZone
  }

  /// What an example is owed by this policy, in minor units of its fee's currency.
  /// - Throws: `AmountOutOfRange` if a number does not fit.
  package func credit(
    of example: PolicyExample, in calendar: ExampleCalendar
  ) throws(AmountOutOfRange) -> Int64 {
    let version = policy.versions[position(of: example)]
    let terms = example.plan.map { version.terms(forPlan: $0) } ?? version.terms
    let set: RuleSet =
      switch terms.rule {
      case .rules(let set): set
      case .tiers(let tiers):
        RuleSet(
          tiers: tiers,
          caps: RuleValue(terms.cap).map { [CapRule(per: .month, most: $0)] } ?? [])
      }
    let calculation = PeriodCalculation(
      set, of: version, example.incidents, period: calendar.period,
      calendar: calendar.calendar, fees: [RuleFee(interval: .always, fee: example.fee)])
    return try calculation.credit().minor
  }
}

extension PolicyExample {
  /// The incidents in the order in which their first outages are given.
  fileprivate var incidents: [MeasuredIncident] {
    var windows: [[Outage]] = []
    var position: [String: Int] = [:]
    for outage in outages {
      if let name = outage.incident, let known = position[name] {
        windows[known].append(outage)
      } else {
        if let name = outage.incident { position[name] = windows.count }
        windows.append([outage])
      }
    }
    return windows.map { own in
      MeasuredIncident(
        startedAt: own.map(\.interval.start).min() ?? .distantPast,
        stretches: PolicyExample.stretches(of: own),
        claimedAt: own.compactMap(\.claimedAt).min())
    }
  }

  /// Each instant once, at its worst severity and with the largest share at that severity.
  private static func stretches(of windows: [Outage]) -> [Stretch] {
    let edges = Set(windows.flatMap { [$0.interval.start, $0.interval.end] }).sorted()
    return zip(edges, edges.dropFirst()).compactMap { start, end in
      let here = windows.filter { $0.interval.contains(start) }
      guard let worst = here.map(\.severity).min(),
        let share = here.filter({ $0.severity == worst }).map(\.shareMicros).max()
      else { return nil }
      return Stretch(interval: Interval(start, end), severity: worst, shareMicros: share)
    }
  }
}
