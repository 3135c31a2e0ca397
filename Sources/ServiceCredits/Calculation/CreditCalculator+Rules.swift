/// Decides by rules, where a policy has any.
extension CreditCalculator {
  /// What the incidents of a subscription give a rule to measure.
  struct RuleIncidents {
    /// Ascending, so in byte order of ids.
    var numbers: [IncidentNumber] = []
    var measured: [MeasuredIncident] = []
    /// What each of them owns by the rules of a plan, worked out once.
    private var owned: [PlanOfVersion: [Ownership]] = [:]

    private struct PlanOfVersion: Hashable {
      var version: Int
      var plan: PlanNumber?
    }

    /// - Parameter set: of the plan.
    mutating func owned(
      _ set: RuleSet, _ version: Int, _ plan: PlanNumber?, _ overlap: OverlapRule
    ) -> [Ownership] {
      let key = PlanOfVersion(version: version, plan: plan)
      if let known = owned[key] { return known }
      let new = set.owned(of: measured, overlap)
      owned[key] = new
      return new
    }
  }

  /// What one incident gets in one month from one measure.
  private struct RulePiece {
    var incident: IncidentNumber
    var month: BillingMonth
    var version: Int
    /// Position in the subscription's terms.
    var term: Int
    var owed: OwedAmount
    var award: RuleAward
    var unclaimed: Unclaimed?
  }

  /// Appends the decisions by rules to those by tiers from `start` on, and puts all in the order of incidents and months.
  mutating func decideByRules(_ input: borrowing SubscriptionInput, from start: Int) {
    var pieces: [RulePiece] = []
    var found = incidentsToMeasure(claims: input.claims, ownAlone: false)
    addOutages(of: &found, input, tiersFrom: start, to: &pieces)
    if ruleGround.hasPeriods {
      let hasForeign = input.terms.contains { !$0.isOwn }
      if hasForeign { found = incidentsToMeasure(claims: input.claims, ownAlone: true) }
      addPeriods(.month, of: &found, input, to: &pieces)
      addPeriods(.quarter, of: &found, input, to: &pieces)
    }
    for piece in pieces { append(piece, terms: input.terms, from: start) }
    storage[start...].sort {
      ($0.counted.incident, $0.month) < ($1.counted.incident, $1.month)
    }
  }

  /// One decision an incident and month: what several measures give is added up.
  private mutating func append(
    _ piece: RulePiece, terms: borrowing [SubscriptionTerm], from start: Int
  ) {
    let decision = CreditDecision(
      counted: CountedTime(piece.incident, piece.owed), term: Int32(piece.term),
      month: piece.month, version: Int32(piece.version), verdict: .rule(piece.award),
      granted: piece.award.granted, unclaimed: piece.unclaimed)
    let known = storage[start...].firstIndex {
      $0.counted.incident == piece.incident && $0.month == piece.month
    }
    guard let known else {
      storage.append(decision)
      return
    }
    let earlier = storage[known]
    storage[known] = earlier.joined(
      decision, parts(earlier, fee: terms[Int(earlier.term)].fee),
      parts(decision, fee: terms[piece.term].fee))
  }

  /// `nil` where it does not fit.
  private func parts(_ decision: CreditDecision, fee: MonthlyFee) -> CreditParts? {
    switch decision.verdict {
    case .rule(let award): return try? award.parts(fee)
    case .tier:
      guard let outcome = try? outcome(decision, fee: fee) else { return nil }
      guard case .credited(let money) = outcome else { return .zero }
      return CreditParts(outageMinor: money.amountMinor)
    }
  }

  // MARK: What is measured

  /// From the pieces at hand.
  /// - Parameter ownAlone: whether time under another customer is left out.
  private func incidentsToMeasure(claims: [CustomerClaim], ownAlone: Bool) -> RuleIncidents {
    var found = RuleIncidents()
    var pieces = sweep.pieces.filter { !ownAlone || $0.isOwn }
    pieces.sort { ($0.incident, $0.interval.start) < ($1.incident, $1.interval.start) }
    var first = 0
    while first < pieces.count {
      let incident = pieces[first].incident
      let end = pieces[first...].firstIndex { $0.incident != incident } ?? pieces.count
      let stretches = pieces[first..<end].map {
        Stretch(interval: $0.interval, severity: $0.severity, shareMicros: $0.shareMicros)
      }
      first = end
      found.numbers.append(incident)
      found.measured.append(
        MeasuredIncident(
          startedAt: incidents[incident.index].startedAt,
          stretches: Ownership.union([CountedStretches(stretches: stretches)]).stretches,
          claimedAt: claims.filter { $0.incident == incident }.map(\.at).min()))
    }
    return found
  }

  private func ownTerm(at instant: Instant, _ terms: [SubscriptionTerm], ownAlone: Bool) -> Int? {
    terms.firstIndex { $0.interval.contains(instant) && (!ownAlone || $0.isOwn) }
  }

  private static func fees(_ terms: [SubscriptionTerm], ownAlone: Bool) -> [RuleFee] {
    terms.filter { !ownAlone || $0.isOwn }.map { RuleFee(interval: $0.interval, fee: $0.fee) }
  }

  // MARK: Outages that are settled one by one

  private struct LoneOutage {
    var incident: Int
    var first: Instant
    var month: BillingMonth
    var term: Int
  }

  private mutating func addOutages(
    of found: inout RuleIncidents, _ input: borrowing SubscriptionInput, tiersFrom start: Int,
    to pieces: inout [RulePiece]
  ) {
    let terms = input.terms
    var outages: [LoneOutage] = []
    for (position, number) in found.numbers.enumerated() {
      let version = incidents[number.index].version
      guard
        let first = found.measured[position].first(
          atOrWorseThan: versions[version].mildest, in: .always),
        let term = ownTerm(at: first, terms, ownAlone: false),
        case .rules(let set) = versions[version].rules(of: terms[term].plan).rule,
        set.isOfOutagesAlone
      else { continue }
      outages.append(
        LoneOutage(
          incident: position, first: first,
          month: zones[zone(of: terms[term], version)].month(of: first), term: term))
    }
    outages.sort { ($0.month, $0.first, $0.incident) < ($1.month, $1.first, $1.incident) }
    var used = CapUse()
    var month: BillingMonth?
    for outage in outages {
      let isFirst = outage.month != month
      if isFirst {
        month = outage.month
        used = CapUse(share: tierShare(of: outage.month, from: start))
      }
      if let piece = lonePiece(outage, &found, input, isFirst: isFirst, &used) {
        pieces.append(piece)
      }
    }
  }

  /// What tiers have granted of the month's cap.
  private func tierShare(of month: BillingMonth, from start: Int) -> Fraction {
    let points = storage[start...].reduce(Int64(0)) {
      $0 + ($1.month == month ? Int64($1.granted?.value ?? 0) : 0)
    }
    return (try? Fraction(Int128(points), over: 10_000)) ?? .one
  }

  private mutating func lonePiece(
    _ outage: LoneOutage, _ found: inout RuleIncidents, _ input: borrowing SubscriptionInput,
    isFirst: Bool, _ used: inout CapUse
  ) -> RulePiece? {
    let number = found.numbers[outage.incident]
    let version = incidents[number.index].version
    let term = input.terms[outage.term]
    let zone = zone(of: term, version)
    guard case .rules(let set) = versions[version].rules(of: term.plan).rule,
      let period = zones[zone].period(from: outage.month, months: 1)
    else { return nil }
    let isOfFee = input.terms.count == 1 && input.heldShares.isEmpty && set.isOfFee
    let calculation = PeriodCalculation(
      set, of: versions[version].version, found.measured,
      owned: found.owned(set, version, term.plan, versions[version].version.overlap),
      began: found.numbers.map { incidents[$0.index].version == version }, period: period,
      calendar: ruleGround.calendar(zone), fees: Self.fees(input.terms, ownAlone: false),
      isOfFee: isOfFee)
    let worst = found.measured[outage.incident].worst
    do throws(AmountOutOfRange) {
      if isFirst {
        let heldUse = try calculation.capUse(
          ofHeld: input.heldShares.filter { $0.month == outage.month })
        used = CapUse(
          share: try used.share + heldUse.share, minor: try used.minor + heldUse.minor)
      }
      var usedWithIt = used
      guard let due = try calculation.owed(forOutage: outage.incident, &usedWithIt) else {
        return nil
      }
      let unclaimed = due.winners.isEmpty ? nil : self.unclaimed(outage, found, version, input)
      if unclaimed == nil { used = usedWithIt }
      let owed = unclaimed == nil ? due : due.withoutAmount
      let amount: RuleAward.Amount =
        isOfFee
        ? .ofFee(
          before: .zero, through: owed.total, calculation.settlement, isOfOutage: true)
        : .minor(
          CreditParts(outageMinor: try calculation.minor(owed.total, at: owed.first)))
      return RulePiece(
        incident: number, month: outage.month, version: version, term: outage.term, owed: owed,
        award: try award(
          owed, amount, calculation, term.fee, before: nil, worst: worst),
        unclaimed: unclaimed)
    } catch {
      return RulePiece(
        incident: number, month: outage.month, version: version, term: outage.term,
        owed: OwedAmount(nothingFor: outage.incident, first: outage.first),
        award: RuleAward(amount: .outOfRange, severity: worst))
    }
  }

  private func unclaimed(
    _ outage: LoneOutage, _ found: RuleIncidents, _ version: Int,
    _ input: borrowing SubscriptionInput
  ) -> Unclaimed? {
    unclaimed(
      claimable(outage.incident, of: found, version), month: outage.month, version: version,
      term: input.terms[outage.term], input.claims)
  }

  // MARK: Months and quarters

  private mutating func addPeriods(
    _ per: Rule.Per, of found: inout RuleIncidents, _ input: borrowing SubscriptionInput,
    to pieces: inout [RulePiece]
  ) {
    guard let own = input.terms.first(where: { $0.isOwn }) else { return }
    let zone = zone(of: own, 0)
    var starts: Set<BillingMonth> = []
    for measured in found.measured {
      for stretch in measured.stretches {
        let last = zones[zone].month(of: stretch.interval.end)
        var month = zones[zone].month(of: stretch.interval.start)
        while month <= last {
          starts.insert(per == .month ? month : month.firstOfQuarter)
          month = month.advanced(by: 1)
        }
      }
    }
    for start in starts.sorted() {
      guard let version = version(governing: start, per),
        let period = zones[zone].period(from: start, months: per == .month ? 1 : 3)
      else { continue }
      addPeriod(period, version, zone, of: &found, input, to: &pieces)
    }
  }

  /// The version in force on the period's first date, else the first that begins in it.
  /// - Source: policy language, section 9.
  private func version(governing start: BillingMonth, _ per: Rule.Per) -> Int? {
    let next = start.advanced(by: per == .month ? 1 : 3)
    let day = CalendarDate(firstOf: start)
    return versions.lastIndex { $0.version.effectiveFrom <= day }
      ?? versions.firstIndex { $0.version.effectiveFrom < CalendarDate(firstOf: next) }
  }

  private mutating func addPeriod(
    _ period: RulePeriod, _ version: Int, _ zone: Int, of found: inout RuleIncidents,
    _ input: borrowing SubscriptionInput, to pieces: inout [RulePiece]
  ) {
    let mildest = versions[version].mildest
    let held = input.heldShares.filter { share in
      period.months.contains { $0.month == share.month }
    }
    guard let first = Self.first(of: period, found, held, atOrWorseThan: mildest),
      let term = ownTerm(at: first, input.terms, ownAlone: true),
      case .rules(let set) = versions[version].rules(of: input.terms[term].plan).rule,
      !set.isOfOutagesAlone, set.rules.contains(where: { $0.per == period.per })
    else { return }
    let outagesUnclaimed = self.outagesUnclaimed(
      found, period, version, term: input.terms[term], input.claims)
    let isOfFee =
      input.terms.count == 1 && held.isEmpty && set.isOfFee
      && set.rules.allSatisfy { $0.of != .outage }
    let calculation = PeriodCalculation(
      set, of: versions[version].version, found.measured,
      owned: found.owned(
        set, version, input.terms[term].plan, versions[version].version.overlap),
      began: found.numbers.map { incidents[$0.index].version == version }, period: period,
      calendar: ruleGround.calendar(zone), fees: Self.fees(input.terms, ownAlone: true),
      isOfFee: isOfFee, first: first, unclaimed: outagesUnclaimed)
    let claimable = calculation.order.map { self.claimable($0, of: found, version) }
    let unclaimed = self.unclaimed(
      period, claimable, held: held, version: version, zone: zone, input.claims)
    func piece(_ owed: OwedAmount, _ award: RuleAward, _ due: Unclaimed? = nil) -> RulePiece {
      RulePiece(
        incident: found.numbers[owed.incident],
        month: period.per == .month
          ? period.months[0].month : zones[zone].month(of: owed.first),
        version: version, term: term, owed: owed, award: award, unclaimed: due)
    }
    do throws(AmountOutOfRange) {
      let awards = try self.awards(
        calculation, input.terms[term].fee, held: held, unclaimed: unclaimed, found)
      for (owed, award) in awards {
        var due = award.amount == .nothing(.notClaimed) ? unclaimed : nil
        if due == nil, award.isOver, let lone = outagesUnclaimed[owed.incident],
          try calculation.earns(outage: owed.incident)
        {
          due = lone
        }
        pieces.append(piece(owed, award, due))
      }
    } catch {
      for incident in calculation.order {
        let own = found.measured[incident]
        guard let first = own.first(atOrWorseThan: mildest, in: period.interval) else { continue }
        pieces.append(
          piece(
            OwedAmount(nothingFor: incident, first: first),
            RuleAward(amount: .outOfRange, severity: own.worst)))
      }
    }
  }

  /// The first instant of all incidents of a period, held ones by what is recorded.
  private static func first(
    of period: RulePeriod, _ found: RuleIncidents, _ held: [HeldShare],
    atOrWorseThan mildest: Severity?
  ) -> Instant? {
    let firsts =
      found.measured.compactMap { $0.first(atOrWorseThan: mildest, in: period.interval) }
      + held.compactMap(\.first).filter { period.interval.contains($0) }
    return firsts.min()
  }

  /// What each incident of a period gets.
  private mutating func awards(
    _ calculation: PeriodCalculation, _ fee: MonthlyFee, held: [HeldShare], unclaimed: Unclaimed?,
    _ found: RuleIncidents
  ) throws(AmountOutOfRange) -> [(OwedAmount, RuleAward)] {
    let isMonth = calculation.period.per == .month
    let used = try calculation.capUse(ofHeld: isMonth ? held : [])
    let owed = try calculation.owed(used: used)
    var amounts: [RuleAward.Amount] = []
    if ruleGround.asOf < calculation.period.interval.end {
      amounts = owed.map { _ in .nothing(.periodGoesOn) }
    } else if unclaimed != nil {
      amounts = try Self.unclaimedAmounts(owed)
    } else if calculation.isOfFee {
      var before = Fraction.zero
      for each in owed {
        amounts.append(
          .ofFee(before: before, through: each.total, calculation.settlement, isOfOutage: false))
        before = each.total
      }
    } else {
      let heldMinor = held.reduce(Int64(0)) {
        $0 + (isMonth ? $1.parts.monthMinor : $1.parts.quarterMinor)
      }
      let split = try calculation.split(owed, heldMinor: heldMinor)
      amounts = split.map { .minor($0.parts) }
    }
    var result: [(OwedAmount, RuleAward)] = []
    for (position, each) in owed.enumerated() {
      result.append(
        (
          each,
          try award(
            each, amounts[position], calculation, fee,
            before: position == 0 ? nil : owed[position - 1],
            worst: found.measured[each.incident].worst)
        ))
    }
    return result
  }

  // MARK: Awards

  /// - Parameter before: of the incidents before it, where they share a total.
  private mutating func award(
    _ owed: OwedAmount, _ amount: RuleAward.Amount, _ calculation: PeriodCalculation,
    _ fee: MonthlyFee, before: OwedAmount?, worst: Severity
  ) throws(AmountOutOfRange) -> RuleAward {
    let whole = try calculation.minor(of: fee)
    func share(_ amount: Fraction) throws(AmountOutOfRange) -> BasisPoints? {
      whole.isPositive ? (try amount / whole).basisPoints : BasisPoints.zero
    }
    let added = try owed.total - (before?.total ?? .zero)
    let uncapped = try owed.beforeCap - (before?.beforeCap ?? .zero)
    let measure = owed.downtime
    return RuleAward(
      clause: owed.winners.isEmpty ? nil : ruleGround.clause(owed.winners, of: calculation.set),
      amount: amount,
      severity: owed.winners.first.map { calculation.set.rules[$0.rule].severities.mildest }
        ?? worst,
      granted: try share(added.isPositive ? added : .zero),
      beforeCap: try share(uncapped.isPositive ? uncapped : .zero),
      downtimeMicroseconds: measure.flatMap { Int64(exactly: $0.floor) },
      periodMicroseconds: measure == nil ? nil : calculation.period.interval.microseconds,
      billedMicros: try owed.winners.first.flatMap { (winner) throws(AmountOutOfRange) in
        try calculation.billedMicros(winner.rule)
      })
  }

  private func zone(of term: SubscriptionTerm, _ version: Int) -> Int {
    (term.zone ?? versionZones[version]).index
  }
}

extension CountedTime {
  /// - Parameter owed: what a rule measured; its time may be empty.
  init(_ incident: IncidentNumber, _ owed: OwedAmount) {
    var atSeverity = InlineFour()
    for stretch in owed.counted.stretches {
      atSeverity[Int(stretch.severity.rawValue)] += stretch.interval.microseconds
    }
    self.init(
      incident: incident, atSeverity: atSeverity, first: owed.first,
      end: max(owed.first, owed.counted.end ?? owed.first))
  }
}

extension CreditDecision {
  /// Both decisions about one incident and month, with the clause of the later one unless it pays nothing.
  /// - Parameters:
  ///   - other: by rules.
  ///   - own: what this decision comes to; `nil` where it does not fit.
  ///   - others: what the other comes to.
  fileprivate func joined(
    _ other: CreditDecision, _ own: CreditParts?, _ others: CreditParts?
  ) -> CreditDecision {
    guard var award = other.award else { return self }
    var amount = RuleAward.Amount.outOfRange
    if let own, let others,
      let outage = own.outageMinor.adding(others.outageMinor),
      let month = own.monthMinor.adding(others.monthMinor),
      let quarter = own.quarterMinor.adding(others.quarterMinor)
    {
      amount = .minor(
        CreditParts(outageMinor: outage, monthMinor: month, quarterMinor: quarter))
    }
    if let earlier = self.award, earlier.clause != nil,
      award.clause == nil || (others ?? .zero) == .zero
    {
      award = earlier
    }
    return CreditDecision(
      counted: counted, term: term, month: month, version: other.version,
      verdict: .rule(award.with(amount)),
      granted: nil, unclaimed: unclaimed ?? other.unclaimed)
  }
}

extension Int64 {
  /// `nil` where the sum does not fit.
  fileprivate func adding(_ other: Int64) -> Int64? {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? nil : sum
  }
}
