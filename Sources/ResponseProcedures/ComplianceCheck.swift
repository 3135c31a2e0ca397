public import ServiceCredits

/// Compares what was done about incidents with what is promised.
///
/// If the incident is over and there is no record of a step, the verdict is "no record": nobody can
/// say that it was not done. If the incident is open, a step that is past due is missed.
///
/// Steps that were required while the incident was a P0 stay required when it becomes milder.
/// Nothing new is required from then on.
/// - Source: the outage response procedures.
public struct ComplianceCheck: Sendable {
  public let rules: ProcedureRules
  public let calendar: BusinessCalendar
  public let asOf: Instant

  public init(rules: ProcedureRules, calendar: BusinessCalendar, asOf: Instant) {
    self.rules = rules
    self.calendar = calendar
    self.asOf = asOf
  }

  /// All requirements that apply to `incident`, in the order of the requirements, then by customer
  /// or trigger.
  public func rows(for incident: AuditedIncident) -> [RequirementResult] {
    var rows = AuditRows(incident: incident)
    addTargets(to: &rows)
    if incident.history.worst.severity == .p0 { addCritical(to: &rows) }
    addEscalation(to: &rows)
    addResolutionMessages(to: &rows)
    addPostMortem(to: &rows)
    return rows.rows
  }

  /// The outcome of a step that must be done once, during the incident or after it.
  private func outcome(due: Instant, done: Instant?, _ state: AuditedIncident.State) -> Outcome {
    if let done { return done <= due ? .kept(due: due, done: done) : .late(due: due, done: done) }
    if asOf <= due { return .pending(due: due, asOf: asOf) }
    switch state {
    case .open: return .overdue(due: due, asOf: asOf)
    case .resolved: return .noRecord(due: due)
    }
  }

  // MARK: Response and resolution

  private func addTargets(to rows: inout AuditRows) {
    let incident = rows.incident
    let worst = incident.history.worst
    let target = rules.targets[worst.severity]
    let reason = Reason.severity(worst.severity, since: worst.since)
    rows.add(
      .response, reason,
      outcome(
        due: worst.since.adding(target.responseMicroseconds), done: incident.acknowledgedAt,
        incident.state))
    rows.add(
      .resolution, reason,
      outcome(due: resolutionDue(incident), done: resolution(of: incident), incident.state),
      incident.quiet.map { .quiet($0) })
  }

  private func resolutionDue(_ incident: AuditedIncident) -> Instant {
    let worst = incident.history.worst
    return worst.since.adding(rules.targets[worst.severity].resolutionMicroseconds)
  }

  private func resolution(of incident: AuditedIncident) -> Instant? {
    switch incident.state {
    case .open: nil
    case .resolved(let at): at
    }
  }

  // MARK: During a P0

  private func addCritical(to rows: inout AuditRows) {
    let incident = rows.incident
    let since = incident.history.worst.since
    let reason = Reason.severity(.p0, since: since)
    func add(_ step: CriticalStep, _ requirement: Requirement, _ reason: Reason) {
      guard let within = rules.critical.within[step] else { return }
      let done = incident.first { if case .step(step, let at) = $0 { at } else { nil } }
      rows.add(
        requirement, reason, outcome(due: since.adding(within), done: done, incident.state))
    }
    add(.responseTeam, .responseTeam, reason)
    add(.rootCauseInvestigation, .rootCauseInvestigation, reason)
    if let within = rules.critical.within[.firstStatusUpdate] {
      rows.add(
        .firstStatusUpdate, reason,
        outcome(due: since.adding(within), done: incident.statusUpdates.first, incident.state))
    }
    addStatusUpdates(to: &rows)
    addNotices(to: &rows)
    add(.inAppBanner, .inAppBanner, reason)
    if incident.isWidespread { add(.socialMedia, .socialMedia, .widespread(since: since)) }
  }

  /// The customers who were affected while the incident was a P0, and since when. A window of any
  /// severity counts, because customers are told about the incident. A customer affected only
  /// before or after the P0 does not count.
  private func customersOfP0(
    _ incident: AuditedIncident
  ) -> [(customer: AuditedIncident.Customer, since: Instant)] {
    let spans = incident.history.spans(of: .p0, until: incident.end(asOf: asOf))
    return incident.customers.compactMap { customer in
      customer.firstAffected(in: spans).map { (customer, $0) }
    }
  }

  private func addNotices(to rows: inout AuditRows) {
    guard let within = rules.critical.within[.customersNotified] else { return }
    let incident = rows.incident
    for (customer, from) in customersOfP0(incident) {
      rows.add(
        .customerNotified, customer: customer.id, .affected(since: from),
        outcome(
          due: from.adding(within), done: incident.notices(to: customer.id).min(), incident.state))
    }
  }

  /// Adds one row for all updates, with the longest time without an update while the incident was a
  /// P0. The times begin with the first update, or with the P0 if that is later, and end with the
  /// P0.
  private func addStatusUpdates(to rows: inout AuditRows) {
    guard let every = rules.critical.updateMicroseconds else { return }
    let incident = rows.incident
    let reason = Reason.severity(.p0, since: incident.history.worst.since)
    let end = incident.end(asOf: asOf)
    let spans = incident.history.spans(of: .p0, until: end)
    let updates = incident.statusUpdates.filter { $0 <= end }
    let last = incident.history.last
    let isOver = incident.state != .open || last.severity != .p0
    let milder = last.severity == .p0 ? [] : [Evidence.milder(last.severity, since: last.since)]
    let first = rules.critical.within[.firstStatusUpdate] ?? 0
    guard let lastSpan = spans.last, updates.contains(where: { $0 <= lastSpan.end }) else {
      let due = incident.history.worst.since.adding(first).adding(every)
      let state = isOver ? AuditedIncident.State.resolved(at: end) : .open
      rows.add(
        .statusUpdates, reason, outcome(due: due, done: nil, state),
        [.updates(updates.count)] + milder)
      return
    }
    let pauses = spans.flatMap { self.pauses(in: $0, updates, first: first) }
    let gaps = pauses.filter { $0.microseconds > every }
    let quiet = incident.quiet.filter { quiet in gaps.contains { $0.overlaps(quiet) } }
    var evidence: [Evidence] = [.updates(updates.count)]
    evidence += gaps.map { .gap($0) }
    evidence += milder
    evidence += quiet.map { .quiet($0) }
    // The first of the longest. If the P0 goes on, the last pause does too.
    let longest = pauses.reduce(pauses[0]) { $1.microseconds > $0.microseconds ? $1 : $0 }
    let running = pauses[pauses.count - 1]
    let outcome: Outcome
    if longest.microseconds > every {
      let due = longest.start.adding(every)
      outcome =
        !isOver && longest == running
        ? .overdue(due: due, asOf: asOf) : .late(due: due, done: longest.end)
    } else if isOver {
      outcome = .kept(due: longest.start.adding(every), done: longest.end)
    } else {
      outcome = .pending(due: running.start.adding(every), asOf: asOf)
    }
    rows.add(.statusUpdates, reason, outcome, evidence)
  }

  /// The times without an update in a P0 interval. The time before the very first update is left
  /// out: the first update has its own row.
  /// - Parameters:
  ///   - updates: ascending.
  ///   - first: how many microseconds the very first update may take.
  private func pauses(in span: Interval, _ updates: [Instant], first: Int64) -> [Interval] {
    let within = updates.filter { $0 > span.start && $0 <= span.end }
    var start = span.start
    if !updates.contains(where: { $0 <= span.start }) {
      start = within.first ?? min(span.start.adding(first), span.end)
    }
    let instants = [start] + within.filter { $0 > start } + [span.end]
    return zip(instants, instants.dropFirst()).map { Interval($0, $1) }
  }

  // MARK: Escalation

  private func addEscalation(to rows: inout AuditRows) {
    let incident = rows.incident
    let records = incident.escalations
    for rule in rules.escalation {
      guard let held = trigger(rule.trigger, incident) else { continue }
      let need = need(of: rule, since: held.since, incident)
      let done = records.first { $0.level >= need.level }?.at
      var outcome = outcome(due: need.due, done: done, incident.state)
      // Lower levels are recorded, so the required level was missed and not only unrecorded.
      let end = incident.end(asOf: asOf)
      if case .noRecord = outcome, !records.isEmpty, end > need.due {
        outcome = .fellShort(due: need.due, end: end)
      }
      var evidence: [Evidence] = [.needed(need.level)]
      if let companion = held.companion { evidence.append(.companion(incident: companion)) }
      evidence += records.map { .reached($0.level, at: $0.at) }
      rows.add(.escalation, .trigger(rule.trigger, since: held.since), outcome, evidence)
    }
  }

  private func trigger(
    _ trigger: EscalationTrigger, _ incident: AuditedIncident
  ) -> (since: Instant, companion: [UInt8]?)? {
    switch trigger {
    case .pastTarget:
      let due = resolutionDue(incident)
      let isPast = resolution(of: incident).map { $0 > due } ?? (asOf > due)
      return isPast ? (due, nil) : nil
    case .revenueImpact:
      guard incident.hasRevenueImpact, let first = incident.customers.map(\.affectedAt).min()
      else { return nil }
      return (max(first, incident.startedAt), nil)
    case .security:
      return incident.concernsSecurity ? (incident.startedAt, nil) : nil
    case .severalIncidents:
      return incident.companion.map { (max($0.since, incident.startedAt), $0.id) }
    }
  }

  /// The highest level that the trigger requires for the severities since the trigger, and when it
  /// was first due.
  private func need(
    of rule: EscalationRule, since: Instant, _ incident: AuditedIncident
  ) -> (level: EscalationLevel, due: Instant) {
    let changes = incident.history.changes
    let end = max(since, incident.end(asOf: asOf))
    var need = (level: rule.levels[incident.history.last.severity], since: since)
    var isFirst = true
    for (position, change) in changes.enumerated() where change.since <= end {
      let next = position + 1 < changes.count ? changes[position + 1].since : .distantFuture
      guard next > since else { continue }
      let level = rule.levels[change.severity]
      if isFirst || level > need.level { need = (level, max(since, change.since)) }
      isFirst = false
    }
    return (need.level, need.since.adding(rule.withinMicroseconds))
  }

  // MARK: After the incident

  /// Each customer who had to be notified during a P0 is told that it is over. No message is
  /// promised for milder incidents.
  private func addResolutionMessages(to rows: inout AuditRows) {
    let incident = rows.incident
    guard incident.history.worst.severity == .p0, case .resolved(let resolvedAt) = incident.state,
      let within = rules.critical.within[.resolutionMessage]
    else { return }
    for (customer, _) in customersOfP0(incident) {
      let done = incident.notices(to: customer.id).filter { $0 >= resolvedAt }.min()
      rows.add(
        .resolutionMessage, customer: customer.id, .resolved(.p0, at: resolvedAt),
        outcome(due: resolvedAt.adding(within), done: done, incident.state))
    }
  }

  private func addPostMortem(to rows: inout AuditRows) {
    let incident = rows.incident
    let severity = incident.history.worst.severity
    guard case .resolved(let resolvedAt) = incident.state,
      rules.postMortem.severities.contains(severity)
    else { return }
    let reason = Reason.resolved(severity, at: resolvedAt)
    let due = calendar.end(ofBusinessDay: rules.postMortem.businessDays, after: resolvedAt)
    guard let due else { preconditionFailure("the calendar reaches as far as the rules") }
    var outcome = outcome(due: due, done: incident.completedPostMortem, incident.state)
    var evidence: [Evidence] = []
    if incident.postMortem == .begun {
      evidence = [.begun]
      // The post-mortem was begun, so it is recorded but still to do.
      if case .noRecord = outcome { outcome = .overdue(due: due, asOf: asOf) }
    }
    rows.add(.postMortem, reason, outcome, evidence)
    addSharing(resolvedAt, to: &rows)
    addActionItems(resolvedAt, reason, to: &rows)
  }

  /// The request is recorded, so a post-mortem that was not shared in time is missed, not without a
  /// record.
  private func addSharing(_ resolvedAt: Instant, to rows: inout AuditRows) {
    let incident = rows.incident
    for customer in incident.customers {
      let asked = incident.first {
        if case .postMortemRequested(customer.id, let at) = $0 { at } else { nil }
      }
      guard let asked else { continue }
      let due = calendar.end(
        ofBusinessDay: rules.postMortem.shareBusinessDays, after: max(asked, resolvedAt))
      guard let due else { preconditionFailure("the calendar reaches as far as the rules") }
      let shared = incident.first {
        if case .postMortemShared(customer.id, let at) = $0 { at } else { nil }
      }
      rows.add(
        .postMortemShared, customer: customer.id, .requested(at: asked),
        outcome(due: due, done: shared, .open))
    }
  }

  /// Action items are tracked until they are completed. The promise sets no date.
  private func addActionItems(
    _ resolvedAt: Instant, _ reason: Reason, to rows: inout AuditRows
  ) {
    let incident = rows.incident
    guard !incident.actionItems.isEmpty else { return }
    let from = incident.completedPostMortem ?? resolvedAt
    var evidence: [Evidence] = []
    var last = Instant.distantPast
    for item in incident.actionItems {
      guard let at = item.completedAt else { continue }
      evidence.append(.completedItem(title: item.title, at: at))
      last = max(last, at)
    }
    let open = incident.actionItems.filter { $0.completedAt == nil }
    evidence += open.map {
      .openItem(title: $0.title, ageMicroseconds: asOf.clampedSince(from))
    }
    rows.add(
      .actionItems, reason,
      open.isEmpty ? .kept(due: nil, done: last) : .pending(due: nil, asOf: asOf), evidence)
  }
}

/// Collects the rows of one incident.
private struct AuditRows {
  let incident: AuditedIncident
  private(set) var rows: [RequirementResult] = []

  init(incident: AuditedIncident) {
    self.incident = incident
  }

  mutating func add(
    _ requirement: Requirement, customer: [UInt8]? = nil, _ reason: Reason, _ outcome: Outcome,
    _ evidence: [Evidence] = []
  ) {
    rows.append(
      RequirementResult(
        incident: incident.id, severity: incident.history.worst.severity,
        requirement: requirement, customer: customer, reason: reason, outcome: outcome,
        evidence: evidence))
  }
}

extension AuditedIncident {
  /// The earliest instant that `match` returns.
  fileprivate func first(_ match: (Event) -> Instant?) -> Instant? {
    events.compactMap(match).min()
  }

  /// When the customer was written to, in any order.
  fileprivate func notices(to customer: [UInt8]) -> [Instant] {
    events.compactMap { if case .notified(customer, let at) = $0 { at } else { nil } }
  }

  /// Ascending.
  fileprivate var statusUpdates: [Instant] {
    events.compactMap { if case .statusUpdate(let at) = $0 { at } else { nil } }.sorted()
  }

  /// The first record of each level, ascending by time.
  fileprivate var escalations: [(level: EscalationLevel, at: Instant)] {
    EscalationLevel.allCases.compactMap { level in
      first { if case .escalated(level, let at) = $0 { at } else { nil } }.map { (level, $0) }
    }.sorted { ($0.at, $0.level) < ($1.at, $1.level) }
  }

  fileprivate var completedPostMortem: Instant? {
    if case .completed(let at) = postMortem { at } else { nil }
  }
}
