import CreditLedger
import Documents
import FrozenEvidence
import ServiceCredits

/// Compares revisions with the decisions that follow from the frozen evidence.
struct RevisionComparison {
  let night: EvidenceReplay
  private let subscription: EvidenceReplay.Subscription?
  private let decisions: [CreditDecision]
  var differences: [Discrepancy.Kind] = []

  /// - Parameter subscription: `nil` if no revision of the run recorded the terms.
  init(night: EvidenceReplay, subscription: EvidenceReplay.Subscription?) {
    self.night = night
    self.subscription = subscription
    decisions = subscription.map { night.decisions($0) } ?? []
  }

  private mutating func expect(
    _ column: String, _ isEqual: Bool, _ found: @autoclosure () -> String,
    _ expected: @autoclosure () -> String
  ) {
    guard !isEqual else { return }
    differences.append(.value(column: column, found: found(), expected: expected()))
  }

  /// - Parameters:
  ///   - previousMonth: the month of the revision before; `nil` for the first one.
  ///   - totalMinor: what the key is worth after the run; `nil` unless this is the run's last
  ///     revision of it.
  /// - Returns: whether there was anything to compare with.
  mutating func compare(
    _ revision: VerifiedSubscription.Revision, _ arena: ByteArena, previousMonth: BillingMonth?,
    totalMinor: Int128?
  ) -> Bool {
    let hasTerms = subscription != nil
    let reason = String(decoding: arena[revision.reason], as: UTF8.self)
    let takesAll = revision.kind == .decrease && reason != DecreaseReason.smaller.rawValue
    let number = night.number(ofIncident: arena[revision.incident])
    // A decision under another customer's term belongs to that customer.
    var found: (CreditDecision, EvidenceReplay.Term)?
    for decision in decisions where decision.counted.incident == number {
      guard let term = subscription?.terms[Int(decision.term)], term.sound.isOwn else { continue }
      found = (decision, term)
    }
    var worth: Int64 = 0
    if let (decision, term) = found,
      term.sound.fee.currency == Currency(code: arena[revision.currency]),
      case .credited(let money)? = night.outcome(decision, fee: term.sound.fee)
    {
      worth = money.amountMinor
    }
    if let totalMinor, Int128(worth) != totalMinor, hasTerms || totalMinor != 0 {
      let expected = Int128(revision.amountMinor) + Int128(worth) - totalMinor
      expect("amount_minor", false, "\(revision.amountMinor)", "\(expected)")
    }
    if takesAll, let previousMonth {
      expect(
        "billing_month", revision.month == previousMonth, revision.month.text, previousMonth.text)
    }
    guard let service = revision.service else {
      compareWithoutBasis(revision, arena, reason: reason)
      return hasTerms || reason == DecreaseReason.void.rawValue
    }
    guard let (decision, term) = found else {
      // The incident has no creditable time for the subscription, but the revision has a basis.
      if hasTerms {
        expect("counted_microseconds", false, "\(revision.countedMicroseconds)", "0")
      }
      return hasTerms
    }
    compare(
      revision, with: decision, term, arena, service: service, worth: worth, takesAll: takesAll)
    return true
  }

  private mutating func compareWithoutBasis(
    _ revision: VerifiedSubscription.Revision, _ arena: ByteArena, reason: String
  ) {
    let treatment = night.treatment(arena[revision.incident])
    func expectReason(_ expected: DecreaseReason) {
      expect("reason", reason == expected.rawValue, reason, expected.rawValue)
    }
    switch treatment {
    case .void: expectReason(.void)
    case .counted: expectReason(.notEarned)
    case .open, .noOutageScope, .parked, nil:
      expect("reason", false, reason, "no decrease of a held incident")
    }
    expect("percent_bp", revision.percent == .zero, "\(revision.percent.value)", "0")
  }

  private mutating func compare(
    _ revision: VerifiedSubscription.Revision, with decision: CreditDecision,
    _ term: EvidenceReplay.Term, _ arena: ByteArena, service: ByteSlice, worth: Int64,
    takesAll: Bool
  ) {
    func text(_ slice: ByteSlice) -> String { String(decoding: arena[slice], as: UTF8.self) }
    func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
    let granted = takesAll || worth == 0 ? BasisPoints.zero : decision.granted
    expect(
      "percent_bp", revision.percent == granted, "\(revision.percent.value)", "\(granted.value)")
    expect(
      "percent_before_cap_bp", revision.percentBeforeCap == decision.beforeCap,
      "\(revision.percentBeforeCap.value)", "\(decision.beforeCap.value)")
    expect(
      "severity", revision.severity == decision.severity, revision.severity?.code ?? "null",
      decision.severity.code)
    let counted = decision.countedMicroseconds
    expect(
      "counted_microseconds", revision.countedMicroseconds == counted,
      "\(revision.countedMicroseconds)", "\(counted)")
    expect(
      "outage_started_at", revision.startedAt == decision.counted.first,
      revision.startedAt?.text ?? "null", decision.counted.first.text)
    expect(
      "outage_ended_at", revision.endedAt == decision.counted.end,
      revision.endedAt?.text ?? "null", decision.counted.end.text)
    let longerThan = decision.tier?.longerThanMicroseconds
    expect(
      "tier_longer_than_microseconds", revision.longerThanMicroseconds == longerThan,
      RevisionComparison.text(revision.longerThanMicroseconds),
      RevisionComparison.text(longerThan))
    expect(
      "service_id", arena[service].elementsEqual(term.service), text(service), text(term.service))
    expect(
      "plan", arena[revision.plan].elementsEqual(term.plan), text(revision.plan), text(term.plan))
    expect(
      "monthly_fee", revision.feeMicros == term.sound.fee.micros,
      RevisionComparison.fee(revision.feeMicros), RevisionComparison.fee(term.sound.fee.micros))
    let version = night.policy.versions[Int(decision.version)].name
    expect(
      "policy_version", arena[revision.policyVersion].elementsEqual(version.utf8),
      text(revision.policyVersion), version)
    let zone = night.zoneName(of: term.sound, version: decision.version)
    expect(
      "time_zone", arena[revision.zone].elementsEqual(zone), text(revision.zone), text(zone))
    if !takesAll {
      expect(
        "billing_month", revision.month == decision.month, revision.month.text,
        decision.month.text)
    }
  }

  private static func text(_ number: Int64?) -> String { number.map { "\($0)" } ?? "null" }

  private static func fee(_ micros: Int64?) -> String {
    guard let micros else { return "null" }
    var text: [UInt8] = []
    appendDecimal(micros, decimals: 6, atLeast: 2, to: &text)
    return String(decoding: text, as: UTF8.self)
  }
}
