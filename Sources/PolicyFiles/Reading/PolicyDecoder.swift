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
  var errors = PolicyErrorList()

  init(_ tree: PolicyTree) {
    errors = tree.errors
    if let root = tree.root {
      readFile(root)
    } else if errors.isEmpty {
      errors.report(.file(.empty), at: TextPlace(line: 1, column: 1))
    }
  }

  /// Each plan of the file, in the form in which it was first written.
  private var planForms: [String: (name: String, line: Int)] = [:]

  // MARK: The parts of a file

  private mutating func readFile(_ root: PolicyNode) {
    let fields = fields(
      of: root, .file, known: PolicyKey.ofFile, required: PolicyKey.ofFile
    ) { .structure(.fileIsNoMap($0)) }
    guard let fields, let (items, list) = list(.versions, in: fields) else { return }
    if items.isEmpty, list.isComplete { errors.report(.structure(.noVersions), at: list.place) }
    var headings: [Heading] = []
    for item in items {
      headings.append(readVersion(item))
    }
    checkNames(of: headings)
    checkOrder(of: headings)
  }

  /// The values that are compared between versions; `nil` if a value could not be read.
  private struct Heading {
    var name: Placed<String>?
    var effectiveFrom: Placed<CalendarDate>?
  }

  private mutating func readVersion(_ node: PolicyNode) -> Heading {
    let context = PolicyContext.version(node.shownName)
    let fields = fields(
      of: node, context, known: PolicyKey.ofVersion,
      required: [.version, .effectiveFrom, .timeZone, .tiers]
    ) { .structure(.wrongItemKind(.versions, found: $0)) }
    guard let fields else { return Heading() }
    let name = versionName(in: fields)
    let effectiveFrom = date(.effectiveFrom, in: fields)
    let timeZone = timeZone(in: fields)
    let tiers = tiers(in: fields)
    let cap = percent(.cap, in: fields, atMost: .whole)
    let terms = PlanRules(
      rule: .tiers(tiers ?? []), cap: cap?.value ?? PolicyDefaults.cap)
    let plans = plans(in: fields, inheriting: terms)
    let overlap = word(.overlap, in: fields, OverlapRule.allCases)
    let rounding = word(.rounding, in: fields, RoundingRule.allCases)
    let exclusions = exclusions(in: fields)
    let minimum = amounts(.minimum, in: fields)
    let limits = limits(in: fields)
    let procedures = procedures(in: fields)
    if let name, let effectiveFrom, let timeZone {
      versions.append(
        PolicyVersion(
          name: name.value, effectiveFrom: effectiveFrom.value, timeZone: timeZone.value,
          terms: terms, plans: plans, overlap: overlap ?? PolicyDefaults.overlap,
          rounding: rounding ?? PolicyDefaults.rounding,
          exclusions: exclusions ?? PolicyDefaults.exclusions, minimum: minimum, limits: limits))
      self.procedures.append(procedures)
      places.append(VersionPlaces(effectiveFrom: effectiveFrom.place, timeZone: timeZone.place))
    }
    return Heading(name: name, effectiveFrom: effectiveFrom)
  }

  private mutating func tiers(in fields: Fields) -> [CreditTier]? {
    guard let (items, _) = list(.tiers, in: fields) else { return nil }
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
    in fields: Fields, inheriting terms: PlanRules
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
        plans[name] = plan(name, entry.value, inheriting: terms)
      }
    }
    return plans
  }

  private mutating func plan(
    _ name: String, _ node: PolicyNode, inheriting terms: PlanRules
  ) -> PlanRules? {
    let fields = fields(
      of: node, .plan(name), known: PolicyKey.ofPlan, required: []
    ) { .structure(.wrongItemKind(.plans, found: $0)) }
    guard let fields else { return nil }
    let rule = tiers(in: fields).map { CreditRule.tiers($0) }
    let cap = percent(.cap, in: fields, atMost: .whole)
    return PlanRules(rule: rule ?? terms.rule, cap: cap?.value ?? terms.cap)
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
    guard let node = fields.values[.limits], let kind = node.kind else { return limits }
    let inner = self.fields(
      of: node, .limits, known: PolicyKey.ofLimits, required: []
    ) { _ in
      kind == .nothing
        ? .structure(.noValue(.limits)) : .structure(.wrongKind(.limits, found: kind))
    }
    guard let inner else { return limits }
    let share = share(in: inner)
    limits = RunLimits(
      shareOfMonthlyFees: share, granted: amounts(.granted, in: inner),
      takenBack: amounts(.takenBack, in: inner))
    return limits
  }

  /// `none` means no limit.
  private mutating func share(in fields: Fields) -> BasisPoints? {
    if case .text("none") = fields.values[.shareOfMonthlyFees]?.content { return nil }
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

  // MARK: Values

  private mutating func versionName(in fields: Fields) -> Placed<String>? {
    guard let text = text(.version, in: fields) else { return nil }
    let scalars = text.value.unicodeScalars
    let isPrintable = !scalars.contains { Quoted.isInvisible($0) }
    guard (1...100).contains(scalars.count), isPrintable, scalars.first != " ", scalars.last != " "
    else {
      errors.report(.value(.badName(.version, text.value)), at: text.place)
      return nil
    }
    return text
  }

  private mutating func timeZone(in fields: Fields) -> Placed<String>? {
    guard let text = text(.timeZone, in: fields) else { return nil }
    guard PolicyTimeZone.isPlausible(text.value) else {
      errors.report(.value(.badTimeZone(text.value)), at: text.place)
      return nil
    }
    return text
  }

  private mutating func date(_ key: PolicyKey, in fields: Fields) -> Placed<CalendarDate>? {
    text(key, in: fields).flatMap { date(key, $0) }
  }

  mutating func date(_ key: PolicyKey, _ text: Placed<String>) -> Placed<CalendarDate>? {
    do throws(Unreadable<PolicyDate.Fault>) {
      return Placed(try PolicyDate.read(text.value), text.place)
    } catch {
      switch error.fault {
      case .malformed:
        errors.report(
          .value(.badDate(key, text.value, suggestion: error.suggestion)), at: text.place)
      case .noSuchDay: errors.report(.value(.noSuchDay(key, text.value)), at: text.place)
      }
      return nil
    }
  }

  mutating func duration(_ key: PolicyKey, in fields: Fields) -> Int64? {
    guard let text = text(key, in: fields) else { return nil }
    do throws(Unreadable<DurationFault>) {
      return try PolicyDuration.read(text.value)
    } catch {
      errors.report(
        .value(.badDuration(key, text.value, error.fault, suggestion: error.suggestion)),
        at: text.place)
      return nil
    }
  }

  private mutating func percent(
    _ key: PolicyKey, in fields: Fields, atMost limit: BasisPoints
  ) -> Placed<BasisPoints>? {
    guard let text = text(key, in: fields) else { return nil }
    do throws(Unreadable<PercentFault>) {
      return Placed(try PolicyPercent.read(text.value, atMost: limit), text.place)
    } catch {
      errors.report(
        .value(.badPercent(key, text.value, error.fault, suggestion: error.suggestion)),
        at: text.place)
      return nil
    }
  }

  private mutating func amounts(_ key: PolicyKey, in fields: Fields) -> [Currency: Int64] {
    guard let entries = map(key, in: fields) else { return [:] }
    var amounts: [Currency: Int64] = [:]
    var firstLine: [String: Int] = [:]
    for entry in entries {
      guard let code = keyText(entry.key) else { continue }
      if let line = firstLine[code] {
        errors.report(.structure(.duplicateKey(code, firstLine: line)), at: entry.key.place)
        continue
      }
      firstLine[code] = entry.key.place.line
      guard let currency = Currency(code) else {
        errors.report(
          .value(.unknownCurrency(code, nearMiss: NearMiss.currency(code)?.code)),
          at: entry.key.place)
        continue
      }
      amounts[currency] = amount(key, currency, entry.value)
    }
    return amounts
  }

  private mutating func amount(
    _ key: PolicyKey, _ currency: Currency, _ node: PolicyNode
  ) -> Int64? {
    guard case .text(let text) = node.content else {
      if let kind = node.kind {
        errors.report(.structure(.wrongItemKind(key, found: kind)), at: node.place)
      }
      return nil
    }
    do throws(Unreadable<AmountFault>) {
      return try PolicyAmount.read(text, in: currency)
    } catch {
      errors.report(
        .value(.badAmount(key, currency, text, error.fault, suggestion: error.suggestion)),
        at: node.place)
      return nil
    }
  }

  mutating func word<Word: PolicyWord>(
    _ key: PolicyKey, in fields: Fields, _ known: [Word]
  ) -> Word? {
    text(key, in: fields).flatMap { word(key, $0, known) }
  }

  mutating func word<Word: PolicyWord>(
    _ key: PolicyKey, _ text: Placed<String>, _ known: [Word]
  ) -> Word? {
    if let word = known.first(where: { $0.word == text.value }) { return word }
    let words = known.map(\.word)
    let nearMiss = NearMiss.nearest(to: text.value, among: words)
    errors.report(
      .value(.unknownWord(key, text.value, known: words, nearMiss: nearMiss)), at: text.place)
    return nil
  }

  // MARK: Nodes

  /// A value and its place in the file.
  struct Placed<Value> {
    let value: Value
    let place: TextPlace

    init(_ value: Value, _ place: TextPlace) {
      self.value = value
      self.place = place
    }
  }

  /// The values of a map by key.
  struct Fields {
    var values: [PolicyKey: PolicyNode] = [:]
  }

  mutating func text(_ key: PolicyKey, in fields: Fields) -> Placed<String>? {
    guard let node = fields.values[key] else { return nil }
    if case .text(let text) = node.content { return Placed(text, node.place) }
    reportKind(of: node, key)
    return nil
  }

  mutating func list(
    _ key: PolicyKey, in fields: Fields
  ) -> (items: [PolicyNode], list: PolicyNode)? {
    guard let node = fields.values[key] else { return nil }
    if case .list(let items) = node.content { return (items, node) }
    reportKind(of: node, key)
    return nil
  }

  mutating func map(_ key: PolicyKey, in fields: Fields) -> [PolicyNode.Entry]? {
    guard let node = fields.values[key] else { return nil }
    if case .map(let entries) = node.content { return entries }
    reportKind(of: node, key)
    return nil
  }

  private mutating func reportKind(of node: PolicyNode, _ key: PolicyKey) {
    guard let kind = node.kind else { return }
    errors.report(
      kind == .nothing ? .structure(.noValue(key)) : .structure(.wrongKind(key, found: kind)),
      at: node.place)
  }

  /// The text of a key; `""` if there is nothing before the colon.
  private mutating func keyText(_ key: PolicyNode) -> String? {
    switch key.content {
    case .text(let text): return text
    case .nothing: return ""
    case .list, .map: errors.report(.structure(.keyIsNoText(key.kind ?? .nothing)), at: key.place)
    case .refused: break
    }
    return nil
  }

  /// The entries of a map whose keys are known.
  ///
  /// An unknown key that is nearly a missing one is treated as that key, so that its value is
  /// checked too.
  /// - Returns: `nil` if `node` is not a map. The reason is then reported.
  mutating func fields(
    of node: PolicyNode, _ context: PolicyContext, known: [PolicyKey], required: [PolicyKey],
    otherwise: (PolicyNodeKind) -> PolicyError
  ) -> Fields? {
    guard case .map(let entries) = node.content else {
      if let kind = node.kind { errors.report(otherwise(kind), at: node.place) }
      return nil
    }
    var fields = Fields()
    var unknown: [(name: String, entry: PolicyNode.Entry)] = []
    var firstLine: [String: Int] = [:]
    for entry in entries {
      guard let name = keyText(entry.key) else { continue }
      if let line = firstLine[name] {
        errors.report(.structure(.duplicateKey(name, firstLine: line)), at: entry.key.place)
        continue
      }
      firstLine[name] = entry.key.place.line
      if let key = PolicyKey(rawValue: name), known.contains(key) {
        fields.values[key] = entry.value
      } else {
        unknown.append((name, entry))
      }
    }
    for (name, entry) in unknown {
      readUnknownKey(name, entry, context, known, into: &fields)
    }
    for key in required where fields.values[key] == nil && node.isComplete {
      errors.report(.structure(.missingKey(key, context)), at: node.place)
    }
    return fields
  }

  private mutating func readUnknownKey(
    _ name: String, _ entry: PolicyNode.Entry, _ context: PolicyContext, _ known: [PolicyKey],
    into fields: inout Fields
  ) {
    let place = entry.key.place
    // Guesses take time, and more than a thousand errors are not shown.
    guard !errors.isFull else {
      errors.report(.structure(.unknownKey(name, context, known: known, nearMiss: nil)), at: place)
      return
    }
    // To YAML, `credit:10%` is a key without a value.
    if case .nothing = entry.value.content, let colon = name.firstIndex(of: ":"),
      let key = PolicyKey(rawValue: String(name[..<colon])), known.contains(key)
    {
      let value = String(name[name.index(after: colon)...])
      errors.report(.structure(.noSpaceAfterColon(key, value: value)), at: place)
      if fields.values[key] == nil {
        fields.values[key] = PolicyNode(content: .text(value), place: place)
      }
      return
    }
    func nearMiss(among keys: [PolicyKey]) -> PolicyKey? {
      NearMiss.nearest(to: name, among: keys.map(\.rawValue)).flatMap { PolicyKey(rawValue: $0) }
    }
    if let missing = nearMiss(among: known.filter { fields.values[$0] == nil }) {
      errors.report(
        .structure(.unknownKey(name, context, known: known, nearMiss: missing)), at: place)
      fields.values[missing] = entry.value
    } else if let key = PolicyKey(rawValue: name) {
      errors.report(.structure(.keyBelongsElsewhere(key, context)), at: place)
    } else {
      errors.report(
        .structure(.unknownKey(name, context, known: known, nearMiss: nearMiss(among: known))),
        at: place)
    }
  }
}
