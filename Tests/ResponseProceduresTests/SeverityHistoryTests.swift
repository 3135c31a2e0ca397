import ResponseProcedures
import ServiceCredits
import Testing

/// The severity of an incident at each instant. Its windows are in minutes after its beginning.
@Suite struct SeverityHistoryTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    var row = Severity.p3
    /// Severity, start, end. The largest possible end means that the window is still open.
    var windows: [(Severity, Int64, Int64)] = []
    var resolved: Int64?
    var asOf: Int64 = 10_000
    let expected: String

    var testDescription: String { name }
  }

  private static let cases = [
    Case(name: "no window", row: .p1, expected: "P1@0"),
    Case(name: "one, from late on", row: .p1, windows: [(.p1, 5, 9)], expected: "P1@0"),
    Case(name: "milder than its row", row: .p0, windows: [(.p2, 5, 9)], expected: "P0@0"),
    Case(
      name: "worse than its row, before and after", windows: [(.p0, 5, 9)], expected: "P0@0"),
    Case(name: "rises", windows: [(.p2, 0, 20), (.p0, 5, 20)], expected: "P2@0 P0@5"),
    Case(name: "in any order", windows: [(.p0, 5, 20), (.p2, 0, 20)], expected: "P2@0 P0@5"),
    Case(
      name: "rises and falls", windows: [(.p2, 0, 20), (.p0, 5, 9)], expected: "P2@0 P0@5 P2@9"),
    Case(
      name: "as bad as before where no window is", windows: [(.p0, 0, 5), (.p2, 8, 9)],
      expected: "P0@0 P2@8"),
    Case(name: "as bad as before to the end", windows: [(.p0, 0, 5)], expected: "P0@0"),
    Case(
      name: "one ends as the next begins", windows: [(.p0, 0, 5), (.p1, 5, 9)],
      expected: "P0@0 P1@5"),
    Case(
      name: "two of the worst, one after the other",
      windows: [(.p0, 0, 5), (.p0, 5, 9), (.p2, 0, 9)],
      expected: "P0@0"),
    Case(
      name: "two of the worst that overlap", windows: [(.p0, 0, 6), (.p0, 5, 9), (.p2, 0, 20)],
      expected: "P0@0 P2@9"),
    Case(name: "an empty one", row: .p1, windows: [(.p0, 5, 5), (.p1, 0, 9)], expected: "P1@0"),
    Case(
      name: "from before its beginning", windows: [(.p2, -9, 20), (.p1, -5, 5)],
      expected: "P1@0 P2@5"),
    Case(
      name: "over before its beginning", windows: [(.p2, -9, 20), (.p0, -5, -1)],
      expected: "P0@0 P2@0+1us"),
    Case(
      name: "not worse yet", row: .p0, windows: [(.p2, 0, 20), (.p0, 5, 20)], asOf: 4,
      expected: "P2@0"),
    Case(
      name: "worse from the instant of the audit on", row: .p0,
      windows: [(.p2, 0, 20), (.p0, 5, 20)], asOf: 5, expected: "P2@0 P0@5"),
    Case(
      name: "not milder yet", windows: [(.p2, 0, 20), (.p0, 0, 9)], asOf: 8, expected: "P0@0"),
    Case(
      name: "before its first window, which is worse than its row", windows: [(.p0, 1440, 1500)],
      asOf: 60, expected: "P3@0"),
    Case(
      name: "before its first window, which is milder than its row", row: .p0,
      windows: [(.p2, 5, 20), (.p0, 9, 20)], asOf: 4, expected: "P2@0"),
    Case(
      name: "before its first window, which its row tells", row: .p0, windows: [(.p0, 5, 20)],
      asOf: 4, expected: "P0@0"),
    Case(
      name: "before its first window, and the row is worse than all", row: .p0,
      windows: [(.p2, 5, 20)], asOf: 4, expected: "P0@0"),
    Case(
      name: "with its first window", windows: [(.p0, 60, 90)], asOf: 60, expected: "P0@0"),
    Case(
      name: "after it was resolved", row: .p2, windows: [(.p2, 0, 9), (.p0, 20, 30)], resolved: 10,
      expected: "P2@0"),
    Case(
      name: "after it was resolved, and its row says so", row: .p0,
      windows: [(.p2, 0, 9), (.p0, 20, 30)], resolved: 10, expected: "P0@0"),
    Case(
      name: "one that goes on, below one that ends", windows: [(.p2, 0, .max), (.p0, 5, 9)],
      expected: "P2@0 P0@5 P2@9"),
    Case(
      name: "goes on after it was resolved", windows: [(.p0, 0, 30)], resolved: 10,
      expected: "P0@0"),
  ]

  @Test(arguments: cases) func tells(_ item: Case) {
    func instant(_ minutes: Int64) -> Instant {
      Instant(microseconds: ComplianceStory.noon + minutes * ComplianceStory.minute)
    }
    let history = SeverityHistory(
      severity: item.row, startedAt: instant(0),
      windows: item.windows.map {
        SeverityWindow(
          severity: $0.0,
          interval: Interval(instant($0.1), $0.2 == .max ? .distantFuture : instant($0.2)))
      }, resolvedAt: item.resolved.map(instant), asOf: instant(item.asOf))
    let told = history.changes.map { change in
      let micro = change.since.microseconds - ComplianceStory.noon
      let (minutes, rest) = micro.quotientAndRemainder(dividingBy: ComplianceStory.minute)
      return "\(change.severity.code)@\(minutes)" + (rest == 0 ? "" : "+\(rest)us")
    }
    #expect(told.joined(separator: " ") == item.expected)
  }
}
