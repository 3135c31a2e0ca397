/// The names that a template's gaps may use, and the kind of each.
public indirect enum TemplateNames: Sendable {
  /// A text: `{{name}}`; also `{{#name}}…{{/name}}`, which is shown if there is a text.
  case text
  /// Only for `{{#name}}…{{/name}}` and `{{^name}}…{{/name}}`.
  case flag
  /// `{{#name}}…{{/name}}` with more names inside, shown once for each item.
  case section([String: TemplateNames])
}

/// A mistake in a template, and its place.
public struct TemplateProblem: Error, Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// No value has this name here.
    case unknownName(String, known: [String])
    /// The name is a list or a flag, not a text.
    case notAText(String)
    /// No template has this name.
    case unknownTemplate(String, known: [String])
    /// The template includes itself, directly or through others.
    case includesItself(String)
    /// `{{#name}}` without `{{/name}}`.
    case notClosed(String)
    /// `{{/name}}` while another section or no section is open.
    case closesNothing(String, open: String?)
    /// `{{` without `}}`.
    case unfinishedGap
    /// A kind of gap that these templates do not support, by its mark.
    case notHere(mark: String)
    /// The template library cannot read it.
    case malformed(String)
    case notUTF8
    /// The file is larger than the limit.
    case tooLarge
    /// No message uses the template, and no used template includes it.
    case unused(known: [String])
  }

  public let template: String
  /// From 1.
  public let line: Int
  /// In characters, from 1.
  public let column: Int
  public let kind: Kind

  public init(template: String, line: Int, column: Int, kind: Kind) {
    self.template = template
    self.line = line
    self.column = column
    self.kind = kind
  }
}

extension Templates {
  /// The problems of `roots` and of the templates that they include, ordered by template and place.
  public func problems(in roots: [String], names: TemplateNames) -> [TemplateProblem] {
    var check = TemplateCheck(templates: self)
    for root in roots { check.visit(root, scope: [names]) }
    return check.problems.sorted {
      ($0.template, $0.line, $0.column) < ($1.template, $1.line, $1.column)
    }
  }

  /// The templates that `roots` include, and `roots` themselves.
  public func reached(from roots: [String]) -> Set<String> {
    var check = TemplateCheck(templates: self)
    for root in roots { check.visit(root, scope: []) }
    return check.visited
  }
}

/// Checks a template and the templates that it includes, with the names that are known at each
/// place.
private struct TemplateCheck {
  let templates: Templates
  var problems: Set<TemplateProblem> = []
  var visited: Set<String> = []
  private var path: [String] = []

  init(templates: Templates) { self.templates = templates }

  /// - Parameter scope: the known names, from the outermost to the innermost section. If it is
  ///   empty, names are not checked.
  mutating func visit(_ name: String, scope: [TemplateNames]) {
    guard let source = templates.source(of: name) else { return }
    visited.insert(name)
    path.append(name)
    defer { path.removeLast() }
    var scanner = GapScanner(source)
    var scope = scope
    var open: [Gap] = []
    while let found = scanner.next() {
      guard case .gap(let gap) = found else {
        if case .unfinished(let line, let column) = found {
          report(name, line, column, .unfinishedGap)
        }
        break
      }
      switch gap.mark {
      case "!": continue
      case "#", "^":
        check(gap, in: name, scope, isText: false)
        open.append(gap)
        if !scope.isEmpty { scope.append(inside(gap, scope)) }
      case "/":
        guard let last = open.last, last.name == gap.name else {
          report(name, gap, .closesNothing(gap.name, open: open.last?.name))
          return
        }
        open.removeLast()
        if !scope.isEmpty { scope.removeLast() }
      case ">": include(gap, in: name, scope)
      case "": check(gap, in: name, scope, isText: true)
      default: report(name, gap, .notHere(mark: gap.mark))
      }
    }
    for gap in open { report(name, gap, .notClosed(gap.name)) }
  }

  private mutating func include(_ gap: Gap, in name: String, _ scope: [TemplateNames]) {
    if path.contains(gap.name) {
      report(name, gap, .includesItself(gap.name))
    } else if templates.source(of: gap.name) == nil {
      report(name, gap, .unknownTemplate(gap.name, known: templates.names))
    } else {
      visit(gap.name, scope: scope)
    }
  }

  private mutating func check(
    _ gap: Gap, in name: String, _ scope: [TemplateNames], isText: Bool
  ) {
    guard !scope.isEmpty else { return }
    guard let found = find(gap.name, scope) else {
      let known = scope.reversed().flatMap { $0.fields.keys.sorted() }
      report(name, gap, .unknownName(gap.name, known: known))
      return
    }
    if isText, !found.isText { report(name, gap, .notAText(gap.name)) }
  }

  private func find(_ name: String, _ scope: [TemplateNames]) -> TemplateNames? {
    for names in scope.reversed() {
      if let found = names.fields[name] { return found }
    }
    return nil
  }

  /// The names that a section adds. An inverted section adds none.
  private func inside(_ gap: Gap, _ scope: [TemplateNames]) -> TemplateNames {
    gap.mark == "#" ? find(gap.name, scope) ?? .section([:]) : .section([:])
  }

  private mutating func report(_ template: String, _ gap: Gap, _ kind: TemplateProblem.Kind) {
    report(template, gap.line, gap.column, kind)
  }

  private mutating func report(
    _ template: String, _ line: Int, _ column: Int, _ kind: TemplateProblem.Kind
  ) {
    problems.insert(TemplateProblem(template: template, line: line, column: column, kind: kind))
  }
}

extension TemplateNames {
  fileprivate var fields: [String: TemplateNames] {
    if case .section(let fields) = self { fields } else { [:] }
  }

  fileprivate var isText: Bool {
    if case .text = self { true } else { false }
  }
}

/// A gap `{{mark name}}` and its place.
private struct Gap {
  let mark: String
  let name: String
  let line: Int
  let column: Int
}

/// Finds the gaps of a template, byte by byte.
private struct GapScanner {
  enum Found {
    case gap(Gap)
    case unfinished(line: Int, column: Int)
  }

  private let bytes: [UInt8]
  private var position = 0
  private var line = 1
  private var lineStart = 0

  init(_ source: String) { bytes = Array(source.utf8) }

  mutating func next() -> Found? {
    while position < bytes.count {
      if bytes[position] == 0x0A {
        line += 1
        lineStart = position + 1
      } else if starts(with: "{{", at: position) {
        return gap()
      }
      position += 1
    }
    return nil
  }

  private mutating func gap() -> Found {
    let (line, column) = (line, column(of: position))
    let start = position + 2
    var end = start
    while end < bytes.count, !starts(with: "}}", at: end) { end += 1 }
    guard end < bytes.count else { return .unfinished(line: line, column: column) }
    for index in start..<end where bytes[index] == 0x0A {
      self.line += 1
      lineStart = index + 1
    }
    position = end + 2
    var content = bytes[start..<end].drop { isBlank($0) }
    while let last = content.last, isBlank(last) { content.removeLast() }
    var mark = ""
    if let first = content.first, "#^/>!&{=%$<*".utf8.contains(first) {
      mark = String(decoding: [first], as: UTF8.self)
      content = content.dropFirst().drop { isBlank($0) }
    }
    return .gap(
      Gap(mark: mark, name: String(decoding: content, as: UTF8.self), line: line, column: column))
  }

  private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

  private func starts(with text: StaticString, at index: Int) -> Bool {
    let count = text.utf8CodeUnitCount
    guard index + count <= bytes.count else { return false }
    return (0..<count).allSatisfy { text.utf8Start[$0] == bytes[index + $0] }
  }

  private func column(of index: Int) -> Int {
    bytes[lineStart..<index].reduce(1) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
  }
}
