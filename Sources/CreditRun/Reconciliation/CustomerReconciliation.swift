package import CreditLedger
package import ServiceCredits

/// One customer's night: what each subscription is entitled to, what the ledger lacks of it, and where it goes on
/// invoices. Reads records, writes nothing.
///
/// All lists are emptied and filled again for the next customer.
package struct CustomerReconciliation: ~Copyable {
  var keys: [KeyState] = []
  var revisions: [PendingRevision] = []
  var placement = InvoicePlacement()
  var subscriptionCount = 0
  /// Of the sound terms in force at one of the moments.
  package var feesInForce: [FeeInForce] = []
  private let moments: FeeMoments

  /// What decides on the subscription at hand.
  private(set) var input = SubscriptionInput()
  /// Position in the customer's records of each term of `input`; `nil` for one under another customer.
  private(set) var termRows: [Int32?] = []
  /// The terms of the subscription at hand as evidence, once they were needed.
  private var frozenTerms: ByteSlice?
  /// Months outside of the window that are reconciled for the subscription at hand, because a credit of it moves to or from
  /// them.
  var openedMonths: Set<BillingMonth> = []
  /// What was decided about the incident at hand, by month.
  private(set) var decided: [Decided] = []
  /// Whether another customer is granted a credit of the subscription for the incident at hand. Asked for only where a
  /// rewritten past waits for a person.
  var isGrantedToOthers = false
  /// How credits of closed months for the incident at hand would change.
  var closedChanges = ClosedChanges()
  /// Positions of the incidents of the subscription's recorded keys; `nil` for one that the source does not have.
  private var recordedIncidents: [IncidentNumber?] = []
  var rewritings: [PossibleRewriting] = []
  var changedInvoices: [ChangedDraft] = []
  var credits: [PlaceableCredit] = []
  var invoices: [OpenInvoice] = []
  var carried: [CarriedPart] = []

  package init(at moments: FeeMoments) {
    self.moments = moments
  }

  /// - Parameters:
  ///   - zone: the customer's time zone; `nil` where it has none.
  ///   - isParked: whether the customer's own row is bad, so that everything of theirs is held.
  package mutating func run(
    _ records: borrowing CustomerRecords, zone: ZoneNumber?, isParked: Bool,
    night: inout ReconciliationContext,
    report: (Finding) throws -> Void
  ) throws {
    keys.removeAll(keepingCapacity: true)
    revisions.removeAll(keepingCapacity: true)
    rewritings.removeAll(keepingCapacity: true)
    changedInvoices.removeAll(keepingCapacity: true)
    subscriptionCount = 0
    feesInForce.removeAll(keepingCapacity: true)
    var term = 0
    var recorded = 0
    while let part = nextPart(records, &term, &recorded) {
      try settle(part, records, zone: zone, isParked: isParked, night: &night, report: report)
    }
    if night.heldPast != nil, !rewritings.isEmpty {
      try withholdRewritten(records, night, report: report)
    }
    try place(records, night, report: report)
  }

  // MARK: Collecting

  /// Collects what decides on a subscription: its terms, windows and exclusions, and what held incidents have of the
  /// cap.
  /// - Returns: why nothing is to be calculated; `nil` where something is.
  package mutating func prepare(
    _ part: SubscriptionRows, _ records: borrowing CustomerRecords, zone: ZoneNumber?,
    isParked: Bool,
    night: inout ReconciliationContext, report: (Finding) throws -> Void
  ) throws -> TracedSubscription.Hold? {
    let isSound = try collectTerms(part, records, zone: zone, night: night, report: report)
    guard isSound, !isParked, !isHeld(part, records) else { return .parked }
    for term in input.terms { moments.append(term.interval, term.fee, to: &feesInForce) }
    if part.terms.isEmpty {
      // Outside of the months that are reconciled all stands as it is, wherever the subscription went.
      let isInWindow = part.recorded.contains {
        night.window.contains(records.recorded[$0].credit.month)
      }
      // It may be another customer's by now, and its credits move into the window.
      guard isInWindow || night.transferred.find(records.arena[part.id]) != nil else {
        return .parked
      }
      switch try night.transfer(records, records.arena[part.id]) {
      case .sound, .ended: break
      case .nowhere: return .missing
      case .parked: return .parked
      }
    }
    try findIncidents(of: part, records, night: &night, report: report)
    collectScoped(records, night: night)
    let isWhole = try night.addOtherCustomers(
      of: records.arena[part.id], besides: records.arena[records.id], to: &input,
      rows: &termRows, report: report)
    return isWhole ? nil : .parked
  }

  // MARK: Entitlements

  private mutating func settle(
    _ part: SubscriptionRows, _ records: borrowing CustomerRecords, zone: ZoneNumber?,
    isParked: Bool,
    night: inout ReconciliationContext, report: (Finding) throws -> Void
  ) throws {
    if !part.terms.isEmpty { subscriptionCount += 1 }
    let hold = try prepare(
      part, records, zone: zone, isParked: isParked, night: &night, report: report)
    if hold == .missing { try reportMissing(part, records, night: night, report: report) }
    guard hold == nil else {
      for position in part.recorded { keep(position, records) }
      return
    }
    while openMonths(part, records, night: &night) {
      let fees = feesInForce.count
      // A recorded credit of a month that was opened may be of an incident that is not at hand yet.
      _ = try prepare(
        part, records, zone: zone, isParked: isParked, night: &night, report: report)
      feesInForce.removeSubrange(fees...)
    }
    try compare(part, records, night: &night, report: report)
    openedMonths.removeAll(keepingCapacity: true)
  }

  /// Whether what is recorded for the subscription stands whatever its own rows say.
  private func isHeld(_ part: SubscriptionRows, _ records: borrowing CustomerRecords) -> Bool {
    records.isParked || (records.lacksTerms && !part.recorded.isEmpty)
  }

  /// Fills `terms` and checks them against each other.
  /// - Returns: whether the subscription is sound. Where not, every fault has been reported.
  private mutating func collectTerms(
    _ part: SubscriptionRows, _ records: borrowing CustomerRecords, zone: ZoneNumber?,
    night: borrowing ReconciliationContext,
    report: (Finding) throws -> Void
  ) throws -> Bool {
    input.removeAll()
    termRows.removeAll(keepingCapacity: true)
    var isSound = true
    for position in part.terms {
      guard let sound = records.terms[position].sound else {
        isSound = false
        continue
      }
      if sound.interval.isEmpty { continue }
      if let last = input.terms.last, sound.interval.start < last.interval.end {
        isSound = false
        try report(
          Finding(
            .term(Array(records.arena[part.id]), from: sound.interval.start),
            sound.interval.start == last.interval.start
              ? .duplicateRow : .overlappingTerms(earlier: last.interval.start)))
      }
      let name = records.arena[records.terms[position].plan]
      let plan = night.planNumber(name)
      if plan == nil, let named = night.planMeant(by: name) {
        isSound = false
        try report(
          Finding(
            .term(Array(records.arena[part.id]), from: sound.interval.start),
            .unknownPlan(Array(name), named: named)))
      }
      input.terms.append(
        SubscriptionTerm(
          interval: sound.interval, customer: .own, service: sound.service, plan: plan, zone: zone,
          fee: sound.fee))
      termRows.append(Int32(position))
    }
    if !records.isKnown, !part.terms.isEmpty {
      isSound = false
      try report(
        Finding(
          .subscription(Array(records.arena[part.id])),
          .unknownCustomer(Array(records.arena[records.id]))))
    }
    return isSound
  }

  func reportMissing(
    _ part: SubscriptionRows, _ records: borrowing CustomerRecords,
    night: borrowing ReconciliationContext,
    report: (Finding) throws -> Void
  ) throws {
    let matters = part.recorded.contains { position in
      records.recorded[position].credit.amountMinor != 0
        && night.window.contains(records.recorded[position].credit.month)
    }
    guard matters else { return }
    try report(Finding(.subscription(Array(records.arena[part.id])), .subscriptionGone))
  }

  /// Looks up the incidents of the recorded keys, collects what held ones take of the cap, and reaches further back
  /// where a recorded incident has moved out of the months at hand.
  private mutating func findIncidents(
    of part: SubscriptionRows, _ records: borrowing CustomerRecords,
    night: inout ReconciliationContext,
    report: (Finding) throws -> Void
  ) throws {
    recordedIncidents.removeAll(keepingCapacity: true)
    for position in part.recorded {
      let recorded = records.recorded[position]
      let isInWindow = isReconciled(recorded.credit.month, night)
      let incident = night.catalogue.incidentNumbers.find(records.arena[recorded.incident])
      recordedIncidents.append(incident)
      guard let incident else {
        addHeldShare(recorded)
        if isInWindow, recorded.credit.amountMinor != 0 {
          try night.reportMissing(records.arena[recorded.incident], report: report)
        }
        continue
      }
      switch night.catalogue.incidents[incident.index].treatment {
      case .counted:
        if isInWindow { try night.reach(incident) }
      case .void: break
      case .held(let reason):
        addHeldShare(recorded)
        if reason == .open, isInWindow, recorded.credit.amountMinor != 0 {
          try night.reportHeldOpen(incident, report: report)
        }
      }
    }
  }

  private mutating func collectScoped(
    _ records: borrowing CustomerRecords, night: borrowing ReconciliationContext
  ) {
    for position in 0..<records.outages.count
    where night.isAtHand(records.outages[position].incident) {
      input.outages.append(records.outages[position])
    }
    for position in 0..<records.exclusions.count {
      input.exclusions.append(records.exclusions[position].exclusion)
    }
    guard night.readsClaims else { return }
    for claim in records.claims where night.matters(claim) { input.claims.append(claim) }
  }

  private mutating func addHeldShare(_ recorded: CustomerRecords.Recorded) {
    let amountMinor = recorded.credit.amountMinor
    guard recorded.percent > .zero || amountMinor > 0 else { return }
    let ofPeriods = recorded.monthMinor + recorded.quarterMinor
    input.heldShares.append(
      HeldShare(
        month: recorded.credit.month, share: recorded.percent, first: recorded.firstInstant,
        parts: CreditParts(
          outageMinor: max(0, amountMinor - ofPeriods), monthMinor: recorded.monthMinor,
          quarterMinor: recorded.quarterMinor)))
  }

  /// Merges what was calculated with what is recorded, both in the order of incidents.
  private mutating func compare(
    _ part: SubscriptionRows, _ records: borrowing CustomerRecords,
    night: inout ReconciliationContext,
    report: (Finding) throws -> Void
  ) throws {
    var next = part.recorded.lowerBound
    frozenTerms = nil
    let found = night.decisions(of: input)
    var position = found.lowerBound
    while position < found.upperBound {
      let number = night.decision(position).counted.incident
      decided.removeAll(keepingCapacity: true)
      while position < found.upperBound, night.decision(position).counted.incident == number {
        // A term that the subscription has under another customer is that customer's business.
        if let row = termRows[Int(night.decision(position).term)] {
          decided.append(
            Decided(
              night.decision(position), shared: night.calculator.sharedName(position), row,
              input.terms[Int(night.decision(position).term)].fee.currency))
        }
        position += 1
      }
      guard !decided.isEmpty else { continue }
      let incident = night.incidentId(number)
      while next < part.recorded.upperBound,
        compareBytes(records.arena[records.recorded[next].incident], incident) < 0
      {
        try settleRecordedOnly(next, found, part, records, night: night, report: report)
        next += 1
      }
      let first = next
      while next < part.recorded.upperBound,
        compareBytes(records.arena[records.recorded[next].incident], incident) == 0
      {
        next += 1
      }
      try settle(
        incident: incident, number, found, recorded: first..<next, part, records, night: &night,
        report: report)
    }
    while next < part.recorded.upperBound {
      try settleRecordedOnly(next, found, part, records, night: night, report: report)
      next += 1
    }
  }

  /// One incident that was calculated, against the keys that are recorded for it; both are in the order of months.
  private mutating func settle(
    incident: UnsafeRawBufferPointer, _ number: IncidentNumber, _ found: Range<Int>,
    recorded: Range<Int>, _ part: SubscriptionRows,
    _ records: borrowing CustomerRecords, night: inout ReconciliationContext,
    report: (Finding) throws -> Void
  ) throws {
    for position in decided.indices {
      let decision = decided[position].decision
      do throws(AmountOutOfRange) {
        try decided[position].evaluate(
          night.calculator, fee: input.terms[Int(decision.term)].fee)
      } catch {
        try night.reportOutOfRange(records.arena[part.id], decision, report: report)
        for position in recorded { keep(position, records) }
        return
      }
    }
    closedChanges = changesOfClosedMonths(
      number, found, decided: decided, recorded: recorded, part, records, night)
    isGrantedToOthers = isGranted(number, found, night)
    var next = 0
    for position in recorded {
      let key = records.recorded[position]
      while next < decided.count, decided[next].isBefore(key) {
        try grant(decided[next], incident, part, records, night: night, report: report)
        next += 1
      }
      if next < decided.count, decided[next].isOf(key) {
        try update(
          position, amountMinor: decided[next].amountMinor, basis: decided[next].basis,
          decision: decided[next].decision, reason: .notEarned, part, records, night: night,
          report: report)
        next += 1
      } else {
        let moved = decided.first { $0.currency == key.currency && $0.amountMinor > 0 }
        try update(
          position, amountMinor: 0, basis: nil, decision: (moved ?? decided[0]).decision,
          reason: moved == nil ? .notEarned : .moved, movedMinor: moved?.amountMinor ?? 0, part,
          records, night: night, report: report)
      }
    }
    for position in next..<max(next, decided.count) {
      try grant(decided[position], incident, part, records, night: night, report: report)
    }
  }

  /// A recorded key whose incident has no creditable time for the subscription, or is not counted.
  private mutating func settleRecordedOnly(
    _ position: Int, _ found: Range<Int>, _ part: SubscriptionRows,
    _ records: borrowing CustomerRecords,
    night: borrowing ReconciliationContext, report: (Finding) throws -> Void
  ) throws {
    closedChanges = ClosedChanges()
    isGrantedToOthers = false
    guard let incident = recordedIncidents[position - part.recorded.lowerBound] else {
      keep(position, records)
      return
    }
    switch night.catalogue.incidents[incident.index].treatment {
    case .held: keep(position, records)
    case .void:
      try update(
        position, amountMinor: 0, basis: nil, reason: .void, part, records, night: night,
        report: report)
    case .counted:
      // It may be another customer's by now, in a month that is closed.
      closedChanges = changesOfClosedMonths(
        incident, found, decided: [], recorded: position..<position, part, records, night)
      isGrantedToOthers = isGranted(incident, found, night)
      try update(
        position, amountMinor: 0, basis: nil, reason: .notEarned, part, records, night: night,
        report: report)
    }
  }

  /// A key that the ledger does not have.
  mutating func grant(
    _ decided: Decided, _ incident: UnsafeRawBufferPointer, _ part: SubscriptionRows,
    _ records: borrowing CustomerRecords, night: borrowing ReconciliationContext,
    report: (Finding) throws -> Void
  ) throws {
    let basis = decided.basis
    guard
      let revision = Revision(
        bringing: nil, to: decided.amountMinor,
        isReconciled: isReconciled(basis.decision.month, night))
    else { return }
    let arena = records.arena
    if let cause = closedCause(
      revision, basis.decision.month, quarterMinor: (0, basis.parts.quarterMinor), night)
    {
      let key = FindingKey.credit(
        customer: Array(arena[records.id]), subscription: Array(arena[part.id]),
        incident: Array(incident), month: basis.decision.month, currency: decided.currency)
      try report(
        Finding(
          key,
          .monthClosed(cause, Money(amountMinor: revision.amountMinor, currency: decided.currency)))
      )
      return
    }
    if arena[records.id].count + arena[part.id].count + incident.count > KeyProbe.certainBytes,
      try !night.hasRoom(arena[records.id], arena[part.id], incident, report: report)
    {
      return
    }
    keys.append(
      KeyState(
        subscription: part.id, incident: records.arena.append(incident),
        month: basis.decision.month, currency: decided.currency, recorded: nil,
        entitledMinor: decided.amountMinor, firstInstant: basis.decision.counted.first,
        revision: Int32(revisions.count)))
    revisions.append(
      PendingRevision(
        revision: revision, basis: basis, reason: nil, terms: freezeTerms(part, records, night)))
  }

  /// The subscription's terms for the evidence; `nil` where one term covers all the time at hand, which the row tells
  /// by itself.
  /// - Parameter isTold: whether the row has a basis, and so the term that decided.
  private mutating func freezeTerms(
    _ part: SubscriptionRows, _ records: borrowing CustomerRecords,
    _ night: borrowing ReconciliationContext,
    isTold: Bool = true
  ) -> ByteSlice? {
    if isTold, input.terms.count == 1, input.terms[0].interval.contains(night.reach) { return nil }
    if let frozenTerms { return frozenTerms }
    let json = records.frozenTerms(
      part.terms, others: night.termsOfOtherCustomers(records.arena[part.id], of: records))
    frozenTerms = json.withUnsafeBytes { records.arena.append($0) }
    return frozenTerms
  }

  /// A key that the ledger has, brought to `amountMinor`.
  /// - Parameters:
  ///   - decision: what the incident comes to today; `nil` where nothing.
  ///   - movedMinor: what it comes to under another month.
  private mutating func update(
    _ position: Int, amountMinor: Int64, basis: RevisionBasis?, decision: CreditDecision? = nil,
    reason: DecreaseReason, movedMinor: Int64 = 0, _ part: SubscriptionRows,
    _ records: borrowing CustomerRecords, night: borrowing ReconciliationContext,
    report: (Finding) throws -> Void
  ) throws {
    let recorded = records.recorded[position]
    keep(position, records)
    let key = keys.count - 1
    guard
      let revision = Revision(
        bringing: recorded.credit, to: amountMinor,
        isReconciled: isReconciled(recorded.credit.month, night))
    else { return }
    let quarterMinor = (recorded.quarterMinor, basis?.parts.quarterMinor ?? 0)
    if let cause = closedCause(
      revision, recorded.credit.month, quarterMinor: quarterMinor, night)
    {
      try report(keys[key].left(by: cause, revision.amountMinor, records))
      return
    }
    keys[key].entitledMinor += revision.amountMinor
    if let basis { keys[key].firstInstant = basis.decision.counted.first }
    keys[key].revision = Int32(revisions.count)
    let isSmaller = revision.kind == .decrease && amountMinor > 0
    revisions.append(
      PendingRevision(
        revision: revision, basis: basis,
        reason: revision.kind == .decrease ? (isSmaller ? .smaller : reason) : nil,
        terms: reason == .void ? nil : freezeTerms(part, records, night, isTold: basis != nil)))
    let change = keys[key].entitledMinor + movedMinor - recorded.credit.amountMinor
    if change != 0, reason != .void {
      noteRewriting(
        of: recorded, key: key, by: change, decision, records, night)
    }
  }

  /// A recorded key as it stands.
  private mutating func keep(_ position: Int, _ records: borrowing CustomerRecords) {
    keys.append(CustomerReconciliation.key(Int32(position), records))
  }

  static func key(
    _ position: Int32, _ records: borrowing CustomerRecords
  ) -> KeyState {
    let recorded = records.recorded[Int(position)]
    return KeyState(
      subscription: recorded.subscription, incident: recorded.incident,
      month: recorded.credit.month, currency: recorded.currency, recorded: position,
      entitledMinor: recorded.credit.amountMinor,
      firstInstant: recorded.firstInstant ?? .distantFuture, revision: nil)
  }
}
