import Mustache

/// Texts with gaps, filled from values; escaped on bytes where they are HTML.
///
/// The language is Mustache: `{{name}}` is a value, `{{#list}}…{{/list}}` repeats, `{{^list}}…{{/list}}` stands where
/// there is none, `{{> other}}` is another template of the same set.
public struct Templates: Sendable {
  /// What a template's values are escaped for, told by the end of its name.
  public enum Language: Sendable, Equatable {
    /// A name that ends in `.html`: values cannot leave the text or the quoted attribute they stand in.
    case html
    /// Any other name: values stand as they are.
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

  /// Adds the template `name`, or puts it in the place of the one with this name.
  ///
  /// - Throws: `TemplateError.malformed` with the place.
  public mutating func set(_ source: String, named name: String) throws(TemplateError) {
    // The library's own HTML escape looks at characters, and a quote with a combining mark is none of those it knows.
    // The line feed is not part of the text: a pragma takes its line with it.
    // Kept first: what is malformed can be looked at for what is wrong with it.
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

  /// The template's own text.
  public func source(of name: String) -> String? { sources[name] }

  /// The template `name`, filled.
  ///
  /// - Throws: `TemplateError.missing` where there is no such template.
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

/// A value for a template's gap.
public enum TemplateValue: Sendable {
  case text(String)
  /// For `{{#flag}}` and `{{^flag}}`.
  case flag(Bool)
  case list([TemplateValue])
  case fields([String: TemplateValue])

  /// Text from bytes of PostgreSQL, which are UTF-8.
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
