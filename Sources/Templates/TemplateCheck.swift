/// The names that a template's gaps may have, and what stands behind each.
public indirect enum TemplateNames: Sendable {
  /// A text: `{{name}}`, or `{{#name}}…{{/name}}` for where there is one.
  case text
  /// For `{{#name}}…{{/name}}` and `{{^name}}…{{/name}}` alone.
  case flag
  /// `{{#name}}…{{/name}}` with further names inside, once for each item.
  case section([String: TemplateNames])
}

/// Something in a template that cannot be meant, and where it is.
public struct TemplateProblem: Error, Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// No value has this name here.
    case unknownName(String, known: [String])
    /// A list or a flag is no text.
    case notAText(String)
    /// No template has this name.
    case unknownTemplate(String, known: [String])
    /// A template that includes itself, by way of others perhaps.
    case includesItself(String)
    /// `{{#name}}` without `{{/name}}`.
    case notClosed(String)
    /// `{{/name}}` where another section is open, or none.
    case closesNothing(String, open: String?)
    /// `{{` without `}}`.
    case unfinishedGap
    /// A gap of a kind that these templates do not have, by its mark.
    case notHere(mark: String)
    /// The library that fills templates does not take it.
    case malformed(String)
    case notUTF8
    /// The file is larger than any template needs to be.
    case tooLarge
    /// No message is made of it, and no template includes it.
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
  /// What is wrong with the templates that `roots` and what they include are made of, in the order of the text.
  public func problems(in roots: [String], names: TemplateNames) -> [TemplateProblem] {
    var check = TemplateCheck(templates: self)
    for root in roots { check.visit(root, scope: [names]) }
    return check.problems.sorted {
      ($0.template, $0.line, $0.column) < ($1.template, $1.line, $1.column)
    }
  }

  /// The templates that `roots` are made of, themselves included.
  public func reached(from roots: [String]) -> Set<String> {
    var check = TemplateCheck(templates: self)
    for root in roots { check.visit(root, scope: []) }
    return check.visited
  }
}

/// Goes through a template and what it includes, with the names that are known at each place.
private struct TemplateCheck {
  let templates: Templates
  var problems: Set<TemplateProblem> = []
  var visited: Set<String> = []
  private var path: [String] = []

  init(templates: Templates) { self.templates = templates }

  /// - Parameter scope: from the outermost to the innermost; where it is empty, names are not checked.
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

  /// The names that a section adds; one that stands where there is nothing adds none.
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

/// `{{mark name}}` and where it begins.
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
