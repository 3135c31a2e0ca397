import Templates
import Testing

@Suite struct TemplatesTests {
  private static func render(
    _ source: String, as name: String = "page.html", _ values: [String: TemplateValue]
  ) throws -> String {
    var templates = Templates()
    try templates.set(source, named: name)
    return String(decoding: try templates.render(name, .fields(values)), as: UTF8.self)
  }

  @Test(arguments: [
    ("plain", "plain"),
    ("a<b", "a&lt;b"),
    ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
    ("\" onload='x' `", "&quot; onload=&#39;x&#39; &#96;"),
    (
      "\"\u{301}>\u{338}<\u{20D2}'\u{300}&\u{36F}",
      "&quot;\u{301}&gt;\u{338}&lt;\u{20D2}&#39;\u{300}&amp;\u{36F}"
    ),
    ("&amp;", "&amp;amp;"),
    ("a\u{1}b\u{7F}c\td", "a\u{FFFD}b\u{FFFD}c\td"),
    ("{{x}}", "{{x}}"),
    ("\u{202E}müller 日本", "\u{202E}müller 日本"),
  ])
  func valuesCannotLeaveTheirPlace(value: String, expected: String) throws {
    // Compared as bytes, because Swift compares strings with combining marks by canonical
    // equivalence.
    let text = try TemplatesTests.render("<p title=\"{{x}}\">", ["x": .text(value)])
    #expect(Array(text.utf8) == Array("<p title=\"\(expected)\">".utf8))
    let inList = try TemplatesTests.render(
      "{{#l}}{{x}}{{/l}}", ["l": .list([.fields(["x": .text(value)])])])
    #expect(Array(inList.utf8) == Array(expected.utf8))
  }

  @Test func partialsEscapeByTheirOwnName() throws {
    var templates = Templates()
    try templates.set("{{> part.html}}|{{> part.txt}}|{{x}}", named: "page.html")
    try templates.set("{{x}}", named: "part.html")
    try templates.set("{{x}}", named: "part.txt")
    let text = try templates.render("page.html", .fields(["x": .text("<\u{301}")]))
    #expect(text == Array("&lt;\u{301}|<\u{301}|&lt;\u{301}".utf8))
  }

  @Test func textStandsAsItIs() throws {
    #expect(try TemplatesTests.render("{{x}}\n", as: "mail.txt", ["x": .text("a<b")]) == "a<b\n")
  }

  @Test func sectionsRepeatAndStandIn() throws {
    let source = "{{#l}}<{{x}}>{{/l}}{{^l}}none{{/l}}{{#f}}!{{/f}}"
    let two: TemplateValue = .list([.fields(["x": .text("1")]), .fields(["x": .text("2")])])
    #expect(try TemplatesTests.render(source, ["l": two, "f": .flag(true)]) == "<1><2>!")
    #expect(try TemplatesTests.render(source, ["l": .list([]), "f": .flag(false)]) == "none")
  }

  @Test func aMistakeIsAtItsPlace() throws {
    var templates = Templates()
    let error = #expect(throws: TemplateError.self) {
      try templates.set("one\ntwo {{#open}}\n", named: "mail.txt")
    }
    guard case .malformed(name: "mail.txt", line: let line, column: _, text: _)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(line >= 2)
    #expect(throws: TemplateError.missing(name: "other")) {
      try templates.render("other", .flag(true))
    }
  }
}
