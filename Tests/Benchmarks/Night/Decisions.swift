import Benchmark
import ServiceCredits

/// What incidents mean for a subscription: the sweep over its time, tiers, month and cap.
func decisionBenchmarks() {
  Benchmark("Decisions, looked up: ten services, 30 incidents") { benchmark in
    var calculator = Month.calculator(outages: Month.outages)
    let terms = Month.terms.map { [$0] }
    measure(benchmark, terms, &calculator, ownOutages: [])
  }
  // A window of the customer's own, and nothing can be shared.
  Benchmark("Decisions, worked out: ten services, 30 incidents") { benchmark in
    var calculator = Month.calculator(outages: Month.outages)
    let terms = Month.terms.map { [$0] }
    let own = (0..<10).map { (service: ServiceNumber) -> Outage in
      Outage(
        incident: 29, severity: .p0, scope: Scope(service: service, customer: .own),
        interval: Month.hours(500, 502))
    }
    measure(benchmark, terms, &calculator, ownOutages: own)
  }
  Benchmark("Decisions, worked out: plan changed during an outage") { benchmark in
    var calculator = Month.calculator(outages: Month.outages)
    let terms = Month.terms.map { term in
      let change = Month.outages.first { $0.scope.service == term.service }!.interval.start
      let middle = Instant(microseconds: change.microseconds + 60_000_000)
      return [
        Month.term(term.service, from: term.interval.start, to: middle),
        Month.term(term.service, from: middle, to: .distantFuture),
      ]
    }
    measure(benchmark, terms, &calculator, ownOutages: [])
  }
  // Each overlaps the next 24: what the sweep costs where everything is on fire.
  Benchmark("Decisions, worked out: 200 windows, 25 at a time") { benchmark in
    let windows = (0..<200).map { (number: Int64) -> Outage in
      let severity: Severity = number % 3 == 0 ? .p0 : .p1
      return Outage(
        incident: IncidentNumber(number % 30), severity: severity,
        scope: Scope(service: nil, customer: nil), interval: Month.hours(number, number + 25))
    }
    var calculator = Month.calculator(outages: windows)
    let own = Outage(
      incident: 29, severity: .p0, scope: Scope(service: nil, customer: .own),
      interval: Month.hours(500, 502))
    let terms = Month.terms.map { [$0] }
    measure(benchmark, terms, &calculator, ownOutages: [own])
  }
}

private func measure(
  _ benchmark: Benchmark, _ subscriptions: [[SubscriptionTerm]],
  _ calculator: inout CreditCalculator, ownOutages: [Outage]
) {
  // Once before, so that what is shared is known and scratch space has its size.
  var sum = credited(subscriptions, &calculator, ownOutages: ownOutages)
  precondition(sum > 0, "nothing is credited, so nothing would be measured")
  benchmark.measure { sum &+= credited(subscriptions, &calculator, ownOutages: ownOutages) }
  blackHole(sum)
}

private func credited(
  _ subscriptions: [[SubscriptionTerm]], _ calculator: inout CreditCalculator, ownOutages: [Outage]
) -> Int64 {
  var sum: Int64 = 0
  for terms in subscriptions {
    let decisions = calculator.decisions(
      of: SubscriptionInput(terms: terms, outages: ownOutages))
    for position in decisions {
      let decision = calculator[position]
      if case .credited(let money)? = try? calculator.outcome(
        decision, fee: terms[Int(decision.term)].fee)
      {
        sum &+= money.amountMinor
      }
    }
  }
  return sum
}

/// October 2026, with as many incidents as the large month of `make bench-data`.
enum Month {
  static let start = Instant(microseconds: 1_790_812_800_000_000)
  static let dollars = Currency("USD")!

  static func hours(_ from: Int64, _ to: Int64) -> Interval {
    Interval(
      Instant(microseconds: start.microseconds + from * 3_600_000_000),
      Instant(microseconds: start.microseconds + to * 3_600_000_000))
  }

  static func term(
    _ service: ServiceNumber, from start: Instant, to end: Instant
  ) -> SubscriptionTerm {
    SubscriptionTerm(
      interval: Interval(start, end), customer: .own, service: service, plan: nil,
      zone: ZoneNumber(0),
      fee: MonthlyFee(micros: 83_333_333, currency: dollars))
  }

  /// A thousand that began on different days before the month and have not ended.
  static let terms = (0..<1000).map { (number: Int64) -> SubscriptionTerm in
    let began = start.microseconds - (1 + number) * 86_400_000_000
    return term(
      ServiceNumber(Int32(number % 10)), from: Instant(microseconds: began), to: .distantFuture)
  }

  /// Three to each service, the second an hour into the first.
  static let outages = (0..<30).map { (number: Int64) -> Outage in
    let service = number % 10
    let severity: Severity = number % 4 == 3 ? .p1 : .p0
    return Outage(
      incident: IncidentNumber(number), severity: severity,
      scope: Scope(service: ServiceNumber(service), customer: nil),
      interval: hours(20 * service + number / 10, 20 * service + 6))
  }

  static func calculator(outages: [Outage]) -> CreditCalculator {
    let tiers = [
      CreditTier(severity: .p0, longerThanMicroseconds: 3_600_000_000, credit: BasisPoints(1000)),
      CreditTier(severity: .p0, longerThanMicroseconds: 14_400_000_000, credit: BasisPoints(2500)),
      CreditTier(severity: .p1, longerThanMicroseconds: 14_400_000_000, credit: BasisPoints(500)),
    ]
    let version = PolicyVersion(
      name: "outage-response-1", effectiveFrom: CalendarDate(year: 2025, month: 1, day: 1)!,
      timeZone: "UTC", terms: PlanRules(rule: .tiers(tiers), cap: .whole), plans: [:],
      overlap: .countOnce, rounding: .halfUp, exclusions: [], minimum: .none,
      limits: RunLimits(shareOfMonthlyFees: nil, granted: [:], takenBack: [:]))
    let months = MonthTable(
      first: BillingMonth(year: 2026, month: 10),
      starts: [start, Instant(microseconds: start.microseconds + 31 * 86_400_000_000)])
    return CreditCalculator(
      policy: CreditPolicy(versions: [version]), planNames: [], services: 10,
      incidents: (0..<30).map { Incident(startedAt: hours(Int64($0), 900).start, version: 0) },
      outages: outages, exclusions: [], zones: [months], versionZones: [0])
  }
}
