import PlainText
import ResponseProcedures
import ServiceCredits

/// The places of the values of a version that only a database can check.
struct VersionPlaces: Hashable, Sendable {
  let effectiveFrom: TextPlace
  let timeZone: TextPlace
}

/// Turns the tree of a file into a policy. Continues after an error, so that all errors are found
/// at once.
struct PolicyDecoder {
  private(set) var versions: [PolicyVersion] = []
  /// One for each of `versions`.
  private(set) var procedures: [ProcedureRules] = []
  /// One for each of `versions`.
  private(set) var places: [VersionPlaces] = []
  /// Those of a clause.
  private(set) var rules: [Rule] = []
  private(set) var programme: Programme?
  private(set) var examples: [PolicyExample] = []
  private(set) var accounts = AccountMap.usual
  var errors = PolicyErrorList()

  /// Whether the ledger keeps the text, so that nobody can correct it.
  private let isKept: Bool

  init(_ tree: PolicyTree, isKept: Bool) {
    self.isKept = isKept
    errors = tree.errors
    if let root = tree.root {
      readFile(root)
    } else if errors.isEmpty {
      errors.report(.file(.empty), at: TextPlace(line: 1, column: 1))
    }
  }

  /// The rules of a clause, alone or in a list.
  init(clause tree: PolicyTree) {
    isKept = true
    errors = tree.errors
    guard let root = tree.root else {
      if errors.isEmpty { errors.report(.file(.empty), at: TextPlace(line: 1, column: 1)) }
      return
    }
    var items = [root]
    if case .list(let list) = root.content { items = list }
    if items.isEmpty, errors.isEmpty {
      errors.report(.structure(.emptyList(.rules)), at: root.place)
    }
    for item in items {
      guard let read = rule(item) else { continue }
      var faults: [FieldFault] = []
      if let rule = Rule.read(read.map, read.kind, in: RuleContext(), &faults) {
        rules.append(rule)
      }
      for fault in faults { errors.report(.rule(.ofKind(fault)), at: TextPlace(fault.place)) }
    }
  }

  /// What was said of rules where they stand. A plan that inherits them says it no second time.
  var reportedFaults: Set<FieldFault> = []

  /// Each plan of the file, in the form in which it was first written.
  private var planForms: [String: (name: String, line: Int)] = [:]

  // MARK: The parts of a file

  private mutating func readFile(_ root: PolicyNode) {
    let fields = fields(
      of: root, .file, known: PolicyKey.ofFile, required: [.versions]
    ) { .structure(.fileIsNoMap($0)) }
    guard let fields else { return }
    programme = programme(in: fields)
    examples = examples(in: fields)
    accounts = accounts(in: fields)
    guard let (items, list) = list(.versions, in: fields) else { return }
    if items.isEmpty, list.isComplete { errors.report(.structure(.noVersions), at: list.place) }
    var headings: [Heading] = []
    for item in items {
      headings.append(readVersion(item))
    }
    checkNames(of: headings)
    checkOrder(of: headings)
    checkZones(of: headings)
    checkPlans(of: examples)
  }

  /// The values that are compared between versions; `nil` if a value could not be read.
  private struct Heading {
    var name: Placed<String>?
    var effectiveFrom: Placed<CalendarDate>?
    var timeZone: Placed<String>?
    /// Whether a rule is of a month or a quarter.
    var hasPeriods = false
  }

  private mutating func readVersion(_ node: PolicyNode) -> Heading {
    let context = PolicyContext.version(node.shownName)
    let fields = fields(
      of: node, context, known: PolicyKey.ofVersion,
      required: [.version, .effectiveFrom, .timeZone]
    ) { .structure(.wrongItemKind(.versions, found: $0)) }
    guard let fields else { return Heading() }
    let name = versionName(in: fields)
    let effectiveFrom = date(.effectiveFrom, in: fields)
    let timeZone = timeZone(in: fields)
    let credits = credits(in: fields, of: node, context)
    let terms = planRules(
      credits, own: true, combines: true, at: fields[.combine]?.place ?? node.place)
    let plans = plans(in: fields, inheriting: credits)
    let overlap = word(.overlap, in: fields, OverlapRule.allCases)
    let rounding = word(.rounding, in: fields, RoundingRule.allCases)
    let exclusions = exclusions(in: fields)
    let minimum = minimum(in: fields)
    let claim = claim(in: fields)
    let overcredited = word(.overcredited, in: fields, OvercreditedRule.allCases)
    let balance = word(.balance, in: fields, BalanceSystem.allCases)
    let limits = limits(in: fields)
    let lateCorrections = word(.lateCorrections, in: fields, LateCorrections.allCases)
    let rewrittenPast = word(.rewrittenPast, in: fields, RewrittenPast.allCases)
    let procedures = procedures(in: fields)
    if let name, let effectiveFrom, let timeZone {
      versions.append(
        PolicyVersion(
          name: name.value, effectiveFrom: effectiveFrom.value, timeZone: timeZone.value,
          terms: terms, plans: plans, overlap: overlap ?? PolicyDefaults.overlap,
          rounding: rounding ?? PolicyDefaults.rounding,
          exclusions: exclusions ?? PolicyDefaults.exclusions, minimum: minimum, claim: claim,
          overcredited: overcredited ?? .report, balance: balance, limits: limits,
          lateCorrections: lateCorrections ?? PolicyDefaults.lateCorrections,
          rewrittenPast: rewrittenPast ?? .report))
      self.procedures.append(procedures)
      places.append(VersionPlaces(effectiveFrom: effectiveFrom.place, timeZone: timeZone.place))
    }
    let period = PolicyDecoder.period(of: terms, plans)
    if let effectiveFrom, let period { checkStart(effectiveFrom, period) }
    return Heading(
      name: name, effectiveFrom: effectiveFrom, timeZone: timeZone, hasPeriods: period != nil)
  }

  /// The list of what earns credits. `none` is said and not left out: without any, everything that was credited is taken
  /// back.
  mutating func earning(_ key: PolicyKey, in fields: Fields) -> [PolicyNode]? {
    if case .text("none") = fields[key]?.content { return [] }
    guard let (items, list) = list(key, in: fields) else { return nil }
    if items.isEmpty, list.isComplete, !isKept {
      errors.report(.rule(.earnsNothing(key)), at: list.place)
    }
    return items
  }

  mutating func tiers(in fields: Fields) -> [CreditTier]? {
    guard let items = earning(.tiers, in: fields) else { return nil }
    var tiers: [Placed<CreditTier>] = []
    for item in items {
      if let tier = tier(item) { tiers.append(Placed(tier, item.place)) }
    }
    for conflict in CreditTier.conflicts(in: tiers.map(\.value)) {
      let tier = tiers[conflict.index]
      switch conflict {
      case .duplicate(_, let first):
        errors.report(
          .rule(.duplicateTier(tier.value, firstLine: tiers[first].place.line)), at: tier.place)
      case .neverWins(_, let winner):
        errors.report(
          .rule(.tierNeverWins(tier.value, winner: tiers[winner].value)), at: tier.place)
      }
    }
    return tiers.map(\.value)
  }

  private mutating func tier(_ node: PolicyNode) -> CreditTier? {
    let fields = fields(
      of: node, .tier, known: PolicyKey.ofTier, required: PolicyKey.ofTier
    ) { .structure(.wrongItemKind(.tiers, found: $0)) }
    guard let fields else { return nil }
    let severity = word(.severity, in: fields, Severity.allCases)
    let longerThan = duration(.longerThan, in: fields)
    let credit = percent(.credit, in: fields, atMost: .whole)
    guard let severity, let longerThan, let credit else { return nil }
    return CreditTier(
      severity: severity, longerThanMicroseconds: longerThan, credit: credit.value)
  }

  private mutating func plans(
    in fields: Fields, inheriting credits: CreditReading
  ) -> [String: PlanRules] {
    guard let entries = map(.plans, in: fields) else { return [:] }
    var plans: [String: PlanRules] = [:]
    var firstLine: [String: Int] = [:]
    for entry in entries {
      guard let name = keyText(entry.key) else { continue }
      let place = entry.key.place
      if name.isEmpty || name.unicodeScalars.contains("\0") {
        errors.report(.value(.badName(.plans, name)), at: place)
      }
      // Two Unicode forms are equal as Strings, but the plans of subscriptions are compared as
      // bytes.
      let form = planForms[name]
      if let form, !form.name.utf8.elementsEqual(name.utf8) {
        errors.report(.rule(.sameNameInOtherForm(name, firstLine: form.line)), at: place)
      } else if let line = firstLine[name] {
        errors.report(.structure(.duplicateKey(name, firstLine: line)), at: place)
      } else {
        planForms[name] = form ?? (name, place.line)
        firstLine[name] = place.line
        plans[name] = plan(name, entry.value, inheriting: credits)
      }
    }
    return plans
  }

  private mutating func plan(
    _ name: String, _ node: PolicyNode, inheriting credits: CreditReading
  ) -> PlanRules? {
    let fields = fields(
      of: node, .plan(name), known: PolicyKey.ofPlan, required: []
    ) { .structure(.wrongItemKind(.plans, found: $0)) }
    guard let fields else { return nil }
    let own = self.credits(in: fields, of: node, .plan(name), inheriting: credits)
    let namesRules = fields[.rules] != nil || fields[.tiers] != nil
    return planRules(
      own, own: namesRules, combines: namesRules || fields[.combine] != nil,
      at: fields[.combine]?.place ?? node.place)
  }

  private mutating func exclusions(in fields: Fields) -> [ExclusionRule]? {
    guard let (items, _) = list(.exclude, in: fields) else { return nil }
    var rules: [ExclusionRule] = []
    var firstLine: [ExclusionKind: Int] = [:]
    for item in items {
      let fields = self.fields(
        of: item, .exclusion, known: PolicyKey.ofExclusion, required: [.kind]
      ) { .structure(.wrongItemKind(.exclude, found: $0)) }
      guard let fields else { continue }
      let announced = duration(.announced, in: fields)
      guard let kind = word(.kind, in: fields, ExclusionKind.allCases) else { continue }
      if let line = firstLine[kind] {
        errors.report(.rule(.duplicateExclusion(kind, firstLine: line)), at: item.place)
      } else {
        firstLine[kind] = item.place.line
        rules.append(ExclusionRule(kind: kind, announcedMicroseconds: announced))
      }
    }
    return rules
  }

  private mutating func limits(in fields: Fields) -> RunLimits {
    var limits = RunLimits(
      shareOfMonthlyFees: PolicyDefaults.shareOfMonthlyFees, granted: [:], takenBack: [:])
    guard let node = fields[.limits], let kind = node.kind else { return limits }
    let inner = self.fields(
      of: node, .limits, known: PolicyKey.ofLimits, required: []
    ) { _ in
      kind == .nothing
        ? .structure(.noValue(.limits)) : .structure(.wrongKind(.limits, found: kind))
    }
    guard let inner else { return limits }
    let share = share(in: inner)
    let twoPersons = word(.twoPersons, in: inner, YesOrNo.allCases)
    limits = RunLimits(
      shareOfMonthlyFees: share, granted: amounts(.granted, in: inner),
      takenBack: amounts(.takenBack, in: inner), floor: amounts(.floor, in: inner),
      twoPersons: twoPersons == .yes)
    return limits
  }

  /// `none` means no limit.
  private mutating func share(in fields: Fields) -> BasisPoints? {
    if case .text("none") = fields[.shareOfMonthlyFees]?.content { return nil }
    let share = percent(
      .shareOfMonthlyFees, in: fields, atMost: PolicyDefaults.largestShareOfMonthlyFees)
    return share?.value ?? PolicyDefaults.shareOfMonthlyFees
  }

  // MARK: Between versions

  private mutating func checkNames(of headings: [Heading]) {
    var firstLine: [String: Int] = [:]
    for case let name? in headings.map(\.name) {
      if let line = firstLine[name.value] {
        errors.report(.rule(.duplicateVersion(name.value, firstLine: line)), at: name.place)
      } else {
        firstLine[name.value] = name.place.line
      }
    }
  }

  private mutating func checkOrder(of headings: [Heading]) {
    let starts = headings.map(\.effectiveFrom)
    for conflict in CreditPolicy.orderConflicts(startingAt: starts.map { $0?.value }) {
      guard let start = starts[conflict.index], let latest = starts[conflict.latest] else {
        continue
      }
      errors.report(
        .rule(.versionNotLater(start.value, latest: latest.value, latestLine: latest.place.line)),
        at: start.place)
    }
  }

  /// Months and quarters of one file begin in one time zone.
  private mutating func checkZones(of headings: [Heading]) {
    guard headings.contains(where: \.hasPeriods),
      let first = headings.lazy.compactMap(\.timeZone).first
    else { return }
    for case let zone? in headings.map(\.timeZone) where zone.value != first.value {
      errors.report(
        .rule(.severalTimeZones(zone.value, first: first.value, firstLine: first.place.line)),
        at: zone.place)
    }
  }

  /// An example of a plan that no version names would be one of the plans without terms of their
  /// own.
  private mutating func checkPlans(of examples: [PolicyExample]) {
    let known = planForms.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    for example in examples {
      guard let plan = example.plan, planForms[plan] == nil else { continue }
      errors.report(
        .value(.unknownPlan(plan, nearMiss: NearMiss.nearest(to: plan, among: known))),
        at: example.place)
    }
  }
}
