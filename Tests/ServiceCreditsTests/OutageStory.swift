import ServiceCredits
import Testing

let second: Int64 = 1_000_000
let minute = 60 * second
let hour = 60 * minute
let day = 24 * hour

/// Midnight of 10 October 2026 UTC. Times in stories count from it.
let storyZero = Instant(microseconds: 1_791_590_400 * second)

func creditTier(_ severity: Severity, _ longerThan: Int64, _ percent: Int32) -> CreditTier {
  CreditTier(
    severity: severity, longerThanMicroseconds: longerThan, credit: BasisPoints(percent * 100))
}

/// A policy version with the promised values unless given otherwise.
func promise(
  tiers: [CreditTier] = [
    creditTier(.p0, hour, 10), creditTier(.p0, 4 * hour, 25), creditTier(.p1, 4 * hour, 5),
  ],
  cap: Int32 = 100, overlap: OverlapRule = .countOnce, rounding: RoundingRule = .halfUp,
  exclusions: [ExclusionRule] = [
    ExclusionRule(kind: .scheduledMaintenance, announcedMicroseconds: 24 * hour),
    ExclusionRule(kind: .customerFault, announcedMicroseconds: nil),
    ExclusionRule(kind: .forceMajeure, announcedMicroseconds: nil),
  ],
  minimum: [Currency: Int64] = [:], minimumShare: Fraction? = nil, plans: [String: PlanRules] = [:],
  rules: RuleSet? = nil,
  claim: ClaimRule? = nil
) -> PolicyVersion {
  guard let effectiveFrom = CalendarDate(year: 2025, month: 1, day: 1) else {
    preconditionFailure("New Year is a day")
  }
  return PolicyVersion(
    name: "promise", effectiveFrom: effectiveFrom, timeZone: "UTC",
    terms: PlanRules(
      rule: rules.map { .rules($0) } ?? .tiers(tiers), cap: BasisPoints(cap * 100)),
    plans: plans, overlap: overlap, rounding: rounding, exclusions: exclusions,
    minimum: MinimumCredit(amounts: minimum, share: minimumShare),
    claim: claim,
    limits: RunLimits(shareOfMonthlyFees: nil, granted: [:], takenBack: [:]))
}

/// What happened to one subscription, in a few lines of text, for readable tables of cases.
///
/// Times are `h:mm`, `h:mm:ss` or `h:mm:ss.ffffff` after midnight of 10 October 2026 UTC, or ISO
/// 8601, or `-` for none. Incidents are in the order of their names, as in the ledger.
///
///     A P0 0:00 3:00 service=1 customer=0     a window of incident A
///     A starts 1:00                           its started_at; otherwise the first window's
///     A version 1                             its policy version; otherwise 0
///     scheduled_maintenance 0:30 2:20 announced=-48:00
///     term 3:00 - plan=gold service=0 customer=0 zone=1 fee=1000.00
///     held 2026-10 60                         percent on record for held incidents
///     claim A 5:00                            a claim for incident A, and one for a month
///     claim 2026-10 5:00
///
/// Without a term, one for all of time is used. Zone 0 is UTC and the versions' zone, 1 is UTC+14,
/// 2 is UTC-10.
struct OutageStory {
  var names: [String] = []
  var incidents: [Incident] = []
  var outages: [Outage] = []
  var exclusions: [Exclusion] = []
  var terms: [SubscriptionTerm] = []
  var heldShares: [HeldShare] = []
  var claims: [CustomerClaim] = []
  var policy: CreditPolicy
  var planNames: [String]
  var zones = OutageStory.realZones
  /// The zone of each version, for customers without a zone.
  var versionZones: [ZoneNumber]

  static let services = 3

  static let realZones: [MonthTable] = [0, 14, -10].map { offset in
    let first = BillingMonth(year: 2026, month: 7)
    return MonthTable(
      first: first,
      starts: (0..<8).map { count in
        Instant(
          microseconds: Int64(first.advanced(by: count).daysSinceUnixEpoch) * day
            - Int64(offset) * hour)
      })
  }

  /// The days of the same zones, from the first of September to the end of January.
  static let realCalendars: [LocalCalendar] = [0, 14, -10].map { calendar(hoursAhead: $0) }

  private static func calendar(hoursAhead offset: Int64) -> LocalCalendar {
    let first = Int64(BillingMonth(year: 2026, month: 9).daysSinceUnixEpoch) * day
    var days: [LocalCalendar.Day] = []
    for count in Int64(0)..<153 {
      let start = Instant(microseconds: first + count * day - offset * hour)
      let end = Instant(microseconds: start.microseconds + day)
      days.append(LocalCalendar.Day(interval: Interval(start, end), isWorking: true))
    }
    return LocalCalendar(days: days, hours: [])
  }

  init(_ text: String, versions: [PolicyVersion] = [promise()]) {
    policy = CreditPolicy(versions: versions)
    versionZones = versions.map { _ in ZoneNumber(0) }
    planNames = Set(versions.flatMap { $0.plans.keys }).sorted()
    let lines = text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
      .filter { !$0.isEmpty }
    names = Set(lines.compactMap { isAboutIncident($0) ? $0[0] : nil }).sorted()
    for line in lines { read(line) }
    for (position, name) in names.enumerated() {
      let starts = lines.first { $0[0] == name && $0[1] == "starts" }
        .map { OutageStory.time($0[2]) }
      let version = lines.first { $0[0] == name && $0[1] == "version" }.flatMap { Int($0[2]) }
      let windows = outages.filter { $0.incident.index == position }.map(\.interval.start)
      incidents.append(
        Incident(startedAt: starts ?? windows.min() ?? storyZero, version: version ?? 0))
    }
    if terms.isEmpty { read(["term", "-", "-"]) }
  }

  /// An empty story, to be filled by the caller.
  init(versions: [PolicyVersion], zones: [MonthTable]) {
    policy = CreditPolicy(versions: versions)
    versionZones = versions.map { _ in ZoneNumber(0) }
    planNames = Set(versions.flatMap { $0.plans.keys }).sorted()
    self.zones = zones
  }

  private func isAboutIncident(_ line: [String]) -> Bool {
    !["term", "held", "claim"].contains(line[0]) && ExclusionKind(rawValue: line[0]) == nil
  }

  private mutating func read(_ line: [String]) {
    var values: [String: String] = [:]
    for part in line.dropFirst(2) {
      let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
      if pair.count == 2 { values[pair[0]] = pair[1] }
    }
    let scope = Scope(
      service: values["service"].flatMap { Int32($0) }.map { ServiceNumber($0) },
      customer: values["customer"].flatMap { Int32($0) }.map { OutageStory.owner($0) })
    if line[0] == "term" {
      terms.append(
        SubscriptionTerm(
          interval: Interval(
            line[1] == "-" ? .distantPast : OutageStory.time(line[1]),
            line[2] == "-" ? .distantFuture : OutageStory.time(line[2])),
          customer: scope.customer ?? .own, service: scope.service ?? ServiceNumber(0),
          plan: values["plan"].flatMap { planNames.firstIndex(of: $0) }.map {
            PlanNumber(index: $0)
          },
          zone: values["zone"].flatMap { Int32($0) }.map { ZoneNumber($0) },
          fee: OutageStory.fee(values["fee"] ?? "1000 USD")))
    } else if line[0] == "held" {
      let month = line[1].split(separator: "-").compactMap { Int($0) }
      heldShares.append(
        HeldShare(
          month: BillingMonth(year: month[0], month: month[1]),
          share: BasisPoints((Int32(line[2]) ?? 0) * 100)))
    } else if line[0] == "claim" {
      let month = line[1].split(separator: "-").compactMap { Int($0) }
      claims.append(
        CustomerClaim(
          incident: names.firstIndex(of: line[1]).map { IncidentNumber(index: $0) },
          month: month.count == 2 ? BillingMonth(year: month[0], month: month[1]) : nil,
          at: OutageStory.time(line[2])))
    } else if let kind = ExclusionKind(rawValue: line[0]) {
      exclusions.append(
        Exclusion(
          kind: kind, scope: scope,
          interval: Interval(OutageStory.time(line[1]), OutageStory.time(line[2])),
          announcedAt: values["announced"].map { OutageStory.time($0) }))
    } else if let severity = Severity(code: Array(line[1].utf8)),
      let incident = names.firstIndex(of: line[0])
    {
      outages.append(
        Outage(
          incident: IncidentNumber(index: incident), severity: severity, scope: scope,
          interval: Interval(OutageStory.time(line[2]), OutageStory.time(line[3]))))
    } else {
      precondition(
        line[1] == "starts" || line[1] == "version", "a line that no story has: \(line)")
    }
  }

  static func time(_ text: String) -> Instant {
    if text.contains("T") {
      guard let instant = Instant(iso8601: text) else { preconditionFailure("no time: \(text)") }
      return instant
    }
    let isNegative = text.hasPrefix("-")
    let halves = text.drop { $0 == "-" }.split(separator: ".")
    let units = halves[0].split(separator: ":").compactMap { Int64($0) }
    precondition(units.count == 2 || units.count == 3, "no time: \(text)")
    var microseconds = units[0] * hour + units[1] * minute
    if units.count == 3 { microseconds += units[2] * second }
    if halves.count == 2 {
      var decimals = String(halves[1])
      while decimals.count < 6 { decimals += "0" }
      microseconds += Int64(decimals) ?? 0
    }
    return Instant(
      microseconds: storyZero.microseconds + (isNegative ? -microseconds : microseconds))
  }

  /// `1000.00` in dollars, or another currency with `_JPY` or the like at the end.
  static func fee(_ text: String) -> MonthlyFee {
    let parts = text.split { $0 == "_" || $0 == " " }.map(String.init)
    let halves = parts[0].split(separator: ".").map(String.init)
    var decimals = halves.count == 2 ? halves[1] : ""
    while decimals.count < 6 { decimals += "0" }
    guard let currency = Currency(parts.count == 2 ? parts[1] : "USD"),
      let whole = Int64(halves[0]),
      let micros = Int64(decimals)
    else { preconditionFailure("no fee: \(text)") }
    return MonthlyFee(micros: whole * 1_000_000 + micros, currency: currency)
  }

  func calculator() -> CreditCalculator {
    CreditCalculator(
      policy: policy, planNames: planNames, services: OutageStory.services, incidents: incidents,
      outages: outages.filter { $0.scope.customer == nil },
      exclusions: exclusions.filter { $0.scope.customer == nil }, zones: zones,
      versionZones: versionZones, calendars: zones.count == 3 ? OutageStory.realCalendars : [])
  }

  /// A story numbers its customers from 0, which is the one for whom it is calculated.
  static func owner(_ customer: Int32) -> Owner { customer == 0 ? .own : .other(customer) }

  private var input: SubscriptionInput {
    let customers = Set(terms.map(\.customer))
    func isTheirs(_ scope: Scope) -> Bool { scope.customer.map { customers.contains($0) } ?? false }
    return SubscriptionInput(
      terms: terms, outages: outages.filter { isTheirs($0.scope) },
      exclusions: exclusions.filter { isTheirs($0.scope) }, heldShares: heldShares, claims: claims)
  }

  func decide(_ calculator: inout CreditCalculator) -> [CreditDecision] {
    calculator.decisions(of: input).map { calculator[$0] }
  }

  /// The decisions with all their steps.
  var traces: [IncidentTrace] {
    var calculator = calculator()
    return calculator.trace(of: input)
  }

  var decisions: [CreditDecision] {
    var calculator = calculator()
    return decide(&calculator)
  }

  // MARK: What came out, as text

  /// `A 10%`; `B 50% of 60%` if the cap cut it; `C none` if time was counted without a credit.
  /// Incidents without counted time are left out.
  var percents: String {
    decisions.map { decision in
      let name = names[decision.counted.incident.index]
      guard decision.tier != nil else { return "\(name) none" }
      let cut =
        (decision.granted ?? .zero) == (decision.beforeCap ?? .zero)
        ? "" : " of \((decision.beforeCap ?? .zero).percentText)%"
      return "\(name) \((decision.granted ?? .zero).percentText)%\(cut)"
    }.joined(separator: ", ")
  }

  /// `A P0 3:00 0:00-3:00`: severity, time at this severity or worse, first instant and end.
  /// Seconds only if there are any.
  var counts: String {
    decisions.map { decision in
      let start = decision.counted.first.since(storyZero)
      let end = decision.counted.end.since(storyZero)
      return "\(names[decision.counted.incident.index]) \(decision.severity.code) "
        + "\(clock(decision.countedMicroseconds)) \(clock(start))-\(clock(end))"
    }.joined(separator: ", ")
  }

  /// `A 2026-10 term 0`: billing month and the position of the term in force.
  var places: String {
    decisions.map {
      "\(names[$0.counted.incident.index]) \($0.month.text) term \($0.term)"
    }.joined(separator: ", ")
  }

  /// `A 100.00 USD`, or the reason why there is no credit.
  func amounts() throws -> String {
    var calculator = calculator()
    return try decide(&calculator).map { decision in
      let fee = terms[Int(decision.term)].fee
      let name = names[decision.counted.incident.index]
      switch try calculator.outcome(decision, fee: fee) {
      case .credited(let money): return "\(name) \(money.text)"
      case .notCredited(let reason): return "\(name) \(reason.rawValue)"
      }
    }.joined(separator: ", ")
  }

  private func clock(_ microseconds: Int64) -> String {
    let magnitude = Int64(microseconds.magnitude)
    func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
    var text = "\(microseconds < 0 ? "-" : "")\(magnitude / hour):\(two(magnitude / minute % 60))"
    if magnitude % minute != 0 { text += ":" + two(magnitude / second % 60) }
    let fraction = String(magnitude % second)
    if magnitude % second != 0 {
      text += "." + String(repeating: "0", count: 6 - fraction.count) + fraction
    }
    return text
  }
}

/// A row of a table of cases: a story and its results.
struct StoryCase: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let story: String
  let expected: String
  let versions: [PolicyVersion]

  init(
    _ name: String, _ story: String, _ expected: String,
    versions: [PolicyVersion] = [promise()]
  ) {
    testDescription = name
    self.story = story
    self.expected = expected
    self.versions = versions
  }
}
