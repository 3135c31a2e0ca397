import ResponseProcedures
import ServiceCredits

/// Reads the section `procedures` of a version. Values that it leaves out are those of the built-in
/// policy. A list replaces the whole built-in list. Only in `targets`, severities that are not
/// listed keep their built-in values.
extension PolicyDecoder {
  /// More business days are certainly a mistake.
  private static let mostBusinessDays = 100

  mutating func procedures(in fields: Fields) -> ProcedureRules {
    guard let inner = section(.procedures, .procedures, PolicyKey.ofProcedures, in: fields) else {
      return ProcedureDefaults.rules
    }
    return ProcedureRules(
      targets: targets(in: inner), critical: critical(in: inner), escalation: escalation(in: inner),
      postMortem: postMortem(in: inner), holidays: holidays(in: inner))
  }

  /// The map under `key`; `nil` if there is none.
  private mutating func section(
    _ key: PolicyKey, _ context: PolicyContext, _ known: [PolicyKey], in fields: Fields
  ) -> Fields? {
    guard let node = fields[key], let kind = node.kind else { return nil }
    return self.fields(of: node, context, known: known, required: []) { _ in
      kind == .nothing ? .structure(.noValue(key)) : .structure(.wrongKind(key, found: kind))
    }
  }

  private mutating func targets(in fields: Fields) -> BySeverity<SeverityTarget> {
    var targets = ProcedureDefaults.targets
    guard let (items, _) = list(.targets, in: fields) else { return targets }
    var firstLine: [Severity: Int] = [:]
    for item in items {
      let fields = self.fields(
        of: item, .target, known: PolicyKey.ofTarget, required: PolicyKey.ofTarget
      ) { .structure(.wrongItemKind(.targets, found: $0)) }
      guard let fields else { continue }
      let severity = word(.severity, in: fields, Severity.allCases)
      let response = duration(.respond, in: fields)
      let resolution = duration(.resolve, in: fields)
      guard let severity else { continue }
      if let line = firstLine[severity] {
        errors.report(
          .rule(.duplicateEntry(.targets, severity.code, firstLine: line)), at: item.place)
      }
      firstLine[severity] = firstLine[severity] ?? item.place.line
      guard let response, let resolution else { continue }
      targets[severity] = SeverityTarget(
        responseMicroseconds: response, resolutionMicroseconds: resolution)
    }
    return targets
  }

  private mutating func critical(in fields: Fields) -> CriticalRules {
    let defaults = ProcedureDefaults.critical
    guard let inner = section(.duringP0, .duringP0, PolicyKey.ofDuringP0, in: fields) else {
      return defaults
    }
    var within: [CriticalStep: Int64] = [:]
    for step in CriticalStep.allCases {
      within[step] = limit(step.key, in: inner, or: defaults.within[step])
    }
    return CriticalRules(
      within: within,
      updateMicroseconds: limit(.statusUpdatesEvery, in: inner, or: defaults.updateMicroseconds))
  }

  /// `none` means no requirement.
  private mutating func limit(
    _ key: PolicyKey, in fields: Fields, or usual: Int64?
  ) -> Int64? {
    if case .text("none") = fields[key]?.content { return nil }
    return fields[key] == nil ? usual : duration(key, in: fields)
  }

  private mutating func escalation(in fields: Fields) -> [EscalationRule] {
    guard fields[.escalation] != nil else { return ProcedureDefaults.escalation }
    guard let (items, _) = list(.escalation, in: fields) else { return [] }
    var rules: [EscalationRule] = []
    var firstLine: [EscalationTrigger: Int] = [:]
    for item in items {
      let fields = self.fields(
        of: item, .escalation, known: PolicyKey.ofEscalation, required: PolicyKey.ofEscalation
      ) { .structure(.wrongItemKind(.escalation, found: $0)) }
      guard let fields else { continue }
      let trigger = word(.trigger, in: fields, EscalationTrigger.allCases)
      let within = duration(.within, in: fields)
      let levels = levels(in: fields)
      guard let trigger else { continue }
      if let line = firstLine[trigger] {
        errors.report(
          .rule(.duplicateEntry(.escalation, trigger.rawValue, firstLine: line)), at: item.place)
      }
      firstLine[trigger] = firstLine[trigger] ?? item.place.line
      guard let within, let levels,
        let rule = EscalationRule(trigger: trigger, withinMicroseconds: within, levels: levels)
      else { continue }
      rules.append(rule)
    }
    return rules.sorted { $0.trigger.rank < $1.trigger.rank }
  }

  /// Only P0 can have the fourth level.
  private mutating func levels(in fields: Fields) -> BySeverity<EscalationLevel>? {
    let milder = EscalationLevel.allCases.filter { $0 != .chiefTechnologyOfficer }
    let p0 = word(.p0, in: fields, EscalationLevel.allCases)
    let p1 = word(.p1, in: fields, milder)
    let p2 = word(.p2, in: fields, milder)
    let p3 = word(.p3, in: fields, milder)
    guard let p0, let p1, let p2, let p3 else { return nil }
    return BySeverity(p0: p0, p1: p1, p2: p2, p3: p3)
  }

  private mutating func postMortem(in fields: Fields) -> PostMortemRules {
    let defaults = ProcedureDefaults.postMortem
    guard let inner = section(.postMortem, .postMortem, PolicyKey.ofPostMortem, in: fields) else {
      return defaults
    }
    var severities = defaults.severities
    if inner[.severities] != nil {
      let given = texts(.severities, in: inner).compactMap { text in
        word(.severities, text, Severity.allCases)
      }
      severities = Set(given)
    }
    return PostMortemRules(
      severities: severities, businessDays: days(.businessDays, in: inner) ?? defaults.businessDays,
      shareBusinessDays: days(.shareBusinessDays, in: inner) ?? defaults.shareBusinessDays)
  }

  private mutating func days(_ key: PolicyKey, in fields: Fields) -> Int? {
    guard let text = text(key, in: fields) else { return nil }
    let digits = text.value.utf8
    guard (1...3).contains(digits.count), digits.first != UInt8(ascii: "0"),
      digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      let count = Int(text.value), count <= PolicyDecoder.mostBusinessDays
    else {
      errors.report(
        .value(.badCount(key, text.value, limit: PolicyDecoder.mostBusinessDays)), at: text.place)
      return nil
    }
    return count
  }

  private mutating func holidays(in fields: Fields) -> [CalendarDate] {
    texts(.holidays, in: fields).compactMap { date(.holidays, $0)?.value }
  }

  /// The texts of a list, each once.
  mutating func texts(_ key: PolicyKey, in fields: Fields) -> [Placed<String>] {
    guard let (items, _) = list(key, in: fields) else { return [] }
    var texts: [Placed<String>] = []
    var firstLine: [String: Int] = [:]
    for item in items {
      guard case .text(let text) = item.content else {
        if let kind = item.kind {
          errors.report(.structure(.wrongItemKind(key, found: kind)), at: item.place)
        }
        continue
      }
      if let line = firstLine[text] {
        errors.report(.rule(.duplicateEntry(key, text, firstLine: line)), at: item.place)
        continue
      }
      firstLine[text] = item.place.line
      texts.append(Placed(text, item.place))
    }
    return texts
  }
}

extension EscalationLevel: PolicyWord {
  var word: String { String(rawValue) }
}

extension EscalationTrigger {
  /// The order in which the promise names the triggers.
  fileprivate var rank: Int { EscalationTrigger.allCases.firstIndex(of: self) ?? 0 }
}

extension CriticalStep {
  fileprivate var key: PolicyKey {
    switch self {
    case .responseTeam: .responseTeam
    case .rootCauseInvestigation: .rootCauseInvestigation
    case .firstStatusUpdate: .firstStatusUpdate
    case .customersNotified: .customersNotified
    case .inAppBanner: .inAppBanner
    case .socialMedia: .socialMedia
    case .resolutionMessage: .resolutionMessage
    }
  }
}
