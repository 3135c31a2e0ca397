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
  /// - Parameter incidents: those of the period.
  func unclaimed(
    _ period: RulePeriod, _ incidents: [ClaimableIncident], version: Int, zone: Int,
    _ claims: [CustomerClaim]
  ) -> Unclaimed? {
    guard let rule = versions[version].version.claim else { return nil }
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
