/// A section of a page. Any module can build one.
public struct PageSection: Sendable {
  public let title: String
  /// The part of the address after `#`, unique in the page: lower-case letters, digits and hyphens.
  public let anchor: String
  /// What the section shows and how to use it; empty if the title says it.
  public let introduction: String
  public var content: [PageContent]

  public init(
    title: String, anchor: String, introduction: String = "", content: [PageContent] = []
  ) {
    precondition(
      anchor.utf8.first.map { (97...122).contains($0) } ?? false
        && anchor.utf8.allSatisfy {
          (97...122).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "-")
        },
      "an anchor is small letters, digits and hyphens")
    self.title = title
    self.anchor = anchor
    self.introduction = introduction
    self.content = content
  }
}

/// The content of a section, from top to bottom.
public enum PageContent: Sendable {
  /// A heading inside the section.
  case heading(String)
  case paragraph(String)
  /// A sentence that must not be overlooked, and the anchor of the section with the details.
  case notice(String, see: String? = nil)
  case list([String])
  case figures([PageFigure])
  case table(PageTable)
  case chart(any Chart)
  /// Side by side if there is room.
  case charts([any Chart])
  /// A line to write on for each label.
  case lines([String])
}

/// One large number with its label and its details.
public struct PageFigure: Sendable {
  public let label: String
  public let value: PageCell
  /// In small letters below the number, in order.
  public let details: [(label: String, value: PageCell)]

  public init(label: String, value: PageCell, details: [(label: String, value: PageCell)] = []) {
    self.label = label
    self.value = value
    self.details = details
  }
}

extension HTMLWriter {
  public mutating func append(_ section: PageSection) {
    raw("<section id=\"")
    text(section.anchor)
    raw("\" aria-labelledby=\"h-")
    text(section.anchor)
    raw("\">\n<h2 id=\"h-")
    text(section.anchor)
    raw("\">")
    text(section.title)
    raw("</h2>\n")
    if !section.introduction.isEmpty { paragraph(section.introduction) }
    for content in section.content { append(content) }
    raw("</section>\n")
  }

  private mutating func paragraph(_ text: String) {
    raw("<p>")
    self.text(text)
    raw("</p>\n")
  }

  mutating func append(_ content: PageContent) {
    switch content {
    case .heading(let heading):
      raw("<h3>")
      text(heading)
      raw("</h3>\n")
    case .paragraph(let text): paragraph(text)
    case .notice(let text, let anchor):
      raw("<p class=\"notice\">")
      if let anchor {
        raw("<a href=\"#")
        self.text(anchor)
        raw("\">")
      }
      self.text(text)
      raw(anchor == nil ? "</p>\n" : "</a></p>\n")
    case .list(let items):
      raw("<ul>")
      for item in items {
        raw("<li>")
        text(item)
        raw("</li>")
      }
      raw("</ul>\n")
    case .figures(let figures):
      raw("<div class=\"figures\">\n")
      for figure in figures { append(figure) }
      raw("</div>\n")
    case .table(let table): append(table)
    case .chart(let chart): append(chart)
    case .charts(let charts):
      raw("<div class=\"charts\">\n")
      for chart in charts { append(chart) }
      raw("</div>\n")
    case .lines(let labels):
      raw("<dl class=\"sign\">")
      for label in labels {
        raw("<div><dt>")
        text(label)
        raw("</dt><dd></dd></div>")
      }
      raw("</dl>\n")
    }
  }

  private mutating func append(_ figure: PageFigure) {
    raw("<div class=\"figure\"><p class=\"what\">")
    text(figure.label)
    raw("</p><p class=\"big\">")
    append(figure.value)
    raw("</p>")
    if !figure.details.isEmpty {
      raw("<dl>")
      for detail in figure.details {
        raw("<div><dt>")
        text(detail.label)
        raw("</dt><dd>")
        append(detail.value)
        raw("</dd></div>")
      }
      raw("</dl>")
    }
    raw("</div>\n")
  }
}
