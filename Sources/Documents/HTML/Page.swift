import Digests
public import Templates

/// An HTML document that needs no other file. Its style and script are inside. Its content security
/// policy forbids it to load or send anything.
public struct Page: Sendable {
  public let title: String
  /// Written below the title.
  public let subtitle: String
  /// Short facts about the page, such as run and policy, below the subtitle.
  public let facts: [(label: String, value: String)]
  public var sections: [PageSection]

  public init(
    title: String, subtitle: String, facts: [(label: String, value: String)],
    sections: [PageSection]
  ) {
    self.title = title
    self.subtitle = subtitle
    self.facts = facts
    self.sections = sections
  }

  /// Appends the whole document.
  /// - Throws: `TemplateError` if a built-in template is malformed.
  public func append(to buffer: inout [UInt8]) throws(TemplateError) {
    precondition(
      Set(sections.map(\.anchor)).count == sections.count, "two sections have one anchor")
    let style = PackageResources.page_css
    let script = PackageResources.page_js
    var templates = Templates()
    try templates.set(text(PackageResources.head_html), named: "head.html")
    try templates.set(text(PackageResources.foot_html), named: "foot.html")
    let values: TemplateValue = .fields([
      "title": .text(title), "subtitle": .text(subtitle),
      "style": .text(text(style)), "styleDigest": .text(Page.digest(style)),
      "script": .text(text(script)), "scriptDigest": .text(Page.digest(script)),
      "facts": .list(facts.map { .fields(["label": .text($0.label), "value": .text($0.value)]) }),
      "sections": .list(
        sections.map { .fields(["title": .text($0.title), "anchor": .text($0.anchor)]) }),
    ])
    buffer += try templates.render("head.html", values)
    var html = HTMLWriter()
    for section in sections { html.append(section) }
    buffer += html.bytes
    buffer += try templates.render("foot.html", values)
  }

  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  /// SHA-256 in base 64, the form in which a content security policy names the content that it
  /// allows.
  private static func digest(_ bytes: [UInt8]) -> String {
    String(decoding: Base64.encoded(SHA256.hash(bytes).bytes), as: UTF8.self)
  }
}
