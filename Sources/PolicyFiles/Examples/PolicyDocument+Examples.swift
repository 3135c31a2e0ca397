import ResponseProcedures
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

  /// The holidays of the version that governs an example.
  package func holidays(of example: PolicyExample) -> [CalendarDate] {
    procedures[position(of: example)].holidays
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
      set, of: version, try example.incidents, period: calendar.period,
      calendar: calendar.calendar, fees: [RuleFee(interval: .always, fee: example.fee)])
    return try calculation.credit().minor
  }
}

extension PolicyExample {
  /// The incidents in the order in which their first outages are given.
  fileprivate var incidents: [MeasuredIncident] {
    get throws(AmountOutOfRange) {
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
      var incidents: [MeasuredIncident] = []
      for own in windows {
        incidents.append(
          MeasuredIncident(
            startedAt: own.map(\.interval.start).min() ?? .distantPast,
            stretches: try PolicyExample.stretches(of: own),
            claimedAt: own.compactMap(\.claimedAt).min()))
      }
      return incidents
    }
  }

  /// Each instant once, at its worst severity and with the largest share.
  private static func stretches(of windows: [Outage]) throws(AmountOutOfRange) -> [Stretch] {
    let edges = Set(windows.flatMap { [$0.interval.start, $0.interval.end] }).sorted()
    var stretches: [Stretch] = []
    for (start, end) in zip(edges, edges.dropFirst()) {
      let here = windows.filter { $0.interval.contains(start) }
      guard let severity = here.map(\.severity).min(), var share = here.first?.share else {
        continue
      }
      for window in here { share = try share.larger(window.share) }
      stretches.append(
        Stretch(interval: Interval(start, end), severity: severity, share: share))
    }
    return stretches
  }
}
