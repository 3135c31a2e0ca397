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

  /// What follows from the evidence for the key of a revision.
  private struct Expected {
    /// What the incident was decided on; `nil` if it has no creditable time for the subscription.
    var decision: (CreditDecision, EvidenceReplay.Term)?
    /// What the key is worth.
    var worth: Int64 = 0
    /// Whether the decision gives money in the same currency in another month.
    var isMoved = false
  }

  private func expected(
    _ revision: VerifiedSubscription.Revision, _ arena: ByteArena
  ) -> Expected {
    var expected = Expected()
    let number = night.number(ofIncident: arena[revision.incident])
    // A decision under another customer's term belongs to that customer.
    var isDecided = false
    for decision in decisions where decision.counted.incident == number {
      guard let term = subscription?.terms[Int(decision.term)], term.sound.isOwn else { continue }
      let isOfKey = decision.month == revision.month
      if !isDecided || isOfKey { expected.decision = (decision, term) }
      isDecided = isDecided || isOfKey
      guard term.sound.fee.currency == Currency(code: arena[revision.currency]),
        case .credited(let money)? = night.outcome(decision, fee: term.sound.fee)
      else { continue }
      if isOfKey { expected.worth = money.amountMinor } else { expected.isMoved = true }
    }
    if isDecided { expected.isMoved = false }
    return expected
  }

  /// - Parameter totalMinor: what the key is worth after the run.
  /// - Returns: whether there was anything to compare with.
  mutating func compare(
    _ revision: VerifiedSubscription.Revision, _ arena: ByteArena, totalMinor: Int128
  ) -> Bool {
    // A decision that is missing has been reported.
    guard revision.hasDecision else { return false }
    let hasTerms = subscription != nil
    let reason = String(decoding: arena[revision.reason], as: UTF8.self)
    let expected = expected(revision, arena)
    if Int128(expected.worth) != totalMinor, hasTerms || totalMinor != 0 {
      let amount = Int128(revision.amountMinor) + Int128(expected.worth) - totalMinor
      expect("amount_minor", false, "\(revision.amountMinor)", "\(amount)")
    }
    guard let service = revision.service else {
      compareWithoutBasis(revision, arena, reason: reason, isMoved: expected.isMoved)
      return hasTerms || reason == DecreaseReason.void.rawValue
    }
    guard expected.decision != nil else {
      // The incident has no creditable time for the subscription, but the revision has a basis.
      if hasTerms {
        expect("counted_microseconds", false, "\(revision.countedMicroseconds)", "0")
      }
      return hasTerms
    }
    compare(revision, with: expected, arena, service: service, reason: reason)
    return true
  }

  private mutating func compareWithoutBasis(
    _ revision: VerifiedSubscription.Revision, _ arena: ByteArena, reason: String, isMoved: Bool
  ) {
    let treatment = night.treatment(arena[revision.incident])
    func expectReason(_ expected: DecreaseReason) {
      expect("reason", reason == expected.rawValue, reason, expected.rawValue)
    }
    switch treatment {
    case .void: expectReason(.void)
    case .counted: expectReason(isMoved ? .moved : .notEarned)
    case .open, .noOutageScope, .parked, nil:
      expect("reason", false, reason, "no decrease of a held incident")
    }
    expect("percent_bp", revision.percent == .zero, RevisionComparison.text(revision.percent), "0")
  }

  private mutating func compare(
    _ revision: VerifiedSubscription.Revision, with expected: Expected, _ arena: ByteArena,
    service: ByteSlice, reason: String
  ) {
    guard let (decision, term) = expected.decision else { return }
    func text(_ slice: ByteSlice) -> String { String(decoding: arena[slice], as: UTF8.self) }
    func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
    let takesAll = revision.kind == .decrease && reason != DecreaseReason.smaller.rawValue
    if takesAll {
      let should: DecreaseReason =
        expected.worth > 0 ? .smaller : expected.isMoved ? .moved : .notEarned
      expect("reason", reason == should.rawValue, reason, should.rawValue)
    } else {
      expect(
        "billing_month", revision.month == decision.month, revision.month.text,
        decision.month.text)
    }
    let granted = takesAll || expected.worth == 0 ? BasisPoints.zero : decision.granted
    expect(
      "percent_bp", revision.percent == granted, RevisionComparison.text(revision.percent),
      RevisionComparison.text(granted))
    expect(
      "percent_before_cap_bp", revision.percentBeforeCap == decision.beforeCap,
      RevisionComparison.text(revision.percentBeforeCap),
      RevisionComparison.text(decision.beforeCap))
    compareAward(revision, decision, fee: term.sound.fee, takesAll: takesAll, arena)
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
  }

  /// What only rules decide.
  private mutating func compareAward(
    _ revision: VerifiedSubscription.Revision, _ decision: CreditDecision, fee: MonthlyFee,
    takesAll: Bool, _ arena: ByteArena
  ) {
    let award = decision.award
    let clause = award?.clause?.text
    expect(
      "clause", revision.clause.map { Array(arena[$0]) } == clause,
      revision.clause.map { String(decoding: arena[$0], as: UTF8.self) } ?? "null",
      clause.map { String(decoding: $0, as: UTF8.self) } ?? "null")
    let parts = takesAll ? .zero : (try? award?.parts(fee)) ?? .zero
    for (column, found, expected) in [
      ("month_minor", revision.monthMinor, parts.monthMinor == 0 ? nil : parts.monthMinor),
      ("quarter_minor", revision.quarterMinor, parts.quarterMinor == 0 ? nil : parts.quarterMinor),
      ("downtime_microseconds", revision.downtimeMicroseconds, award?.downtimeMicroseconds),
      ("period_microseconds", revision.periodMicroseconds, award?.periodMicroseconds),
      ("billed_fee", revision.billedMicros, award?.billedMicros),
    ] {
      expect(
        column, found == expected, RevisionComparison.text(found),
        RevisionComparison.text(expected))
    }
  }

  private static func text(_ number: Int64?) -> String { number.map { "\($0)" } ?? "null" }

  private static func text(_ percent: BasisPoints?) -> String {
    percent.map { "\($0.value)" } ?? "null"
  }

  private static func fee(_ micros: Int64?) -> String {
    guard let micros else { return "null" }
    var text: [UInt8] = []
    appendDecimal(micros, decimals: 6, atLeast: 2, to: &text)
    return String(decoding: text, as: UTF8.self)
  }
}
