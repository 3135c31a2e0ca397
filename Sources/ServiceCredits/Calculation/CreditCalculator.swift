/// Sections 3 to 6 of the credit rules, for one night's incidents.
///
/// Most subscriptions of a service see the same outages from beginning to end. Their decisions are
/// calculated once for each service, plan, time zone and run of outages, and then looked up.
public struct CreditCalculator {
  public let policy: CreditPolicy
  let versions: [VersionRules]
  let incidents: [Incident]
  /// Windows that are not of one customer, by service; ascending by start.
  private let outages: [[Outage]]
  /// The union of those windows, by service. If no boundary of a term lies inside a region, the
  /// decisions depend only on which regions the term contains.
  private let regions: [IntervalSet]
  private let exclusions: [Exclusion]
  /// Merged exclusions by service and version: `service * versions.count + version`.
  private let excluded: [IntervalSet]
  private(set) var zones: [MonthTable]
  /// The month table of each version's own time zone.
  let versionZones: [ZoneNumber]
  var ruleGround: RuleGround

  private(set) var sweep = IntervalSweep()
  private var counted: [CountedTime] = []
  /// Scratch space of `applyCap`.
  private var capOrder: [Int] = []
  private var known: [ProfileKey: Range<Int>] = [:]
  /// Kept decisions first, then those of a subscription that is like no other.
  var storage: [CreditDecision] = []
  @usableFromInline var keptCount = 0
  /// How often the cache was emptied.
  @usableFromInline var discards: Int32 = 0
  /// Above this number of decisions the cache is emptied. It limits memory if terms are all
  /// different.
  private static let storageLimit = 65_536

  private struct ProfileKey: Hashable {
    var service: ServiceNumber
    var plan: PlanNumber?
    var zone: ZoneNumber?
    var firstRegion: Int32
    var endRegion: Int32

    /// Combines two words instead of five, because hashing is most of the cost of a look-up.
    func hash(into hasher: inout Hasher) {
      hasher.combine(word(service.rawValue) << 32 | word(plan?.rawValue ?? -1))
      hasher.combine(
        word(zone?.rawValue ?? -1) << 40 ^ word(firstRegion) << 20 ^ word(endRegion))
    }

    private func word(_ number: Int32) -> UInt64 { UInt64(UInt32(bitPattern: number)) }
  }

  /// - Parameters:
  ///   - planNames: the plans that any version names. A plan's number is its position in this list.
  ///   - services: the number of services.
  ///   - outages: windows of counted incidents, none of them of one customer.
  ///   - exclusions: none of them of one customer.
  ///   - zones: month tables; each must reach back to the earliest outage.
  ///   - versionZones: the position in `zones` of each version's time zone.
  ///   - asOf: what is measured over a period is granted once the period is over at this instant.
  ///   - calendars: of each of `zones`; empty where no rule counts units of a calendar.
  public init(
    policy: CreditPolicy, planNames: [String], services: Int, incidents: [Incident],
    outages: [Outage], exclusions: [Exclusion], zones: [MonthTable], versionZones: [ZoneNumber],
    asOf: Instant = .distantFuture, calendars: [LocalCalendar] = []
  ) {
    self.policy = policy
    self.incidents = incidents
    self.exclusions = exclusions
    self.zones = zones
    self.versionZones = versionZones
    ruleGround = RuleGround(policy, asOf: asOf, calendars: calendars)
    versions = policy.versions.map { VersionRules($0, planNames: planNames) }
    var byService = [[Outage]](repeating: [], count: services)
    for outage in outages where !outage.interval.isEmpty {
      precondition(outage.scope.customer == nil, "a customer's own windows come with the customer")
      if let service = outage.scope.service {
        byService[service.index].append(outage)
      } else {
        for service in byService.indices { byService[service].append(outage) }
      }
    }
    self.outages = byService.map { $0.sorted { $0.interval.start < $1.interval.start } }
    regions = byService.map { IntervalSet($0.map(\.interval)) }
    excluded = (0..<services).flatMap { service in
      policy.versions.map { version in
        IntervalSet(
          exclusions.filter { exclusion in
            (exclusion.scope.service == nil
              || exclusion.scope.service == ServiceNumber(index: service))
              && exclusion.isHonoured(by: version.exclusions)
          }.map(\.interval))
      }
    }
  }

  /// Adds a time zone and returns its number.
  public mutating func addZone(
    _ months: MonthTable, calendar: LocalCalendar? = nil
  ) -> ZoneNumber {
    zones.append(months)
    if let calendar { ruleGround.add(calendar) }
    return ZoneNumber(index: zones.count - 1)
  }

  /// Decides on each incident that has creditable time for this subscription.
  ///
  /// - Returns: the positions of the decisions, ordered by incident. They are valid until the next
  ///   call.
  public mutating func decisions(of input: borrowing SubscriptionInput) -> Range<Int> {
    if storage.count > keptCount { storage.removeSubrange(keptCount...) }
    guard input.terms.count == 1, input.outages.isEmpty, input.exclusions.isEmpty,
      input.heldShares.isEmpty, input.claims.isEmpty,
      !ruleGround.hasRules || ruleGround.isOfFee, let key = profileKey(input.terms[0])
    else { return calculate(input) }
    if let found = known[key] { return found }
    if storage.count > Self.storageLimit {
      storage.removeAll(keepingCapacity: true)
      known.removeAll(keepingCapacity: true)
      discards += 1
    }
    let range = calculate(input)
    known[key] = range
    keptCount = storage.count
    return range
  }

  /// Identifies a decision that is kept for several subscriptions. Returns `nil` for a decision
  /// that is calculated for one subscription only. Equal values of one calculator identify the same
  /// decision.
  @inlinable
  public func sharedName(_ position: Int) -> SharedDecision? {
    position < keptCount ? SharedDecision(position: Int32(position), round: discards) : nil
  }

  /// The decision at one of the positions that `decisions` returned.
  public subscript(_ position: Int) -> CreditDecision { storage[position] }

  /// The amount of a decision for this fee, or why there is none.
  /// - Throws: `AmountOutOfRange` if the amount does not fit `Int64` minor units.
  /// - Source: credit rules, section 6.
  @inline(__always)
  public func outcome(
    _ decision: CreditDecision, fee: MonthlyFee
  ) throws(AmountOutOfRange) -> CreditOutcome {
    if let award = decision.award {
      let outcome = try award.outcome(fee)
      if decision.unclaimed != nil, case .notCredited = outcome {
        return .notCredited(.notClaimed)
      }
      return outcome
    }
    guard decision.unclaimed == nil else { return .notCredited(.notClaimed) }
    guard decision.tier != nil else { return .notCredited(.belowEveryTier) }
    guard let granted = decision.granted, granted > .zero else { return .notCredited(.capped) }
    let version = Int(decision.version)
    let amount = try fee.portion(granted, rounding: versions[version].rounding)
    guard amount.amountMinor > 0 else { return .notCredited(.belowMinimum) }
    if let minimum = versions[version].minimum,
      amount.amountMinor < (try minimum.minor(ofFee: fee))
    {
      return .notCredited(.belowMinimum)
    }
    return .credited(amount)
  }

  /// Returns `nil` if a boundary of the term lies inside an outage.
  private func profileKey(_ term: SubscriptionTerm) -> ProfileKey? {
    let regions = self.regions[term.service.index]
    let first = regions.firstIndex(endingAfter: term.interval.start)
    if first < regions.intervals.count, regions.intervals[first].start < term.interval.start {
      return nil
    }
    let end = regions.firstIndex(endingAfter: term.interval.end)
    if end < regions.intervals.count, regions.intervals[end].start < term.interval.end {
      return nil
    }
    return ProfileKey(
      service: term.service, plan: term.plan, zone: term.zone, firstRegion: Int32(first),
      endRegion: Int32(end))
  }

  /// Calculates the decisions and appends them to `storage`.
  private mutating func calculate(_ input: borrowing SubscriptionInput) -> Range<Int> {
    collectPieces(of: input)
    counted.removeAll(keepingCapacity: true)
    sweep.count(incidents: incidents, versions: versions, into: &counted)

    let start = storage.count
    for time in counted {
      if let decision = decide(time, input) { storage.append(decision) }
    }
    applyCap(to: start..<storage.count, terms: input.terms, heldShares: input.heldShares)
    if ruleGround.hasRules { decideByRules(input, from: start) }
    return start..<storage.count
  }

  /// Steps 1 to 3: the windows that apply, clipped to the terms, without what is excluded.
  private mutating func collectPieces(of input: borrowing SubscriptionInput) {
    sweep.pieces.removeAll(keepingCapacity: true)
    for term in input.terms {
      let own =
        input.exclusions.isEmpty ? [] : input.exclusions.filter { $0.scope.covers(term) }
      for outage in outages[term.service.index] {
        if outage.interval.start >= term.interval.end { break }
        collect(outage, term: term, customerExclusions: own)
      }
      for outage in input.outages where outage.scope.covers(term) {
        collect(outage, term: term, customerExclusions: own)
      }
    }
  }

  private mutating func collect(
    _ outage: Outage, term: SubscriptionTerm, customerExclusions: [Exclusion]
  ) {
    guard let clipped = outage.interval.intersection(term.interval) else { return }
    let version = incidents[outage.incident.index].version
    let shared = excluded[term.service.index * versions.count + version]
    let own =
      customerExclusions.isEmpty
      ? nil
      : IntervalSet(
        customerExclusions.filter {
          $0.isHonoured(by: versions[version].version.exclusions)
        }.map(\.interval))
    shared.forEachGap(in: clipped) { gap in
      guard let own, !own.isEmpty else {
        append(outage, gap, isOwn: term.isOwn)
        return
      }
      own.forEachGap(in: gap) { append(outage, $0, isOwn: term.isOwn) }
    }
  }

  private mutating func append(_ outage: Outage, _ interval: Interval, isOwn: Bool) {
    sweep.pieces.append(
      IntervalSweep.Piece(
        incident: outage.incident, severity: outage.severity, interval: interval,
        shareMicros: outage.shareMicros, isOwn: isOwn))
  }

  /// Decides by tiers, with the term, version and month at the first creditable instant.
  /// - Returns: `nil` where that term's plan has rules.
  /// - Source: credit rules, section 4.
  private func decide(
    _ time: CountedTime, _ input: borrowing SubscriptionInput
  ) -> CreditDecision? {
    guard let position = input.terms.firstIndex(where: { $0.interval.contains(time.first) }) else {
      preconditionFailure("counted time lies within the terms")
    }
    let term = input.terms[position]
    let version = incidents[time.incident.index].version
    guard case .tiers(let tiers) = versions[version].rules(of: term.plan).rule else { return nil }
    let zone = (term.zone ?? versionZones[version]).index
    let tier = bestTier(of: tiers, for: time)
    let month = zones[zone].month(of: time.first)
    let unclaimed = tier.flatMap { _ in
      self.unclaimed(
        ClaimableIncident(number: time.incident, end: time.end), month: month, version: version,
        term: term, input.claims)
    }
    return CreditDecision(
      counted: time, term: Int32(position), month: month, version: Int32(version),
      verdict: .tier(tier), granted: unclaimed == nil ? tier?.credit ?? .zero : .zero,
      unclaimed: unclaimed)
  }

  /// A tier is met if the duration at its severity or worse is strictly longer than its threshold.
  private func bestTier(of tiers: [CreditTier], for time: CountedTime) -> CreditTier? {
    var best: CreditTier?
    for tier in tiers
    where time.microseconds(atOrWorseThan: tier.severity) > tier.longerThanMicroseconds {
      if best.map({ tier.wins(over: $0) }) ?? true { best = tier }
    }
    return best
  }

  /// Grants each month's cap in the order of the first creditable instant, then of the id.
  /// - Source: credit rules, section 5.
  private mutating func applyCap(
    to range: Range<Int>, terms: [SubscriptionTerm], heldShares: [HeldShare]
  ) {
    // Moved to a local variable, because the sort reads `storage` of `self`.
    var order = capOrder
    capOrder = []
    defer { capOrder = order }
    order.removeAll(keepingCapacity: true)
    for position in range
    where storage[position].tier != nil && storage[position].unclaimed == nil {
      order.append(position)
    }
    order.sort { left, right in
      let a = storage[left]
      let b = storage[right]
      return (a.month, a.counted.first, left) < (b.month, b.counted.first, right)
    }
    var month: BillingMonth?
    var used: Int64 = 0
    for position in order {
      let decision = storage[position]
      if decision.month != month {
        month = decision.month
        used = heldShares.reduce(0) {
          $0 + ($1.month == decision.month ? Int64($1.share.value) : 0)
        }
      }
      let plan = terms[Int(decision.term)].plan
      let cap = Int64(versions[Int(decision.version)].rules(of: plan).cap.value)
      let granted = max(0, min(Int64(decision.tier?.credit.value ?? 0), cap - used))
      storage[position].granted = BasisPoints(Int32(granted))
      used += granted
    }
  }
}

// MARK: Who was affected

extension CreditCalculator {
  /// The time in which each incident affected the subscription, before overlaps between incidents
  /// are resolved.
  ///
  /// - Returns: ordered by incident. Stretches of one incident do not overlap.
  public mutating func touchedTime(of input: SubscriptionInput) -> [TouchedTime] {
    collectPieces(of: input)
    let pieces = sweep.pieces.sorted { $0.incident < $1.incident }
    var touched: [TouchedTime] = []
    var start = 0
    while start < pieces.count {
      let incident = pieces[start].incident
      let end = pieces[start...].firstIndex { $0.incident != incident } ?? pieces.count
      var worse = IntervalSet()
      for severity in Severity.allCases {
        let own = IntervalSet(
          pieces[start..<end].filter { $0.severity == severity }.map(\.interval))
        for interval in own.subtracting(worse).intervals {
          touched.append(TouchedTime(incident: incident, severity: severity, interval: interval))
        }
        worse = IntervalSet(worse.intervals + own.intervals)
      }
      start = end
    }
    return touched
  }
}

// MARK: Explaining a decision

extension CreditCalculator {
  /// Decides by the same steps as `decisions` and records what happened to each incident's time.
  ///
  /// - Returns: one trace for each incident with a window that applies to some term, even if the
  ///   window lies outside all terms; ordered by incident.
  public mutating func trace(of input: SubscriptionInput) -> [IncidentTrace] {
    if storage.count > keptCount { storage.removeSubrange(keptCount...) }
    sweep.log = []
    let range = calculate(input)
    let log = Dictionary(grouping: sweep.log ?? [], by: \.incident)
    sweep.log = nil
    let decisions = Dictionary(grouping: storage[range], by: \.counted.incident)
    let windows = applicableWindows(of: input)
    return windows.keys.sorted().map { incident in
      var known: Set<Outage> = []
      let own = windows[incident, default: []].filter { known.insert($0).inserted }
        .sorted { ($0.interval.start, $0.severity) < ($1.interval.start, $1.severity) }
      return IncidentTrace(
        incident: incident, version: incidents[incident.index].version, windows: own,
        outsideTerms: IntervalSet(own.flatMap { uncovered($0, by: input.terms) }),
        excluded: excludedTime(of: own, input),
        shares: IncidentTrace.merged(log[incident, default: []]),
        decisions: decisions[incident, default: []])
    }
  }

  /// Windows that cover the service and customer of some term, at any time.
  private func applicableWindows(of input: SubscriptionInput) -> [IncidentNumber: [Outage]] {
    var windows: [IncidentNumber: [Outage]] = [:]
    for service in Set(input.terms.map(\.service)) {
      for outage in outages[service.index] { windows[outage.incident, default: []].append(outage) }
    }
    for outage in input.outages
    where !outage.interval.isEmpty && input.terms.contains(where: { outage.scope.covers($0) }) {
      windows[outage.incident, default: []].append(outage)
    }
    return windows
  }

  private func uncovered(_ outage: Outage, by terms: [SubscriptionTerm]) -> [Interval] {
    let covered = IntervalSet(terms.filter { outage.scope.covers($0) }.map(\.interval))
    var parts: [Interval] = []
    covered.forEachGap(in: outage.interval) { parts.append($0) }
    return parts
  }

  /// The time that each exclusion covers in the windows. If two honoured exclusions cover an
  /// instant, it is listed under the one that begins first.
  private func excludedTime(
    of windows: [Outage], _ input: SubscriptionInput
  ) -> [IncidentTrace.Excluded] {
    var parts: [IncidentTrace.Excluded] = []
    var taken = IntervalSet()
    let all = (exclusions + input.exclusions).sorted { $0.interval.start < $1.interval.start }
    for exclusion in all {
      for term in input.terms where exclusion.scope.covers(term) {
        for window in windows where window.scope.covers(term) {
          let rules = versions[incidents[window.incident.index].version].version.exclusions
          guard let inTerm = window.interval.intersection(term.interval),
            let inside = inTerm.intersection(exclusion.interval)
          else { continue }
          let isHonoured = exclusion.isHonoured(by: rules)
          var found: [Interval] = []
          if isHonoured {
            taken.forEachGap(in: inside) { found.append($0) }
            taken = IntervalSet(taken.intervals + found)
          } else {
            found = [inside]
          }
          for interval in found {
            let part = IncidentTrace.Excluded(
              exclusion: exclusion, interval: interval, isHonoured: isHonoured)
            if !parts.contains(part) { parts.append(part) }
          }
        }
      }
    }
    return parts.sorted { $0.interval.start < $1.interval.start }
  }
}
