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
  var text: PolicyErrorText {
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
  var text: PolicyErrorText {
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
        nearMiss.map { "Write \($0.name) if that is meant." }
          ?? "It may have \(Listed.and(known.map(\.name))).")
    case .keyBelongsElsewhere(let key, let context):
      PolicyErrorText(
        "\(key.name) is no key of \(context.words).",
        "It belongs to \(Listed.or(key.homes)): check the indentation, or move it there.")
    case .noSpaceAfterColon(let key, let value):
      PolicyErrorText(
        "a space is missing after the colon of \(key.name).",
        "Write \(key.name): \(Quoted.bare(value))")
    case .missingKey(let key, let context):
      PolicyErrorText(
        "\(context.words) lacks \(key.name).",
        "Add it, as in \(key.example)")
    case .duplicateKey(let key, let firstLine):
      PolicyErrorText(
        "the key \(Quoted.text(key)) is given twice; the first is in line \(firstLine).",
        "Remove one of the two.")
    case .wrongKind(let key, let found):
      PolicyErrorText(
        "\(key.name) is \(found.words), where \(key.kind.words) is expected.",
        "Write it as in \(key.example)")
    case .wrongItemKind(let key, let found):
      PolicyErrorText(
        "an entry of \(key.name) is \(found.words), where \(key.itemWords) is expected.",
        "Write it as in \(key.example)")
    case .noValue(let key):
      PolicyErrorText(
        "\(key.name) has no value.",
        (key.isOptional ? "Remove the key, or write a value" : "Write a value")
          + ", as in \(key.example)")
    case .noVersions:
      PolicyErrorText(
        "versions is an empty list, and a policy has at least one version.",
        "Begin with the built-in policy: redress policy show > policy.yaml")
    case .noRules(let context):
      PolicyErrorText(
        "\(context.words) has neither tiers nor rules.",
        "Add one of them, as in \(PolicyKey.tiers.example)")
    case .tiersAndRules(let context):
      PolicyErrorText(
        "\(context.words) has tiers and rules, and one of them says all.",
        "Keep one: tiers are the short form of rules of kind steps for single outages.")
    case .oneOfKeys(let context, let keys, let given):
      PolicyErrorText(
        given.isEmpty
          ? "\(context.words) has none of \(Listed.and(keys.map(\.name)))."
          : "\(context.words) has \(Listed.and(given)), and only one of them is meant.",
        given.isEmpty ? "Add one, as in \(keys[0].example)" : "Keep one of them.")
    case .emptyList(let key):
      PolicyErrorText(
        "\(key.name) is empty.", "Write at least one entry, as in \(key.example)")
    }
  }
}
