import ServiceCredits

/// Reads maps, lists and texts.
extension PolicyDecoder {
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
    private var values: [String: PolicyNode] = [:]

    subscript(key: PolicyKey) -> PolicyNode? {
      get { values[key.name] }
      set { values[key.name] = newValue }
    }
  }

  mutating func text(_ key: PolicyKey, in fields: Fields) -> Placed<String>? {
    guard let node = fields[key] else { return nil }
    if case .text(let text) = node.content { return Placed(text, node.place) }
    reportKind(of: node, key)
    return nil
  }

  mutating func list(
    _ key: PolicyKey, in fields: Fields
  ) -> (items: [PolicyNode], list: PolicyNode)? {
    guard let node = fields[key] else { return nil }
    if case .list(let items) = node.content { return (items, node) }
    reportKind(of: node, key)
    return nil
  }

  mutating func map(_ key: PolicyKey, in fields: Fields) -> [PolicyNode.Entry]? {
    guard let node = fields[key] else { return nil }
    if case .map(let entries) = node.content { return entries }
    reportKind(of: node, key)
    return nil
  }

  mutating func reportKind(of node: PolicyNode, _ key: PolicyKey) {
    guard let kind = node.kind else { return }
    errors.report(
      kind == .nothing ? .structure(.noValue(key)) : .structure(.wrongKind(key, found: kind)),
      at: node.place)
  }

  /// The text of a key; `""` if there is nothing before the colon.
  mutating func keyText(_ key: PolicyNode) -> String? {
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
      if let key = known.first(where: { $0.name == name }) {
        fields[key] = entry.value
      } else {
        unknown.append((name, entry))
      }
    }
    for (name, entry) in unknown {
      readUnknownKey(name, entry, context, known, into: &fields)
    }
    for key in required where fields[key] == nil && node.isComplete {
      errors.report(.structure(.missingKey(key, context)), at: node.place)
    }
    return fields
  }

  mutating func readUnknownKey(
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
      let key = known.first(where: { $0.name == name[..<colon] })
    {
      let value = String(name[name.index(after: colon)...])
      errors.report(.structure(.noSpaceAfterColon(key, value: value)), at: place)
      if fields[key] == nil {
        fields[key] = PolicyNode(content: .text(value), place: place)
      }
      return
    }
    func nearMiss(among keys: [PolicyKey]) -> PolicyKey? {
      NearMiss.nearest(to: name, among: keys.map(\.name)).flatMap { near in
        keys.first { $0.name == near }
      }
    }
    if let missing = nearMiss(among: known.filter { fields[$0] == nil }) {
      errors.report(
        .structure(.unknownKey(name, context, known: known, nearMiss: missing)), at: place)
      fields[missing] = entry.value
    } else if let key = PolicyKey.named(name) {
      errors.report(.structure(.keyBelongsElsewhere(key, context)), at: place)
    } else {
      errors.report(
        .structure(.unknownKey(name, context, known: known, nearMiss: nearMiss(among: known))),
        at: place)
    }
  }
}
