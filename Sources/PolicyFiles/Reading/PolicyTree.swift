// Yams.compose stops at the first duplicate key, replaces aliases with what they refer to, and
// hashes keys of any depth. The parser's events show all of that node by node, and nothing is
// expanded.
internal import CYaml

/// A value of a YAML file with its place. Scalars are texts; the decoder decides what they mean.
struct PolicyNode {
  enum Content {
    case text(String)
    /// No value, as in `cap:`.
    case nothing
    case list([PolicyNode])
    case map([Entry])
    /// An alias. It was reported, and what it refers to is not read.
    case refused
  }

  struct Entry {
    let key: PolicyNode
    let value: PolicyNode
  }

  var content: Content
  let place: TextPlace
  /// `false` if the list or map could not be read to its end.
  var isComplete = true
}

/// The tree of a policy file, and its YAML errors.
struct PolicyTree {
  /// `nil` if the file has no content.
  private(set) var root: PolicyNode?
  private(set) var errors = PolicyErrorList()

  /// A policy needs eight levels.
  static let deepestNesting = 32

  /// - Parameter text: must have passed `PolicyText`.
  init(_ text: [UInt8]) {
    let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    defer { unsafe parser.deallocate() }
    guard unsafe yaml_parser_initialize(parser) == 1 else {
      errors.report(.file(.unreadable(reason: "no memory")), at: .wholeFile)
      return
    }
    defer { unsafe yaml_parser_delete(parser) }
    unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    unsafe text.withUnsafeBufferPointer { bytes in
      unsafe yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
      unsafe readEvents(from: parser)
    }
  }

  // MARK: Events

  private var open: [Collection] = []
  private var hasDocument = false

  /// A list or a map whose end was not read yet.
  private struct Collection {
    var node: PolicyNode
    /// In a map, the key whose value comes next.
    var key: PolicyNode?
  }

  private mutating func readEvents(from parser: UnsafeMutablePointer<yaml_parser_t>) {
    var isAtEnd = false
    while !isAtEnd {
      var event = yaml_event_t()
      guard unsafe yaml_parser_parse(parser, &event) == 1 else {
        unsafe reportFault(of: parser.pointee)
        break
      }
      isAtEnd = unsafe !take(event)
      unsafe yaml_event_delete(&event)
    }
    while let unfinished = open.popLast() {
      var node = unfinished.node
      node.isComplete = false
      add(node)
    }
  }

  /// - Returns: `false` if no more events should be read.
  private mutating func take(_ event: yaml_event_t) -> Bool {
    let place = TextPlace(event.start_mark)
    switch event.type {
    case YAML_STREAM_END_EVENT:
      return false
    case YAML_DOCUMENT_START_EVENT:
      guard !hasDocument else {
        errors.report(.file(.secondDocument), at: place)
        return false
      }
      hasDocument = true
    case YAML_ALIAS_EVENT:
      errors.report(.file(.alias(unsafe text(event.data.alias.anchor))), at: place)
      add(PolicyNode(content: .refused, place: place))
    case YAML_SCALAR_EVENT:
      takeScalar(event, place)
    case YAML_SEQUENCE_START_EVENT:
      let start = unsafe event.data.sequence_start
      unsafe checkProperties(start.anchor, start.tag, place)
      return begin(PolicyNode(content: .list([]), place: place))
    case YAML_MAPPING_START_EVENT:
      let start = unsafe event.data.mapping_start
      unsafe checkProperties(start.anchor, start.tag, place)
      return begin(PolicyNode(content: .map([]), place: place))
    case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT:
      if let finished = open.popLast() { add(finished.node) }
    default:
      break
    }
    return true
  }

  private mutating func takeScalar(_ event: yaml_event_t, _ place: TextPlace) {
    let scalar = unsafe event.data.scalar
    unsafe checkProperties(scalar.anchor, scalar.tag, place)
    let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
    let isNothing = bytes.isEmpty && scalar.style == YAML_PLAIN_SCALAR_STYLE
    let text = unsafe String(decoding: bytes, as: UTF8.self)
    add(PolicyNode(content: isNothing ? .nothing : .text(text), place: place))
  }

  private mutating func checkProperties(
    _ anchor: UnsafeMutablePointer<UInt8>?, _ tag: UnsafeMutablePointer<UInt8>?, _ place: TextPlace
  ) {
    if let anchor = unsafe anchor { errors.report(.file(.anchor(unsafe text(anchor))), at: place) }
    if let tag = unsafe tag { errors.report(.file(.tag(unsafe text(tag))), at: place) }
  }

  private func text(_ bytes: UnsafeMutablePointer<UInt8>) -> String {
    unsafe String(cString: bytes)
  }

  // MARK: The tree

  /// - Returns: `false` if the nesting is too deep to continue.
  private mutating func begin(_ node: PolicyNode) -> Bool {
    guard open.count < PolicyTree.deepestNesting else {
      errors.report(.file(.tooDeep(limit: PolicyTree.deepestNesting)), at: node.place)
      return false
    }
    open.append(Collection(node: node))
    return true
  }

  private mutating func add(_ node: PolicyNode) {
    guard let last = open.indices.last else {
      root = if case .nothing = node.content { nil } else { node }
      return
    }
    switch open[last].node.content {
    case .list(var items):
      open[last].node.content = .nothing  // Otherwise the next line would copy the list.
      items.append(node)
      open[last].node.content = .list(items)
    case .map(var entries):
      guard let key = open[last].key else {
        open[last].key = node
        return
      }
      open[last].key = nil
      open[last].node.content = .nothing
      entries.append(PolicyNode.Entry(key: key, value: node))
      open[last].node.content = .map(entries)
    case .text, .nothing, .refused:
      preconditionFailure("only a list or a map is open")
    }
  }

  private mutating func reportFault(of parser: yaml_parser_t) {
    let place = TextPlace(parser.problem_mark)
    let began = unsafe parser.context == nil ? nil : TextPlace(parser.context_mark).line
    let fault = unsafe parser.problem.map { unsafe String(cString: $0) } ?? "it cannot be read"
    errors.report(
      .file(.notYAML(fault: fault, beganLine: began == place.line ? nil : began)), at: place)
  }
}

extension TextPlace {
  fileprivate init(_ mark: yaml_mark_t) {
    self.init(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
  }
}

extension PolicyNode {
  /// `nil` for an alias, which was already reported.
  var kind: PolicyNodeKind? {
    switch content {
    case .text: .text
    case .nothing: .nothing
    case .list: .list
    case .map: .map
    case .refused: nil
    }
  }

  /// The text of the key `version`, for errors about other keys.
  var shownName: String? {
    guard case .map(let entries) = content else { return nil }
    for entry in entries {
      if case .text("version") = entry.key.content, case .text(let name) = entry.value.content {
        return name
      }
    }
    return nil
  }
}
