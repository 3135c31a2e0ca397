import Mustache

/// Texts with gaps that are filled with values. HTML is escaped byte by byte.
///
/// The language is Mustache: `{{name}}` is a value, `{{#list}}…{{/list}}` repeats,
/// `{{^list}}…{{/list}}` is shown if the list is empty, `{{> other}}` includes another template of
/// the same set.
public struct Templates: Sendable {
  /// What values are escaped for. The end of the template's name determines it.
  public enum Language: Sendable, Equatable {
    /// For names that end in `.html`: a value cannot leave its text or its quoted attribute.
    case html
    /// For all other names: values are not escaped.
    case text

    init(name: String) {
      self = name.hasSuffix(".html") ? .html : .text
    }
  }

  private var library = MustacheLibrary()
  private var sources: [String: String] = [:]

  public init() {
    MustacheContentTypes.register(HTMLBytes(), named: "HTML_BYTES")
  }

  /// Adds the template `name`, or replaces it.
  ///
  /// - Throws: `TemplateError.malformed` with the place.
  public mutating func set(_ source: String, named name: String) throws(TemplateError) {
    // The library's own HTML escape compares characters, so it misses a quote with a combining
    // mark. The line feed after the pragma is removed by the library. The source is kept even if it
    // is malformed, so that it can be checked for its mistakes.
    sources[name] = source
    let pragma = Language(name: name) == .html ? "HTML_BYTES" : "TEXT"
    do {
      library.register(
        try MustacheTemplate(string: "{{% CONTENT_TYPE:\(pragma)}}\n" + source), named: name)
    } catch let error as MustacheTemplate.ParserError {
      throw .malformed(
        name: name, line: error.context.lineNumber - 1, column: error.context.columnNumber,
        text: "\(error.error)")
    } catch {
      throw .malformed(name: name, line: 1, column: 1, text: "\(error)")
    }
  }

  /// The names of all templates, in order.
  public var names: [String] { sources.keys.sorted() }

  /// The text of the template; `nil` if there is none with this name.
  public func source(of name: String) -> String? { sources[name] }

  /// Fills the template `name` with `values`.
  ///
  /// - Throws: `TemplateError.missing` if there is no such template.
  public func render(_ name: String, _ values: TemplateValue) throws(TemplateError) -> [UInt8] {
    guard let text = library.render(values.forLibrary, withTemplate: name) else {
      throw .missing(name: name)
    }
    return Array(text.utf8)
  }
}

public enum TemplateError: Error, Equatable {
  case malformed(name: String, line: Int, column: Int, text: String)
  case missing(name: String)
}

/// A value for a gap of a template.
public enum TemplateValue: Sendable {
  case text(String)
  /// For `{{#flag}}` and `{{^flag}}`.
  case flag(Bool)
  case list([TemplateValue])
  case fields([String: TemplateValue])

  /// A text from bytes that PostgreSQL sent, which are UTF-8.
  public static func bytes(_ bytes: some Collection<UInt8>) -> TemplateValue {
    .text(String(decoding: bytes, as: UTF8.self))
  }

  fileprivate var forLibrary: Any {
    switch self {
    case .text(let text): text
    case .flag(let flag): flag
    case .list(let list): list.map(\.forLibrary)
    case .fields(let fields): fields.mapValues(\.forLibrary)
    }
  }
}
