public import ServiceCredits

/// A policy of rules, customers with one subscription each, and what befell them by several nights.
public struct RuleHistory: Sendable {
  public struct Customer: Sendable {
    public let number: Int
    /// `nil` for the policy's.
    public var place: StoryPlace?
    /// Of the terms; ascending, without gaps or overlaps.
    public var fees: [RuleFee]
    public let isOfOtherPlan: Bool
  }

  /// Time that an incident took from a customer, or from all.
  public struct Window: Sendable {
    /// Number of the customer; `nil` for all.
    public let customer: Int?
    public var interval: Interval
    public var severity: Severity
    public var share: Fraction

    func concerns(_ other: Int) -> Bool { customer.map { $0 == other } ?? true }
  }

  public enum Status: String, Sendable {
    case resolved, open, void
  }

  public struct Incident: Sendable {
    public let number: Int
    public let startedAt: Instant
    public var status = Status.resolved
    public var windows: [Window]

    /// Whether windows that meet have one share, so that an instant has it at every severity.
    var hasPlainShares: Bool {
      windows.allSatisfy { one in
        windows.allSatisfy { other in
          one.share == other.share || !one.interval.overlaps(other.interval)
            || (one.customer != nil && other.customer != nil && one.customer != other.customer)
        }
      }
    }
  }

  /// What is known of the incidents at an instant.
  public struct Night: Sendable {
    public var asOf: Instant
    /// In byte order of their ids; the same ones every night.
    public var incidents: [Incident]
  }

  /// The version's rules and the place of its time zone. Its incidents and fees are nobody's.
  public var policy: RuleStory
  public var customers: [Customer]
  public var nights: [Night]
}

/// What a customer is to get, in minor units.
public struct RuleDues: Sendable {
  public struct Key: Hashable, Sendable {
    /// Number of the incident.
    public let incident: Int
    public let month: BillingMonth

    public init(incident: Int, month: BillingMonth) {
      self.incident = incident
      self.month = month
    }
  }

  /// Amounts other than zero.
  public private(set) var amounts: [Key: Int64] = [:]

  mutating func add(_ minor: Int64, _ key: Key) {
    if minor != 0 { amounts[key, default: 0] += minor }
  }

  public var minor: Int64 { amounts.values.reduce(0, +) }
}

extension RuleHistory {
  public func set(of customer: Customer) -> RuleSet {
    customer.isOfOtherPlan ? policy.otherPlan ?? policy.set : policy.set
  }

  /// What an incident took from a customer: at each instant the worst severity of the windows that cover it.
  func measured(_ incident: Incident, for customer: Customer) -> MeasuredIncident? {
    let windows = incident.windows.filter { $0.concerns(customer.number) }
    let edges =
      Set(
        windows.flatMap { [$0.interval.start, $0.interval.end] }
          + customer.fees.flatMap { [$0.interval.start, $0.interval.end] }
      ).sorted()
    var stretches: [Stretch] = []
    for (start, end) in zip(edges, edges.dropFirst()) {
      guard customer.fees.contains(where: { $0.interval.contains(start) }),
        let worst = windows.filter({ $0.interval.contains(start) })
          .min(by: { $0.severity < $1.severity })
      else { continue }
      stretches.append(
        Stretch(interval: Interval(start, end), severity: worst.severity, share: worst.share))
    }
    return stretches.isEmpty
      ? nil : MeasuredIncident(startedAt: incident.startedAt, stretches: stretches)
  }

  /// What a customer is to get by a night, each period worked out by itself from the incidents that are resolved.
  ///
  /// - Parameter held: by first month of the period, minor units that held incidents have on record from its measure; the
  ///   others get what is left of each total.
  /// - Throws: `AmountOutOfRange` if a number does not fit.
  public func dues(
    of customer: Customer, by night: Night, held: [BillingMonth: Int64] = [:]
  ) throws(AmountOutOfRange) -> RuleDues {
    var numbers: [Int] = []
    var incidents: [MeasuredIncident] = []
    for incident in night.incidents where incident.status == .resolved {
      guard let measured = measured(incident, for: customer) else { continue }
      numbers.append(incident.number)
      incidents.append(measured)
    }
    var dues = RuleDues()
    for story in periods(of: customer, incidents) {
      let isLone = story.set.rules.allSatisfy(\.isOfOutagesAlone)
      guard isLone || story.period.interval.end <= night.asOf else { continue }
      let taken = held[story.period.months[0].month] ?? 0
      let parts = try story.parts()
      // The part of the first ones in the order, together.
      var (sum, given): (Int64, Int64) = (0, 0)
      for position in story.order {
        sum += parts[position.incident]
        let part = max(0, sum - taken) - given
        given += part
        dues.add(
          part, RuleDues.Key(incident: numbers[position.incident], month: position.month))
      }
    }
    return dues
  }

  /// The months that incidents touch, and their quarters where rules measure any.
  private func periods(of customer: Customer, _ incidents: [MeasuredIncident]) -> [RuleStory] {
    var story = policy
    story.place = customer.place ?? policy.place
    story.set = set(of: customer)
    story.otherPlan = customer.isOfOtherPlan ? policy.set : policy.otherPlan
    story.incidents = incidents
    story.fees = customer.fees
    let months = story.place.months
    let quarters = stride(from: 0, to: months.count, by: 3).map { Array(months[$0..<$0 + 3]) }
    let hasQuarters = story.set.rules.contains { $0.per == .quarter }
    let all = months.map { [$0] } + (hasQuarters ? quarters : [])
    return all.map { RulePeriod(months: $0) }
      .filter { period in
        incidents.contains { $0.stretches.contains { $0.interval.overlaps(period.interval) } }
      }
      .map { period in
        story.period = period
        return story
      }
  }
}

extension RuleStory {
  /// The incidents that touch the period by their first instant in it at a severity that any rule names, with the month
  /// of that instant.
  fileprivate var order: [(incident: Int, month: BillingMonth)] {
    let named = (set.rules + (otherPlan?.rules ?? [])).map(\.severities.mildest).max()
    let firsts = incidents.enumerated().compactMap { position, incident in
      incident.stretches.filter { stretch in named.map { stretch.severity <= $0 } ?? false }
        .compactMap { $0.interval.intersection(period.interval)?.start }.min()
        .map { (first: $0, incident: position) }
    }
    return firsts.sorted { ($0.first, $0.incident) < ($1.first, $1.incident) }.compactMap { each in
      period.months.first { $0.interval.contains(each.first) }.map { (each.incident, $0.month) }
    }
  }
}
