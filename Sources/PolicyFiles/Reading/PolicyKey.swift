package import ServiceCredits

/// A key of a policy file, spelled as in the file.
package struct PolicyKey: Hashable, Sendable {
  package let name: String
  /// The kind that the value must have.
  let kind: PolicyNodeKind
  /// An example of a correct line.
  let example: String
  let isOptional: Bool

  private init(
    _ name: String, _ kind: PolicyNodeKind = .text, isOptional: Bool = true, as example: String
  ) {
    self.name = name
    self.kind = kind
    self.example = "\(name): \(example)"
    self.isOptional = isOptional
  }

  /// The key of a rule's field.
  package init(_ field: RuleField) {
    name = field.name
    kind = PolicyKey.kind(of: field.type)
    example = field.example
    isOptional = !field.isRequired
  }

  private static func kind(of type: RuleFieldType) -> PolicyNodeKind {
    switch type {
    case .map: .map
    case .list: .list
    default: .text
    }
  }
}

// MARK: The keys

extension PolicyKey {
  // The file
  static let versions = PolicyKey(
    "versions", .list, isOptional: false,
    as: "[{version: outage-response-1, effective_from: 2025-01-01, …}]")
  static let programme = PolicyKey("programme", .map, as: "{provider: Example, name: Hosting}")
  static let examples = PolicyKey(
    "examples", .list, as: "[{example: an hour down, month: 2026-04, fee: 100.00 USD, …}]")

  static let accounts = PolicyKey("accounts", .map, as: "{credits: Income:ServiceCredits}")

  // The accounts
  static let creditsAccount = PolicyKey("credits", as: "Income:ServiceCredits")
  static let liabilityAccount = PolicyKey("liability", as: "Liabilities:ServiceCredits")
  static let receivableAccount = PolicyKey("receivable", as: "Assets:Receivable")
  static let overcreditedAccount = PolicyKey(
    "overcredited", as: "Assets:ServiceCredits:Overcredited")
  static let balancesAccount = PolicyKey("balances", as: "Liabilities:CustomerBalances")
  static let by = PolicyKey("by", .list, as: "[{service: api, credits: Income:ServiceCredits:Api}]")
  static let service = PolicyKey("service", as: "api")
  static let customerTier = PolicyKey("tier", as: "enterprise")

  // A version
  static let version = PolicyKey("version", isOptional: false, as: "outage-response-2")
  static let effectiveFrom = PolicyKey("effective_from", isOptional: false, as: "2025-01-01")
  static let timeZone = PolicyKey("time_zone", isOptional: false, as: "Europe/Berlin")
  static let tiers = PolicyKey(
    "tiers", .list, isOptional: false, as: "[{severity: P0, longer_than: 1h, credit: 10%}]")
  static let rules = PolicyKey(
    "rules", .list, as: "[{kind: steps, of: uptime, steps: [{below: 99.9%, credit: 10%}]}]")
  static let combine = PolicyKey("combine", as: "largest")
  static let cap = PolicyKey("cap", as: "100%")
  static let lateCorrections = PolicyKey("late_corrections", as: "next_open_month")
  static let rewrittenPast = PolicyKey("rewritten_past", as: "hold")
  static let overlap = PolicyKey("overlap", as: "count_once")
  static let rounding = PolicyKey("rounding", as: "half_up")
  static let exclude = PolicyKey(
    "exclude", .list, as: "[{kind: scheduled_maintenance, announced: 24h}]")
  static let minimum = PolicyKey("minimum", .map, as: "{USD: 1.00}")
  static let raiseTo = PolicyKey("raise_to", .map, as: "{EUR: 1.00}")
  static let claim = PolicyKey("claim", .map, as: "{within: 30d, after: incident}")
  static let overcredited = PolicyKey("overcredited", as: "set_off")
  static let balance = PolicyKey("balance", as: "stripe")
  static let plans = PolicyKey("plans", .map, as: "{platinum: {cap: 60%}}")
  static let limits = PolicyKey("limits", .map, as: "{share_of_monthly_fees: 50%}")
  static let count = PolicyKey("count", .map, as: "{round: 2}")
  static let base = PolicyKey("base", .map, as: "{fee: billed}")

  // The parts of a version
  static let severity = PolicyKey("severity", isOptional: false, as: "P0")
  static let longerThan = PolicyKey("longer_than", isOptional: false, as: "1h30m")
  static let credit = PolicyKey("credit", isOptional: false, as: "10%")
  static let kind = PolicyKey("kind", isOptional: false, as: "scheduled_maintenance")
  static let announced = PolicyKey("announced", as: "24h")
  static let shareOfMonthlyFees = PolicyKey("share_of_monthly_fees", as: "50%")
  static let granted = PolicyKey("granted", .map, as: "{USD: 250000}")
  static let takenBack = PolicyKey("taken_back", .map, as: "{USD: 50000}")
  static let floor = PolicyKey("floor", .map, as: "{JPY: 100000}")
  static let twoPersons = PolicyKey("two_persons", as: "true")
  static let per = PolicyKey("per", isOptional: false, as: "month")
  static let most = PolicyKey("most", isOptional: false, as: "100%")
  static let claimWithin = PolicyKey("within", isOptional: false, as: "30d")
  static let after = PolicyKey("after", isOptional: false, as: "incident")
  static let amount = PolicyKey("amount", isOptional: false, as: "9.76")
  static let largest = PolicyKey("largest", .list, isOptional: false, as: "[{amount: 5.00}, 10%]")
  static let ruleKind = PolicyKey("kind", isOptional: false, as: "steps")
  static let of = PolicyKey("of", isOptional: false, as: "uptime")

  // The procedures
  static let procedures = PolicyKey("procedures", .map, as: "{holidays: [2026-12-25]}")
  static let targets = PolicyKey(
    "targets", .list, as: "[{severity: P0, respond: 15m, resolve: 4h}]")
  static let respond = PolicyKey("respond", isOptional: false, as: "15m")
  static let resolve = PolicyKey("resolve", isOptional: false, as: "4h")
  static let duringP0 = PolicyKey("during_p0", .map, as: "{status_updates_every: 30m}")
  static let responseTeam = PolicyKey("response_team", as: "30m")
  static let rootCauseInvestigation = PolicyKey("root_cause_investigation", as: "30m")
  static let firstStatusUpdate = PolicyKey("first_status_update", as: "30m")
  static let statusUpdatesEvery = PolicyKey("status_updates_every", as: "30m")
  static let customersNotified = PolicyKey("customers_notified", as: "30m")
  static let inAppBanner = PolicyKey("in_app_banner", as: "30m")
  static let socialMedia = PolicyKey("social_media", as: "30m")
  static let resolutionMessage = PolicyKey("resolution_message", as: "30m")
  static let escalation = PolicyKey(
    "escalation", .list, as: "[{trigger: past_target, within: 0s, P0: 4, P1: 3, P2: 2, P3: 2}]")
  static let trigger = PolicyKey("trigger", isOptional: false, as: "past_target")
  static let within = PolicyKey("within", isOptional: false, as: "30m")
  static let p0 = PolicyKey("P0", isOptional: false, as: "4")
  static let p1 = PolicyKey("P1", isOptional: false, as: "3")
  static let p2 = PolicyKey("P2", isOptional: false, as: "2")
  static let p3 = PolicyKey("P3", isOptional: false, as: "2")
  static let postMortem = PolicyKey(
    "post_mortem", .map, as: "{severities: [P0, P1], business_days: 5}")
  static let severities = PolicyKey("severities", .list, as: "[P0, P1]")
  static let businessDays = PolicyKey("business_days", as: "5")
  static let shareBusinessDays = PolicyKey("share_business_days", as: "5")
  static let holidays = PolicyKey("holidays", .list, as: "[2026-12-25, 2027-01-01]")

  // The programme and its examples
  static let provider = PolicyKey("provider", isOptional: false, as: "Example Hosting")
  static let programmeName = PolicyKey("name", isOptional: false, as: "Cloud servers")
  static let termsAsOf = PolicyKey("terms_as_of", as: "2026-01-31")
  static let source = PolicyKey("source", as: "https://example.com/terms")
  static let leavesOut = PolicyKey("leaves_out", .list, as: "[Claims have to be sent by mail.]")
  static let example = PolicyKey("example", isOptional: false, as: "five minutes down")
  static let month = PolicyKey("month", isOptional: false, as: "2026-04")
  static let quarter = PolicyKey("quarter", as: "2026-Q2")
  static let plan = PolicyKey("plan", as: "platinum")
  static let zoneOfCustomer = PolicyKey("time_zone", as: "Europe/Berlin")
  static let fee = PolicyKey("fee", isOptional: false, as: "1000.00 USD")
  static let outages = PolicyKey(
    "outages", .list, isOptional: false,
    as: "[{from: \"2026-04-10T10:00:00Z\", to: \"2026-04-10T10:05:00Z\"}]")
  static let creditOfExample = PolicyKey("credit", isOptional: false, as: "100.00")
  static let because = PolicyKey("because", as: "five minutes are more than the promise allows")
  static let from = PolicyKey("from", isOptional: false, as: "\"2026-04-10T10:00:00Z\"")
  static let to = PolicyKey("to", isOptional: false, as: "\"2026-04-10T10:05:00Z\"")
  static let share = PolicyKey("share", as: "0.5")
  static let claimed = PolicyKey("claimed", as: "\"2026-04-12T09:00:00Z\"")
  static let incident = PolicyKey("incident", as: "first")
  static let severityOfOutage = PolicyKey("severity", as: "P0")
}

// MARK: Where they belong

extension PolicyKey {
  static let ofFile: [PolicyKey] = [.versions, .programme, .examples, .accounts]
  static let ofAccounts: [PolicyKey] = AccountMap.Role.allCases.map(\.key) + [.by]
  static let ofAccountEntry: [PolicyKey] =
    [.service, .plan, .customerTier] + AccountMap.Role.allCases.map(\.key)
  static let ofVersion: [PolicyKey] = [
    .version, .effectiveFrom, .timeZone, .tiers, .rules, .combine, .base, .count, .cap, .overlap,
    .rounding, .exclude, .minimum, .raiseTo, .claim, .plans, .overcredited, .balance, .limits,
    .lateCorrections, .rewrittenPast, .procedures,
  ]
  static let ofPlan: [PolicyKey] = [.tiers, .rules, .combine, .base, .count, .cap, .raiseTo]
  static let ofTier: [PolicyKey] = [.severity, .longerThan, .credit]
  static let ofCap: [PolicyKey] = [.per, .most]
  static let ofClaim: [PolicyKey] = [.claimWithin, .after]
  static let ofExclusion: [PolicyKey] = [.kind, .announced]
  static let ofLimits: [PolicyKey] = [
    .shareOfMonthlyFees, .granted, .takenBack, .floor, .twoPersons,
  ]
  static let ofProcedures: [PolicyKey] = [
    .targets, .duringP0, .escalation, .postMortem, .holidays,
  ]
  static let ofTarget: [PolicyKey] = [.severity, .respond, .resolve]
  static let ofDuringP0: [PolicyKey] = [
    .responseTeam, .rootCauseInvestigation, .firstStatusUpdate, .statusUpdatesEvery,
    .customersNotified, .inAppBanner, .socialMedia, .resolutionMessage,
  ]
  static let ofEscalation: [PolicyKey] = [.trigger, .within, .p0, .p1, .p2, .p3]
  static let ofPostMortem: [PolicyKey] = [.severities, .businessDays, .shareBusinessDays]
  static let ofProgramme: [PolicyKey] = [
    .provider, .programmeName, .termsAsOf, .source, .leavesOut,
  ]
  static let ofExample: [PolicyKey] = [
    .example, .month, .quarter, .plan, .zoneOfCustomer, .fee, .outages, .creditOfExample, .because,
  ]
  static let ofOutage: [PolicyKey] = [.from, .to, .severityOfOutage, .share, .claimed, .incident]

  /// The parts of a file, in words, with the keys that belong to them.
  private static let homes: [(words: String, keys: [PolicyKey])] =
    [("a tier", ofTier)] + partsOfRules + [
      ("an entry of exclude", ofExclusion), ("an entry of cap", ofCap), ("claim", ofClaim),
      ("limits", ofLimits), ("procedures", ofProcedures), ("an entry of targets", ofTarget),
      ("during_p0", ofDuringP0), ("an entry of escalation", ofEscalation),
      ("post_mortem", ofPostMortem), ("a version or a plan", ofPlan),
      ("a version", ofVersion.filter { !ofPlan.contains($0) }), ("the top of the file", ofFile),
      ("programme", ofProgramme), ("an entry of examples", ofExample),
      ("an entry of outages", ofOutage), ("accounts", ofAccounts),
      ("an entry of by", ofAccountEntry),
    ]

  /// The keys of any rule.
  static let ofRule: [PolicyKey] = {
    var names: Set<String> = []
    return partsOfRules.filter { $0.words.hasPrefix("a rule") }.flatMap(\.keys)
      .filter { names.insert($0.name).inserted }
  }()

  /// The keys that all rules have, those of each kind, and those of the maps in them.
  private static let partsOfRules: [(words: String, keys: [PolicyKey])] = {
    var parts: [(words: String, keys: [PolicyKey])] = []
    func add(_ fields: [RuleField], _ words: String) {
      parts.append((words, fields.map { PolicyKey($0) }))
      for field in fields { add(field.type) }
    }
    func add(_ type: RuleFieldType) {
      switch type {
      case .map(let inner), .list(let inner): add(inner.fields, inner.words)
      case .either(let types): types.forEach(add)
      default: break
      }
    }
    for kind in RuleKinds.all {
      for measure in kind.measures {
        let own = kind.fields(of: measure).fields
        let common = Rule.fields(kind, of: measure).fields.dropLast(own.count)
        add(Array(common), "a rule")
        add(own, "a rule \(kind.name)")
      }
    }
    return parts
  }()

  /// Some key of a file with this name; `nil` if there is none.
  static func named(_ name: String) -> PolicyKey? {
    homes.lazy.compactMap { home in home.keys.first { $0.name == name } }.first
  }

  /// The first parts of the file that have a key of this name, in words.
  var homes: [String] {
    var words: [String] = []
    for home in PolicyKey.homes where !words.contains(home.words) && words.count < 2 {
      if home.keys.contains(where: { $0.name == name }) { words.append(home.words) }
    }
    return words
  }

  /// The names of all keys.
  static var allNames: [String] { Set(homes.flatMap { $0.keys.map(\.name) }).sorted() }
}
