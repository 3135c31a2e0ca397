import PlainText
import ServiceCredits

extension PolicyError.RuleFault {
  var text: PolicyErrorText {
    switch self {
    case .duplicateTier(let tier, let firstLine):
      PolicyErrorText(
        "tier \(tier.condition) is given twice; the first is in line \(firstLine).",
        "Remove one of the two.")
    case .tierNeverWins(let tier, let winner):
      PolicyErrorText(
        "tier \(tier.inShort) can never win: \(winner.condition) already gives "
          + "\(winner.credit.percentText) %.",
        tierAdvice(tier, winner))
    case .duplicateExclusion(let kind, let firstLine):
      PolicyErrorText(
        "\(kind.rawValue) is excluded twice; the first is in line \(firstLine).",
        "Remove one of the two.")
    case .duplicateEntry(let key, let text, let firstLine):
      PolicyErrorText(
        "\(Quoted.bare(text)) stands twice in \(key.name); the first is in line \(firstLine).",
        "Remove one of the two.")
    case .duplicateVersion(let name, let firstLine):
      PolicyErrorText(
        "a second version has the name \(Quoted.text(name)); the first is in line \(firstLine).",
        "Give every version a name of its own: credits are recorded under it.")
    case .sameNameInOtherForm(let name, let firstLine):
      PolicyErrorText(
        "the plan \(Quoted.text(name)) looks the same as the one in line \(firstLine), "
          + "in another Unicode form.",
        "Use one form in this file and in the source.")
    case .versionNotLater(let date, let latest, let latestLine):
      PolicyErrorText(
        date == latest
          ? "the version in line \(latestLine) is effective from \(date.text) too."
          : "effective_from is \(date.text), before the \(latest.text) in line \(latestLine).",
        "Put the versions in the order of their days, each on a later day than the one before.")
    case .versionStartsTooEarly(let name, let latest):
      PolicyErrorText(
        "midnight in the time zone of version \(Quoted.text(name)) is not after the beginning of "
          + "version \(Quoted.text(latest)) in its own.",
        "Write a later day, or use one time zone in both.")
    case .severalVersions(let count):
      PolicyErrorText(
        "the stored policy version holds \(count) versions, and is exactly one.",
        "Somebody changed it: compare it with a backup of the ledger.")
    case .earnsNothing(let key):
      PolicyErrorText(
        "\(key.name) is empty, so nothing would be credited, and what was credited would be taken back.",
        "Write \(key.name): none if that is meant.")
    case .accountsNeverUsed(let words, let firstLine):
      PolicyErrorText(
        "the accounts of \(Quoted.bare(words)) can never be used: the entry in line "
          + "\(firstLine) fits before.",
        "Put the narrower entry first, or remove this one.")
    case .measureRefused, .ofKind, .combineOfTiers, .periodsTogether, .beginsInPeriod,
      .severalTimeZones:
      textOfRules
    }
  }

  private func tierAdvice(_ tier: CreditTier, _ winner: CreditTier) -> String {
    if tier.severity == winner.severity {
      return "Give the longer outage the larger credit, or remove this tier."
    }
    if tier.longerThanMicroseconds == winner.longerThanMicroseconds {
      return "Give the worse severity the larger credit, or remove this tier."
    }
    return "Give the worse and longer outage the larger credit, or remove this tier."
  }
}

// What rules say together.
extension PolicyError.RuleFault {
  private var textOfRules: PolicyErrorText {
    switch self {
    case .measureRefused(let kind, let measure, let allowed):
      PolicyErrorText(
        "of is \(measure.rawValue), and a rule \(kind) cannot be of that.",
        "Write \(Listed.or(allowed.map(\.rawValue))), or another kind.")
    case .ofKind(let fault):
      PolicyErrorText(
        fault.problem + (fault.first.map { "; the first is in line \($0.line)." } ?? "."),
        fault.remedy)
    case .combineOfTiers:
      PolicyErrorText(
        "combine is given, and of tiers the largest credit always wins.",
        "Remove it, or write rules in place of tiers.")
    case .periodsTogether:
      PolicyErrorText(
        "combine is largest, and some of the rules are of a month and some of a quarter.",
        "Write combine: sum, or one per for all rules.")
    case .beginsInPeriod(let date, let period):
      PolicyErrorText(
        "effective_from is \(date.text), and a version with rules of a \(period.rawValue) begins "
          + "with one.",
        period == .month
          ? "Write the first day of a month."
          : "Write the first day of January, April, July or October.")
    case .severalTimeZones(let zone, let first, let firstLine):
      PolicyErrorText(
        "time_zone is \(Quoted.text(zone)), and that in line \(firstLine) is "
          + "\(Quoted.text(first)): months and quarters would overlap.",
        "Write one time_zone in all versions; a customer can have another.")
    default: preconditionFailure("the other rules have their words above")
    }
  }
}
