import SeededRandom
import ServiceCredits

/// Random histories: one policy, dozens of customers, three nights.
extension RuleStoryGenerator {
  /// - Parameter isAccepted: whether a policy file can say the rules.
  public mutating func history(
    in places: [StoryPlace], isAccepted: (RuleStory) -> Bool
  ) -> RuleHistory {
    var policy = story(in: places)
    // The year's first and last months have neighbours that the places do not tell of.
    while policy.period.months.contains(where: { [1, 2, 11, 12].contains($0.month.month) })
      || !isAccepted(policy)
    {
      policy = story(in: places)
    }
    (policy.incidents, policy.fees) = ([], [])
    let customers = (0..<Int(draw(18...26))).map { number in
      RuleHistory.Customer(
        number: number, place: happens(30) ? pick(places) : nil,
        fees: fees(policy.period, policy.currency),
        isOfOtherPlan: policy.otherPlan != nil && happens(30))
    }
    let incidents = (0..<Int(draw(5...11))).compactMap { incident($0, customers, policy) }
    let first = RuleHistory.Night(asOf: policy.period.interval.end, incidents: incidents)
    var history = RuleHistory(policy: policy, customers: customers, nights: [])
    var night = dated(first)
    history.nights.append(night)
    for round in 0..<2 {
      amend(&night, policy.place, isLast: round == 1)
      night = dated(night)
      history.nights.append(night)
    }
    return history
  }

  /// After everything that is resolved.
  private mutating func dated(_ night: RuleHistory.Night) -> RuleHistory.Night {
    let ends = night.incidents.flatMap(\.windows).map(\.interval.end)
    let latest = ([night.asOf] + ends).max() ?? night.asOf
    let later = latest.microseconds + pick([1, 2, 72, 35 * 24]) * RuleTime.hour
    return RuleHistory.Night(asOf: Instant(microseconds: later), incidents: night.incidents)
  }

  // MARK: Incidents

  /// - Returns: `nil` where it is too long, or reaches out of the year.
  private mutating func incident(
    _ number: Int, _ customers: [RuleHistory.Customer], _ policy: RuleStory
  ) -> RuleHistory.Incident? {
    var windows: [RuleHistory.Window] = []
    if happens(40) { windows += self.windows(of: nil, policy.place, policy) }
    if windows.isEmpty || happens(30) {
      for customer in customers where happens(25) {
        windows += self.windows(of: customer.number, customer.place ?? policy.place, policy)
      }
    }
    let starts = windows.map(\.interval.start).min() ?? .distantPast
    let started = starts.microseconds - (happens(20) ? draw(0...2) * RuleTime.hour : 0)
    var incident = RuleHistory.Incident(
      number: number, startedAt: Instant(microseconds: started), windows: windows)
    if !incident.hasPlainShares {
      for position in windows.indices { incident.windows[position].share = windows[0].share }
    }
    return isInYear(incident, policy.place) ? incident : nil
  }

  private mutating func windows(
    of customer: Int?, _ place: StoryPlace, _ policy: RuleStory
  ) -> [RuleHistory.Window] {
    var at = beginning(place, policy.period)
    var windows: [RuleHistory.Window] = []
    for _ in 0..<pick([1, 1, 1, 2, 3]) {
      if happens(40) { at += pick([RuleTime.minute, RuleTime.hour, 1, RuleTime.day]) }
      let end = at + length()
      windows.append(
        RuleHistory.Window(
          customer: customer, interval: RuleTime.interval(at, end), severity: severity(),
          share: share()))
      at = end
    }
    return windows
  }

  /// Whether it is within the year, and not longer than the days that are known around a period.
  private func isInYear(_ incident: RuleHistory.Incident, _ place: StoryPlace) -> Bool {
    let starts = incident.windows.map(\.interval.start.microseconds)
    let ends = incident.windows.map(\.interval.end.microseconds)
    guard let start = starts.min(), let end = ends.max() else { return false }
    return start >= place.months[0].interval.start.microseconds + 2 * RuleTime.day
      && end <= place.months[11].interval.start.microseconds && end - start <= 40 * RuleTime.day
  }

  // MARK: Amendments

  /// - Parameter isLast: whether everything that was held is resolved.
  private mutating func amend(
    _ night: inout RuleHistory.Night, _ place: StoryPlace, isLast: Bool
  ) {
    guard !night.incidents.isEmpty else { return }
    for position in night.incidents.indices where night.incidents[position].status != .resolved {
      if isLast || happens(50) { night.incidents[position].status = .resolved }
    }
    for _ in 0..<draw(1...4) {
      let position = Int(draw(0...Int64(night.incidents.count - 1)))
      var incident = night.incidents[position]
      switch draw(0...7) {
      case 0: incident.status = .void
      case 1, 2: if !isLast { incident.status = .open }
      default: amend(&incident)
      }
      if incident.hasPlainShares, isInYear(incident, place) {
        night.incidents[position] = incident
      }
    }
  }

  /// A window becomes longer or shorter, begins earlier or later, or is another severity.
  private mutating func amend(_ incident: inout RuleHistory.Incident) {
    let position = Int(draw(0...Int64(incident.windows.count - 1)))
    let old = incident.windows[position].interval
    let (start, end) = (old.start.microseconds, old.end.microseconds)
    switch draw(0...4) {
    case 0: incident.windows[position].severity = severity()
    case 1:
      let earlier = min(end - 1, start + draw(-4...4) * 30 * RuleTime.minute)
      incident.windows[position].interval = RuleTime.interval(earlier, end)
    default: incident.windows[position].interval = RuleTime.interval(start, start + length())
    }
  }
}
