import PlainText
import ServiceCredits

extension PolicyErrors: CustomStringConvertible {
  /// Two lines for each error: `file:line:column: what is wrong`, and what to do about it.
  package var description: String {
    var lines: [String] = []
    for placed in errors {
      let place = placed.place == .wholeFile ? "" : ":\(placed.place.line):\(placed.place.column)"
      let text = placed.error.text
      lines.append("\(file)\(place): \(text.problem)")
      lines.append(text.remedy)
    }
    if omittedCount > 0 {
      lines.append("\(file): \(omittedCount) more errors are not shown.")
    }
    return lines.joined(separator: "\n")
  }
}

extension PlacedPolicyError {
  /// What is wrong, and what to do about it.
  package var sentences: (problem: String, remedy: String) {
    let text = error.text
    return (text.problem, text.remedy)
  }
}

/// The text of an error for people.
struct PolicyErrorText {
  let problem: String
  let remedy: String

  init(_ problem: String, _ remedy: String) {
    self.problem = problem
    self.remedy = remedy
  }
}

// The texts of all policy errors.
extension PolicyError {
  var text: PolicyErrorText {
    switch self {
    case .file(let fault): fault.text
    case .structure(let fault): fault.text
    case .value(let fault): fault.text
    case .rule(let fault): fault.text
    }
  }
}

extension PolicyError.FileFault {
  fileprivate var text: PolicyErrorText {
    switch self {
    case .unreadable(let reason):
      PolicyErrorText(
        "the policy file cannot be read: \(reason).",
        "Check the path and the rights of the file.")
    case .fileTooLong(let limit):
      PolicyErrorText(
        "the file is longer than \(limit) bytes, the most that a policy file may have.",
        "Check that this is the policy file; leave out versions that no incident needs any more.")
    case .empty:
      PolicyErrorText(
        "the file has no content.",
        "Begin with the built-in policy: redress policy show > policy.yaml")
    case .notUTF8:
      PolicyErrorText(
        "a byte here is not UTF-8.",
        "Save the file in the encoding UTF-8.")
    case .forbiddenCharacter(let code):
      PolicyErrorText(
        "\(Quoted.codePoint(code)) stands here, a character that nobody sees.",
        "Remove it; where it belongs to a name, write \(Quoted.escape(code)) between double quotes."
      )
    case .tabIndentation:
      PolicyErrorText(
        "a tab indents this line, and YAML allows spaces only.",
        "Replace each tab by two spaces, here and in the lines below.")
    case .notYAML(let fault, let beganLine):
      PolicyErrorText(
        "this is not YAML: \(fault)" + (beganLine.map { " for what begins in line \($0)." } ?? "."),
        YAMLAdvice.text(for: fault))
    case .tooDeep(let limit):
      PolicyErrorText(
        "lists and maps are nested more than \(limit) deep.",
        "Compare with the built-in policy: redress policy show")
    case .anchor(let name):
      PolicyErrorText(
        "&\(Quoted.bare(name)) is an anchor, and a policy is read without anchors.",
        "Remove it and write every value out where it holds; a plan inherits what it does not name."
      )
    case .alias(let name):
      PolicyErrorText(
        "*\(Quoted.bare(name)) is an alias, and a policy is read without aliases.",
        "Write the value out here; a text that begins with an asterisk needs quotes.")
    case .tag(let name):
      PolicyErrorText(
        "\(Quoted.bare(YAMLAdvice.shortTag(name))) is a tag, and every value of a policy is read as it is written.",
        "Remove the tag; a text that begins with an exclamation mark needs quotes.")
    case .secondDocument:
      PolicyErrorText(
        "a second document begins here.",
        "Remove the line ---; one file holds all versions, as items of the list versions.")
    }
  }
}

extension PolicyError.StructureFault {
  fileprivate var text: PolicyErrorText {
    switch self {
    case .fileIsNoMap(let found):
      PolicyErrorText(
        "the file is \(found.words), where a map with the key versions is expected.",
        "Begin with the built-in policy: redress policy show > policy.yaml")
    case .keyIsNoText(let found):
      PolicyErrorText(
        "a key is \(found.words), where a text is expected.",
        "Check the brackets and the indentation here.")
    case .unknownKey(let key, let context, let known, let nearMiss):
      PolicyErrorText(
        "\(Quoted.text(key)) is no key of \(context.words).",
        nearMiss.map { "Write \($0.rawValue) if that is meant." }
          ?? "It may have \(Listed.and(known.map(\.rawValue))).")
    case .keyBelongsElsewhere(let key, let context):
      PolicyErrorText(
        "\(key.rawValue) is no key of \(context.words).",
        "It belongs to \(key.home): check the indentation, or move it there.")
    case .noSpaceAfterColon(let key, let value):
      PolicyErrorText(
        "a space is missing after the colon of \(key.rawValue).",
        "Write \(key.rawValue): \(Quoted.bare(value))")
    case .missingKey(let key, let context):
      PolicyErrorText(
        "\(context.words) lacks \(key.rawValue).",
        "Add it, as in \(key.example)")
    case .duplicateKey(let key, let firstLine):
      PolicyErrorText(
        "the key \(Quoted.text(key)) is given twice; the first is in line \(firstLine).",
        "Remove one of the two.")
    case .wrongKind(let key, let found):
      PolicyErrorText(
        "\(key.rawValue) is \(found.words), where \(key.kind.words) is expected.",
        "Write it as in \(key.example)")
    case .wrongItemKind(let key, let found):
      PolicyErrorText(
        "an entry of \(key.rawValue) is \(found.words), where \(key.itemWords) is expected.",
        "Write it as in \(key.example)")
    case .noValue(let key):
      PolicyErrorText(
        "\(key.rawValue) has no value.",
        (key.isOptional ? "Remove the key, or write a value" : "Write a value")
          + ", as in \(key.example)")
    case .noVersions:
      PolicyErrorText(
        "versions is an empty list, and a policy has at least one version.",
        "Begin with the built-in policy: redress policy show > policy.yaml")
    }
  }
}

extension PolicyError.ValueFault {
  fileprivate var text: PolicyErrorText {
    switch self {
    case .badName(let key, let name):
      PolicyErrorText(
        "\(key == .plans ? "the name of a plan" : "the name of a version") cannot be \(Quoted.text(name)).",
        key == .plans
          ? "Write the plan exactly as the source has it; it is not empty and has no zero byte."
          : "Write 1 to 100 printable characters, with no space at either end.")
    case .badDuration(let key, let text, let fault, let suggestion):
      durationText(key, text, fault, suggestion)
    case .badPercent(let key, let text, let fault, let suggestion):
      percentText(key, text, fault, suggestion)
    case .badDate(let key, let text, let suggestion):
      PolicyErrorText(
        "\(key.dayWords) is \(Quoted.text(text)), which is no day.",
        suggestion.map { "Write \($0)." } ?? "Write year, month and day, as in 2025-01-01")
    case .noSuchDay(let key, let text):
      PolicyErrorText(
        "\(key.dayWords) is \(Quoted.text(text)), and the calendar has no such day.",
        "Write a day that exists.")
    case .badCount(let key, let text, let limit):
      PolicyErrorText(
        "\(key.rawValue) is \(Quoted.text(text)), which is no number of days from 1 to \(limit).",
        "Write digits alone, as in \(key.example)")
    case .badAmount(let key, let currency, let text, let fault, let suggestion):
      amountText(key, currency, text, fault, suggestion)
    case .unknownCurrency(let text, let nearMiss):
      PolicyErrorText(
        "\(Quoted.text(text)) is no currency that an amount can be in.",
        nearMiss.map { "Write \($0) if that is meant." }
          ?? "Write the three capital letters of ISO 4217, as in USD.")
    case .unknownWord(let key, let text, let known, let nearMiss):
      PolicyErrorText(
        "\(key.rawValue) is \(Quoted.text(text)), which is none of \(Listed.and(known)).",
        nearMiss.map { "Write \($0) if that is meant." } ?? "Write \(Listed.or(known)).")
    case .badTimeZone(let text):
      PolicyErrorText(
        "time_zone is \(Quoted.text(text)), which is no name of a time zone.",
        "Write a name of the IANA database, as in UTC, Europe/Berlin or America/New_York.")
    case .unknownTimeZone(let text, let nearMiss):
      PolicyErrorText(
        "the database knows no time zone \(Quoted.text(text)).",
        nearMiss.map { "Write \($0) if that is meant." }
          ?? "Choose one of SELECT name FROM pg_catalog.pg_timezone_names.")
    }
  }

  private func durationText(
    _ key: PolicyKey, _ text: String, _ fault: DurationFault, _ suggestion: String?
  ) -> PolicyErrorText {
    let form = "a whole number with each unit, as in 30m, 4h, 1h30m or PT1H30M."
    return switch fault {
    case .malformed:
      PolicyErrorText(
        "\(key.rawValue) is \(Quoted.text(text)), which is no duration.",
        "Write \(suggestion.map { "\($0)." } ?? form)")
    case .withoutUnit:
      PolicyErrorText(
        "\(key.rawValue) is \(Quoted.text(text)), a number without a unit.",
        suggestion.map { "Write \($0)s, \($0)m or \($0)h." } ?? "Write \(form)")
    case .negative:
      PolicyErrorText(
        "\(key.rawValue) is \(Quoted.text(text)), and a duration is not negative.",
        "Write \(form)")
    case .calendar:
      PolicyErrorText(
        "\(key.rawValue) is \(Quoted.text(text)), and months and years have no fixed length.",
        "Write it in weeks, days or hours, as in 4w, 30d or 720h.")
    case .tooLong:
      PolicyErrorText(
        "\(key.rawValue) is \(Quoted.text(text)), more microseconds than 64 bits hold.",
        "Write at most \(Int64.max / 86_400_000_000)d.")
    }
  }

  private func percentText(
    _ key: PolicyKey, _ text: String, _ fault: PercentFault, _ suggestion: String?
  ) -> PolicyErrorText {
    switch fault {
    case .malformed:
      PolicyErrorText(
        "\(key.rawValue) is \(Quoted.text(text)), which is no percentage.",
        "Write \(suggestion ?? "a number and a percent sign, as in 10% or 12.5%").")
    case .withoutSign:
      PolicyErrorText(
        "\(key.rawValue) is \(Quoted.text(text)), without a percent sign.",
        "Write \(suggestion ?? "10% or 12.5%").")
    case .decimals:
      PolicyErrorText(
        "\(key.rawValue) is \(Quoted.text(text)), with more than two decimals.",
        "Round it to hundredths of a percent.")
    case .zero:
      PolicyErrorText(
        "\(key.rawValue) is \(Quoted.text(text)), and must be more than nothing.",
        key.adviceForZero)
    case .above(let limit):
      PolicyErrorText(
        "\(key.rawValue) is \(Quoted.text(text)), more than \(limit.percentText)%.",
        "Write at most \(limit.percentText)%.")
    }
  }

  private func amountText(
    _ key: PolicyKey, _ currency: Currency, _ text: String, _ fault: AmountFault,
    _ suggestion: String?
  ) -> PolicyErrorText {
    let subject = "the \(currency.code) amount of \(key.rawValue) is \(Quoted.text(text))"
    return switch fault {
    case .malformed:
      PolicyErrorText(
        "\(subject), which is no amount.",
        "Write \(suggestion ?? "digits, with a point before the decimals, as in 250000 or 0.50").")
    case .negative:
      PolicyErrorText("\(subject), and an amount is not negative.", "Write it without the sign.")
    case .decimals:
      PolicyErrorText(
        "\(subject), with more decimals than \(currency.code) has.",
        currency.exponent == 0
          ? "Write a whole number." : "Write at most \(currency.exponent) decimals.")
    case .tooLarge:
      PolicyErrorText("\(subject), more than can be counted.", "Write a smaller amount.")
    }
  }
}

extension PolicyError.RuleFault {
  fileprivate var text: PolicyErrorText {
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
        "\(Quoted.bare(text)) stands twice in \(key.rawValue); the first is in line \(firstLine).",
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

extension PolicyNodeKind {
  var words: String {
    switch self {
    case .text: "a text"
    case .list: "a list"
    case .map: "a map"
    case .nothing: "empty"
    }
  }
}

extension PolicyContext {
  var words: String {
    switch self {
    case .file: "the file"
    case .version(let name): name.map { "version \(Quoted.text($0))" } ?? "a version"
    case .plan(let name): "plan \(Quoted.text(name))"
    case .tier: "a tier"
    case .exclusion: "an entry of exclude"
    case .limits: "limits"
    case .procedures: "procedures"
    case .target: "an entry of targets"
    case .duringP0: "during_p0"
    case .escalation: "an entry of escalation"
    case .postMortem: "post_mortem"
    }
  }
}

extension PolicyKey {
  fileprivate var itemWords: String {
    switch self {
    case .minimum, .granted, .takenBack: "an amount"
    case .severities: "a severity"
    case .holidays: "a day"
    default: "a map"
    }
  }

  /// The words that begin an error about a day.
  fileprivate var dayWords: String {
    self == .holidays ? "a holiday" : rawValue
  }

  fileprivate var isOptional: Bool {
    switch self {
    case .versions, .version, .effectiveFrom, .timeZone, .tiers, .severity, .longerThan, .credit,
      .kind, .respond, .resolve, .trigger, .within, .p0, .p1, .p2, .p3:
      false
    default: true
    }
  }

  fileprivate var adviceForZero: String {
    switch self {
    case .cap: "Write tiers: [] where a plan earns no credits."
    case .shareOfMonthlyFees: "Write none to let a run grant and take back any share."
    default: "Remove the tier if it gives nothing."
    }
  }
}

extension CreditTier {
  /// `P0 > 4h`
  fileprivate var condition: String {
    "\(severity.code) > \(PolicyDuration.text(longerThanMicroseconds))"
  }

  /// `P0 > 4h (10 %)`
  fileprivate var inShort: String {
    "\(condition) (\(credit.percentText) %)"
  }
}

/// What to do about an error of the YAML parser, found by the parser's message.
enum YAMLAdvice {
  static func text(for fault: String) -> String {
    for (words, advice) in table where fault.contains(words) {
      return advice
    }
    return "Check the indentation, the brackets and the quotes here and in the line above."
  }

  /// `!!str` for `tag:yaml.org,2002:str`.
  static func shortTag(_ tag: String) -> String {
    let standard = "tag:yaml.org,2002:"
    return tag.hasPrefix(standard) ? "!!" + tag.dropFirst(standard.count) : tag
  }

  private static let table = [
    (
      "mapping values are not allowed",
      "Check the indentation; a text that holds a colon and a space needs quotes."
    ),
    (
      "could not find expected ':'",
      "Write every key with a colon and a space after it, and every entry of a list after a dash."
    ),
    (
      "cannot start any token",
      "A text that begins with %, @ or ` needs quotes; a percentage is written as in 10%."
    ),
    ("unexpected end of stream", "Close the quote or the bracket that was opened here."),
    ("',' or '}'", "Put a comma between the entries, and close the brace."),
    ("',' or ']'", "Put a comma between the entries, and close the bracket."),
    (
      "escape character",
      "Between double quotes a backslash begins an escape: write two, or use single quotes."
    ),
    (
      "document start",
      "The content ended above: check the indentation of this line and the closing brackets."
    ),
    (
      "did not find expected key",
      "Begin this line in the same column as the keys beside it."
    ),
    (
      "did not find expected '-' indicator",
      "Begin this line in the same column as the dashes beside it, or further right."
    ),
  ]
}
