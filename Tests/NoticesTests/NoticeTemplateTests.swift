import Documents
import Notices
import ServiceCredits
import Templates
import Testing

@testable import CreditLedger

/// An operator's templates: the errors of wrong ones, and the output of right ones.
@Suite struct NoticeTemplateTests {
  @Test func theBuiltInTemplatesAreSound() throws {
    var templates = try NoticeTemplates()
    #expect(templates.replace(NoticeTemplates.builtIn).isEmpty)
  }

  @Test(
    arguments: [
      ("Hello {{customer}}\n", nil),
      (
        "{{! a comment }}{{#incidents}}{{#credits}}{{#invoices}}{{invoice}}{{/invoices}}{{customer}}{{/credits}}{{/incidents}}",
        nil
      ),
      ("a\nbé {{custommer}}", "2:4 unknownName custommer"),
      ("{{service}}", "1:1 unknownName service"),
      ("{{#incidents}}{{service}}{{invoice}}{{/incidents}}", "1:26 unknownName invoice"),
      ("{{^incidents}}{{service}}{{/incidents}}", "1:15 unknownName service"),
      ("{{incidents}}", "1:1 notAText incidents"), ("{{has_credits}}", "1:1 notAText has_credits"),
      ("one\n{{#incidents}}\n", "2:1 notClosed incidents"),
      ("{{#incidents}}{{/single}}", "1:15 closesNothing single in incidents"),
      ("{{/single}}", "1:1 closesNothing single"), ("text {{customer", "1:6 unfinishedGap"),
      ("{{{customer}}}", "1:1 notHere {"), ("{{& customer}}", "1:1 notHere &"),
      ("{{=<% %>=}}", "1:1 notHere ="), ("{{% CONTENT_TYPE:TEXT}}", "1:1 notHere %"),
      ("{{> resolved.txt}}", "1:1 includesItself resolved.txt"),
      ("{{> foot.txt}}", "1:1 unknownTemplate foot.txt"),
    ] as [(String, String?)])
  func mistakesHaveTheirPlace(source: String, expected: String?) throws {
    var templates = try NoticeTemplates()
    let problems = templates.replace([("resolved.txt", Array(source.utf8))])
    #expect(problems.map(NoticeTemplateTests.short) == (expected.map { [$0] } ?? []))
  }

  @Test func otherFilesMustBeOfUse() throws {
    var templates = try NoticeTemplates()
    let problems = templates.replace([
      ("foot.txt", Array("{{sender}}{{nothing}}".utf8)), ("resolve.txt", Array("x".utf8)),
      ("resolved.txt", Array("{{> foot.txt}}".utf8)), ("initial.txt", [0xFF]),
      ("initial.html", [UInt8](repeating: 32, count: NoticeTemplates.largest + 1)),
    ])
    #expect(
      Set(problems.map { "\($0.template) " + NoticeTemplateTests.short($0) }) == [
        "resolve.txt 1:1 unused", "initial.txt 1:1 notUTF8", "initial.html 1:1 tooLarge",
        "foot.txt 1:11 unknownName nothing",
      ])
  }

  private static func short(_ problem: TemplateProblem) -> String {
    let kind =
      switch problem.kind {
      case .unknownName(let name, _): "unknownName \(name)"
      case .notAText(let name): "notAText \(name)"
      case .unknownTemplate(let name, _): "unknownTemplate \(name)"
      case .includesItself(let name): "includesItself \(name)"
      case .notClosed(let name): "notClosed \(name)"
      case .closesNothing(let name, let open):
        "closesNothing \(name)" + (open.map { " in \($0)" } ?? "")
      case .unfinishedGap: "unfinishedGap"
      case .notHere(let mark): "notHere \(mark)"
      case .malformed: "malformed"
      case .notUTF8: "notUTF8"
      case .tooLarge: "tooLarge"
      case .unused: "unused"
      }
    return "\(problem.line):\(problem.column) \(kind)"
  }

  private static func notice(_ id: [UInt8], incident: [UInt8] = Array("I".utf8), run: Int64? = 1)
    -> CustomerNotice
  {
    CustomerNotice(
      kind: .resolved, customerId: id, customerName: "Name", email: nil, timeZone: "UTC",
      runId: run, date: Instant(microseconds: 0),
      incidents: [
        CustomerNotice.Incident(
          id: incident, title: "", severity: .p0, services: ["Search"],
          start: Instant(microseconds: 0), end: nil, countedMicroseconds: nil, rootCause: nil,
          done: [], underWay: [], credits: [])
      ])
  }

  /// Every id has its own file, and no file is outside the folder.
  @Test func fileNamesAreSafeAndDistinct() {
    let ids = [
      "A", "a", "..", "../../etc/passwd", "A/B", "A_B", "A\nB", "A B", "", ".hidden", "é",
      "e\u{301}",
      "A~B", String(repeating: "x", count: 1000), String(repeating: "x", count: 1001), "*", "-rf",
      "A+B", "con", "\u{202E}gnp", String(repeating: "x", count: 64),
      String(repeating: "x", count: 65),
    ].map { Array($0.utf8) }
    for run in [1, nil] as [Int64?] {
      let names = ids.map { NoticeTemplateTests.notice($0, run: run).fileName }
      #expect(Set(names).count == ids.count)
      for name in names {
        #expect(name.utf8.count <= 200 && name.hasPrefix("notice-") && name.hasSuffix(".eml"))
        #expect(
          name.utf8.allSatisfy {
            $0 < 0x7F
              && ($0 > 0x60 || (0x30...0x39).contains($0) || (0x41...0x5A).contains($0)
                || "-._~+".utf8.contains($0))
          })
      }
    }
    let joined = Set(
      [("a", "b-c"), ("a-b", "c"), ("a+b", "c"), ("a", "b+c")].map {
        NoticeTemplateTests.notice(Array($1.utf8), incident: Array($0.utf8), run: nil).fileName
      })
    #expect(joined.count == 4)
  }

  @Test func subjectsAreOneLine() throws {
    var templates = try NoticeTemplates()
    #expect(
      templates.replace([("resolved.subject.txt", Array("\n a\n\n {{customer}} \n".utf8))]).isEmpty)
    let clock = LocalClock()
    clock.add(Instant(microseconds: 0), "then")
    let message = try NoticeTemplateTests.notice([65]).message(templates, clock: clock, sender: nil)
    #expect(message.subject == "a Name")
  }
}
