import ServiceCredits

/// Reads what the kinds of rules say of their fields. No kind is known here by its name.
extension PolicyDecoder {
  /// The map in `node`, with the values that could be read.
  /// - Returns: `nil` if it is no map, or has not the one key of several that it should have.
  mutating func ruleMap(
    _ node: PolicyNode, _ type: RuleFields, otherwise: (PolicyNodeKind) -> PolicyError
  ) -> RuleMap? {
    let context = PolicyContext.part(type.words)
    let keys = type.fields.map { PolicyKey($0) }
    let fields = fields(
      of: node, context, known: keys, required: keys.filter { !$0.isOptional },
      otherwise: otherwise)
    guard let fields else { return nil }
    let alternatives = zip(type.fields, keys).filter { type.exactlyOneOf.contains($0.0.name) }
      .map(\.1)
    let given = alternatives.filter { fields[$0] != nil }
    if !alternatives.isEmpty, given.count != 1, node.isComplete {
      errors.report(
        .structure(.oneOfKeys(context, alternatives, given: given.map(\.name))), at: node.place)
      return nil
    }
    var entries: [RuleMap.Entry] = []
    var isWhole = true
    for (field, key) in zip(type.fields, keys) {
      guard let node = fields[key] else { continue }
      if let content = content(node, key, field.type) {
        entries.append(RuleMap.Entry(field.name, content, at: RulePlace(node.place)))
      } else if given.contains(key) {
        isWhole = false
      }
    }
    return isWhole ? RuleMap(entries, at: RulePlace(node.place)) : nil
  }

  private mutating func content(
    _ node: PolicyNode, _ key: PolicyKey, _ type: RuleFieldType
  ) -> RuleContent? {
    switch type {
    case .value: return value(key, node).map { .value($0) }
    case .map(let type):
      return ruleMap(node, type) {
        .structure($0 == .nothing ? .noValue(key) : .wrongKind(key, found: $0))
      }
      .map { .map($0) }
    case .list(let type):
      guard case .list(let items) = node.content else {
        reportKind(of: node, key)
        return nil
      }
      if items.isEmpty, node.isComplete {
        errors.report(.structure(.emptyList(key)), at: node.place)
      }
      var maps: [RuleMap] = []
      for item in items {
        if let map = ruleMap(item, type, otherwise: { .structure(.wrongItemKind(key, found: $0)) })
        {
          maps.append(map)
        }
      }
      return .list(maps)
    case .either(let types):
      if case .map = node.content, let map = types.first(where: \.isMap) {
        return content(node, key, map)
      }
      return scalar(node, key, types)
    default: return scalar(node, key, [type])
    }
  }

  private mutating func scalar(
    _ node: PolicyNode, _ key: PolicyKey, _ types: [RuleFieldType]
  ) -> RuleContent? {
    guard case .text(let text) = node.content else {
      reportKind(of: node, key)
      return nil
    }
    let placed = Placed(text, node.place)
    guard let type = types.first(where: { $0.isLike(text) }) ?? (types.count == 1 ? types[0] : nil)
    else {
      unknownForm(key, placed, types)
      return nil
    }
    switch type {
    case .duration: return duration(key, placed).map { .duration($0) }
    case .length:
      guard let length = duration(key, placed) else { return nil }
      if length == 0 { errors.report(.value(.nothing(key, text)), at: node.place) }
      return length == 0 ? nil : .duration(length)
    case .percent(let most): return exactPercent(key, placed, atMost: most).map { .percent($0) }
    case .number: return decimal(key, placed).map { .number($0) }
    case .count(let range): return wholeNumber(key, placed, range).map { .count($0) }
    case .word(let known):
      return word(key, placed, known.map { PlainWord(word: $0) }).map { .word($0.word) }
    case .value, .either, .map, .list: return nil
    }
  }

  private mutating func unknownForm(
    _ key: PolicyKey, _ text: Placed<String>, _ types: [RuleFieldType]
  ) {
    var words: [String] = []
    for case .word(let known) in types { words += known }
    let nearMiss = NearMiss.nearest(to: text.value, among: words)
    errors.report(
      .value(
        .unknownWord(
          key, text.value, known: types.compactMap(\.form) + words, nearMiss: nearMiss)),
      at: text.place)
  }

  private struct PlainWord: PolicyWord {
    let word: String
  }
}

extension RuleFieldType {
  fileprivate var isMap: Bool {
    if case .map = self { true } else { false }
  }

  /// Whether a text looks like it, right or wrong.
  fileprivate func isLike(_ text: String) -> Bool {
    let isPercent = text.contains("%")
    let first = text.utf8.first ?? 0
    let isNumber =
      (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) || "+-.".utf8.contains(first)
    return switch self {
    case .duration, .length:
      !isPercent && (isNumber || text.hasPrefix("P"))
    case .percent: isPercent
    case .number, .count: !isPercent && isNumber
    case .word(let known): known.contains(text)
    case .value, .either, .map, .list: false
    }
  }

  /// What may be written beside words; `nil` for words.
  fileprivate var form: String? {
    switch self {
    case .duration, .length: "a length of time"
    case .percent: "a percentage"
    case .number, .count: "a number"
    case .value, .word, .either, .list: nil
    case .map(let type): "a map with \(type.fields[0].name)"
    }
  }
}

extension RulePlace {
  init(_ place: TextPlace) { self.init(line: place.line, column: place.column) }
}

extension TextPlace {
  init(_ place: RulePlace) { self.init(line: place.line, column: place.column) }
}
