import CreditLedger
import Postgres
import RedressSQL
import ServiceCredits

/// A revision of a recorded credit whose cause may be a change of the subscription's past in the
/// source, and not the incident. The recorded facts decide which it is.
package struct PossibleRewriting {
  /// Position in `keys` of the reconciliation.
  var key: Int
  /// The newest revision that was recorded.
  var revision: Int32
  /// What the run adds, in minor units; negative if it takes money back.
  var changeMinor: Int64
  /// The term at the credit's first instant in the source today.
  var today: TermToday
  /// The end and the amount of the creditable time today, if it still begins at the recorded
  /// instant; else `nil`.
  var counted: Counted?
  /// The end of the term, if the incident continues after it.
  var termEnd: Instant?
  /// Whether another customer is granted a credit for the same subscription and incident.
  var isGrantedToOthers = false
  /// What would change with it in other months and currencies.
  var beside: [Finding.PastRewriting.Beside] = []
  /// What the terms are billed for the period today, in micros of the major unit, where that is the base; else `nil`.
  var billedMicros: Int64?

  enum TermToday {
    case none
    case otherCustomers
    case own(fee: MonthlyFee, plan: ByteSlice, service: ByteSlice)
  }

  /// What waits for a person; `nil` where the credit is changed. What another customer is granted in the same run does not
  /// wait here.
  func waiting(
    for changes: [Finding.PastRewriting.Change], _ night: borrowing ReconciliationContext
  ) -> Finding.PastRewriting.Waiting? {
    guard night.heldPast != nil, changes != [.customer] || !isGrantedToOthers else { return nil }
    return Finding.PastRewriting.Waiting(revision: revision + 1, beside: beside)
  }

  struct Counted: Hashable {
    var end: Instant
    var microseconds: Int64
    var version: Int32
  }
}

extension CustomerReconciliation {
  /// Records a revision if the source may have changed its past: the term at the recorded first
  /// instant is different or missing, and the incident seems unchanged without a look at the
  /// recorded facts.
  mutating func noteRewriting(
    of recorded: CustomerRecords.Recorded, key: Int, by changeMinor: Int64,
    _ decision: CreditDecision?, _ records: borrowing CustomerRecords,
    _ night: borrowing ReconciliationContext
  ) {
    guard let first = recorded.firstInstant, recorded.credit.amountMinor != 0 else { return }
    let position = input.terms.firstIndex { $0.interval.contains(first) }
    var possible = PossibleRewriting(
      key: key, revision: recorded.credit.revision, changeMinor: changeMinor,
      today: .none)
    possible.isGrantedToOthers = isGrantedToOthers
    if !night.movedTerms.isEmpty,
      let moved = night.movedTerms[Array(records.arena[recorded.subscription])]?.first(where: {
        $0.interval.contains(first)
      })
    {
      possible.today = .otherCustomers
      possible.isGrantedToOthers = moved.fee.micros > 0
    }
    if let position {
      let term = input.terms[position]
      possible.today =
        termRows[position].map { row in
          .own(
            fee: term.fee, plan: records.terms[Int(row)].plan,
            service: records.terms[Int(row)].serviceId)
        } ?? .otherCustomers
      let goesOn = input.terms.contains {
        $0.service == term.service && $0.interval.contains(term.interval.end)
      }
      if !goesOn,
        let incident = night.catalogue.incidentNumbers.find(records.arena[recorded.incident]),
        isStillOut(incident, at: term.interval.end, night)
      {
        possible.termEnd = term.interval.end
      }
    }
    if case .own = possible.today, decision == nil || possible.termEnd != nil {
      // Less or nothing is earned at the instant: the service is another one, or the term ends
      // before the incident.
      guard let incident = night.catalogue.incidentNumbers.find(records.arena[recorded.incident]),
        isStillOut(incident, at: first, night)
      else { return }
    } else if case .own(let fee, _, _) = possible.today {
      // A different percent comes from the outage, unless plans have their own rules or the base is what is billed.
      guard let decision, decision.counted.first == first,
        decision.granted == recorded.percent || night.hasPlans
          || fee.currency != recorded.currency || decision.award?.billedMicros != nil
      else { return }
      possible.billedMicros = decision.award?.billedMicros
      possible.counted = PossibleRewriting.Counted(
        end: decision.counted.end, microseconds: decision.countedMicroseconds,
        version: decision.version)
    } else {
      guard let incident = night.catalogue.incidentNumbers.find(records.arena[recorded.incident]),
        isStillOut(incident, at: first, night)
      else { return }
    }
    append(possible)
  }

  /// Whether a window of the incident that may be the customer's contains the instant.
  private func isStillOut(
    _ incident: IncidentNumber, at instant: Instant, _ night: borrowing ReconciliationContext
  ) -> Bool {
    night.catalogue.outages.contains {
      $0.incident == incident && $0.interval.contains(instant)
    } || input.outages.contains { $0.incident == incident && $0.interval.contains(instant) }
  }
}

/// Reads, in batches, the facts that the ledger recorded for revisions, and compares them with
/// today's.
struct PastRewritings {
  private struct Question {
    let key: FindingKey
    let currency: Currency
    let ids: [String]
    let possible: PossibleRewriting
    let plan: [UInt8]
    let service: [UInt8]

    /// The differences between the recorded facts and today's.
    /// - Parameters:
    ///   - billed: for the period, where that was the base.
    ///   - end: the end of the recorded time.
    func changes(
      fee: MonthlyFee, billed: MonthlyFee?, plan recorded: [UInt8],
      service recordedService: [UInt8], end: Instant
    ) -> [Finding.PastRewriting.Change] {
      switch possible.today {
      case .none: return [.noTerm]
      case .otherCustomers: return [.customer]
      case .own(let now, _, _):
        if now.currency != currency { return [.currency(was: currency, now: now.currency)] }
        var changes: [Finding.PastRewriting.Change] = []
        if now != fee { changes.append(.fee(was: fee, now: now)) }
        if let billed, let micros = possible.billedMicros, micros != billed.micros {
          changes.append(
            .billed(was: billed, now: MonthlyFee(micros: micros, currency: currency)))
        }
        if plan != recorded { changes.append(.plan(was: recorded, now: plan)) }
        if service != recordedService {
          changes.append(.service(was: recordedService, now: service))
        }
        if let termEnd = possible.termEnd, termEnd < end { changes.append(.termEnd(now: termEnd)) }
        return changes
      }
    }
  }

  private var questions: [Question] = []
  private static let batch = 4_096

  /// Whether there are as many questions as are asked at once.
  var isFull: Bool { questions.count >= PastRewritings.batch }

  mutating func add(
    _ pass: borrowing CustomerReconciliation, _ records: borrowing CustomerRecords
  ) {
    let arena = records.arena
    for possible in pass.rewritings {
      let key = pass.keys[possible.key]
      let ids = [records.id, key.subscription, key.incident].map { Array(arena[$0]) }
      var (plan, service): ([UInt8], [UInt8]) = ([], [])
      if case .own(_, let planSlice, let serviceSlice) = possible.today {
        (plan, service) = (Array(arena[planSlice]), Array(arena[serviceSlice]))
      }
      questions.append(
        Question(
          key: .credit(
            customer: ids[0], subscription: ids[1], incident: ids[2], month: key.month,
            currency: key.currency),
          currency: key.currency,
          ids: ids.map { String(decoding: $0, as: UTF8.self) } + [
            "\(key.month.text)-01", key.currency.code,
          ],
          possible: possible, plan: plan, service: service))
    }
  }

  /// - Parameter report: called with each finding and the position of its key in the customer's reconciliation.
  mutating func ask(
    _ night: borrowing ReconciliationContext, report: (Finding, _ key: Int) throws -> Void
  ) throws {
    guard !questions.isEmpty else { return }
    defer { questions.removeAll(keepingCapacity: true) }
    let ids = (0..<5).map { part in Parameter.textArray(questions.map { $0.ids[part] }) }
    let revisions = Parameter.int64Array(questions.map { Int64($0.possible.revision) })
    let asked = questions
    try night.connection.query(RedressSQL.Query.recordedBasis.text, ids + [revisions]) { row in
      let question = asked[Int(try row.int64(0)) - 1]
      guard !row.isNull(1), case .micros(let feeMicros) = try row.numericMicros(1), feeMicros >= 0
      else { return }
      if let counted = question.possible.counted {
        let isSamePlan = row.bytes(2).elementsEqual(question.plan)
        // Another plan may have other tiers, so time at another severity may be counted.
        guard try row.int64(3) == counted.end.microseconds,
          try !isSamePlan || row.int64(4) == counted.microseconds,
          row.bytes(5).elementsEqual(night.versionName(Int(counted.version)).utf8)
        else { return }
      }
      var billed: MonthlyFee?
      if !row.isNull(7), case .micros(let micros) = try row.numericMicros(7) {
        billed = MonthlyFee(micros: micros, currency: question.currency)
      }
      let changes = question.changes(
        fee: MonthlyFee(micros: feeMicros, currency: question.currency), billed: billed,
        plan: row.array(2) ?? [],
        service: row.array(6) ?? [], end: Instant(microseconds: try row.int64(3)))
      guard !changes.isEmpty else { return }
      try report(
        Finding(
          question.key,
          .pastRewritten(
            Finding.PastRewriting(
              changes,
              difference: Money(
                amountMinor: question.possible.changeMinor, currency: question.currency),
              waiting: question.possible.waiting(for: changes, night)))),
        question.possible.key)
    }
  }
}
