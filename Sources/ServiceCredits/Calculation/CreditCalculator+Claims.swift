/// A credit that is due and was not claimed in time.
public struct Unclaimed: Hashable, Sendable {
  /// The local midnight that ends the last day for a claim. A claim at this instant is too late.
  public let deadline: Instant
}

extension ClaimRule {
  /// The local midnight that ends the last day for a claim.
  /// - Parameters:
  ///   - incidentEnd: of the incident's counted time, exclusive.
  ///   - periodEnd: exclusive.
  func deadline(incidentEnd: Instant, periodEnd: Instant, _ calendar: LocalCalendar) -> Instant {
    let end = after == .incident ? incidentEnd : periodEnd
    return calendar.midnight(ending: withinDays, daysAfter: end)
  }
}

extension LocalCalendar {
  /// The end of the day that comes so many days after the last instant before `end`.
  ///
  /// A calendar that does not reach so far ends with its last day; an empty one gives the earliest instant.
  func midnight(ending days: Int, daysAfter end: Instant) -> Instant {
    var (low, high) = (0, self.days.count)
    while low < high {
      let middle = (low + high) / 2
      if self.days[middle].interval.start < end { low = middle + 1 } else { high = middle }
    }
    guard let last = self.days.last else { return .distantPast }
    let position = max(0, low - 1) + days
    return position < self.days.count ? self.days[position].interval.end : last.interval.end
  }
}

/// Whether credits were claimed in time.
/// - Source: policy language, sections 6 and 9.
extension CreditCalculator {
  /// An incident, and the end of its counted time, exclusive.
  struct ClaimableIncident {
    let number: IncidentNumber
    let end: Instant
  }

  /// `nil` where an outage's credit was claimed in time, or nobody has to claim it.
  ///
  /// What was another customer's is that customer's business, and counts as claimed here.
  func unclaimed(
    _ incident: ClaimableIncident, month: BillingMonth, version: Int, term: SubscriptionTerm,
    _ claims: [CustomerClaim]
  ) -> Unclaimed? {
    guard let rule = versions[version].version.claim, term.isOwn else { return nil }
    let zone = (term.zone ?? versionZones[version]).index
    let monthEnd = zones[zone].period(from: month, months: 1)?.interval.end
    let deadline = rule.deadline(
      incidentEnd: incident.end, periodEnd: monthEnd ?? incident.end, ruleGround.calendar(zone))
    let isClaimed = claims.contains { claim in
      claim.at < deadline
        && (claim.incident.map { $0 == incident.number } ?? (claim.month == month))
    }
    return isClaimed ? nil : Unclaimed(deadline: deadline)
  }

  /// `nil` where a period's credit was claimed in time, or nobody has to claim it.
  ///
  /// A claim for one of its months is in time if a claim for any of its incidents would be.
  /// - Parameters:
  ///   - incidents: those of the period.
  ///   - held: what is recorded for its held incidents. What they have of the period was claimed.
  func unclaimed(
    _ period: RulePeriod, _ incidents: [ClaimableIncident], held: [HeldShare], version: Int,
    zone: Int, _ claims: [CustomerClaim]
  ) -> Unclaimed? {
    guard let rule = versions[version].version.claim else { return nil }
    let hasClaimed = held.contains { $0.parts.monthMinor > 0 || $0.parts.quarterMinor > 0 }
    if hasClaimed { return nil }
    let calendar = ruleGround.calendar(zone)
    var last = Instant.distantPast
    for incident in incidents {
      let deadline = rule.deadline(
        incidentEnd: incident.end, periodEnd: period.interval.end, calendar)
      if claims.contains(where: { $0.incident == incident.number && $0.at < deadline }) {
        return nil
      }
      last = max(last, deadline)
    }
    let isClaimed = claims.contains { claim in
      claim.incident == nil && claim.at < last
        && period.months.contains { $0.month == claim.month }
    }
    return isClaimed ? nil : Unclaimed(deadline: last)
  }

  // MARK: Under rules

  /// Of the time at any severity that a rule of the version names.
  func claimable(
    _ incident: Int, of found: RuleIncidents, _ version: Int
  ) -> ClaimableIncident {
    ClaimableIncident(
      number: found.numbers[incident],
      end: found.measured[incident].end(atOrWorseThan: versions[version].mildest) ?? .distantPast)
  }

  /// For each incident that is measured, whether its own credit was not claimed in time. Only where it is the period's.
  func outagesUnclaimed(
    _ found: RuleIncidents, _ period: RulePeriod, _ version: Int, term: SubscriptionTerm,
    _ claims: [CustomerClaim]
  ) -> [Unclaimed?] {
    found.measured.indices.map { incident in
      guard
        let first = found.measured[incident].first(
          atOrWorseThan: versions[version].mildest, in: .always),
        let month = period.months.first(where: { $0.interval.contains(first) })
      else { return nil }
      return unclaimed(
        claimable(incident, of: found, version), month: month.month, version: version, term: term,
        claims)
    }
  }

  /// Of a period that nobody claimed in time: what adds something is told from what adds nothing.
  static func unclaimedAmounts(
    _ owed: [OwedAmount]
  ) throws(AmountOutOfRange) -> [RuleAward.Amount] {
    var amounts: [RuleAward.Amount] = []
    var before = Fraction.zero
    for each in owed {
      let adds = try before.isLess(than: each.total)
      amounts.append(
        .nothing(each.winners.isEmpty ? .belowEveryTier : adds ? .notClaimed : .addsNothing))
      before = each.total
    }
    return amounts
  }
}

extension CreditPolicy {
  /// Whether anything depends on the customers' claims.
  public var readsClaims: Bool {
    hasDeadlines || ruleSets.contains { $0.rules.contains { $0.count.isFromClaim } }
  }

  /// Whether any version grants only what is claimed in time.
  public var hasDeadlines: Bool { versions.contains { $0.claim != nil } }

  /// Whether anything depends on the days of the local clock.
  public var needsCalendars: Bool { countsLocalUnits || hasDeadlines }

  /// How many days after the last outage the calendar must reach for the latest deadline: a quarter may go on after it.
  public var deadlineReachDays: Int {
    versions.compactMap { $0.claim?.withinDays }.max().map { $0 + 93 } ?? 0
  }
}
