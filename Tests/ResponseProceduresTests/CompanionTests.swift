import ResponseProcedures
import ServiceCredits
import Testing

/// Which incidents were active at the same time on the same service.
@Suite struct CompanionTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    /// incident, service (-1: all), start, end.
    let windows: [(Int32, Int32, Int64, Int64)]
    /// For each of three incidents: the other incident and the instant from which they overlapped.
    let expected: [String]

    var testDescription: String { name }
  }

  private static let cases = [
    Case(name: "alone", windows: [(0, 1, 0, 10)], expected: ["-", "-", "-"]),
    Case(
      name: "two of one service", windows: [(0, 1, 0, 10), (1, 1, 5, 20)],
      expected: ["1 5", "0 5", "-"]),
    Case(
      name: "the later one listed first", windows: [(1, 1, 5, 20), (0, 1, 0, 10)],
      expected: ["1 5", "0 5", "-"]),
    Case(
      name: "two services", windows: [(0, 1, 0, 10), (1, 2, 5, 20)], expected: ["-", "-", "-"]),
    Case(
      name: "all services meet every service", windows: [(0, -1, 0, 10), (1, 2, 5, 20)],
      expected: ["1 5", "0 5", "-"]),
    Case(
      name: "one begins as the other ends", windows: [(0, 1, 0, 10), (1, 1, 10, 20)],
      expected: ["-", "-", "-"]),
    Case(
      name: "one microsecond together", windows: [(0, 1, 0, 10), (1, 1, 9, 20)],
      expected: ["1 9", "0 9", "-"]),
    Case(
      name: "an empty window", windows: [(0, 1, 0, 10), (1, 1, 5, 5)], expected: ["-", "-", "-"]),
    Case(
      name: "its own other window", windows: [(0, 1, 0, 10), (0, 1, 5, 20)],
      expected: ["-", "-", "-"]),
    Case(
      name: "between the windows of one that was reopened",
      windows: [(0, 1, 0, 10), (0, 1, 90, 100), (1, 1, 40, 50)], expected: ["-", "-", "-"]),
    Case(
      name: "the first of two", windows: [(0, 1, 0, 100), (1, 1, 50, 60), (2, 1, 30, 40)],
      expected: ["2 30", "0 50", "0 30"]),
    Case(
      name: "three from one instant", windows: [(0, 1, 0, 9), (1, 1, 0, 9), (2, 1, 0, 9)],
      expected: ["1 0", "0 0", "0 0"]),
  ]

  @Test(arguments: cases) func areFound(_ item: Case) {
    let windows = item.windows.map { incident, service, start, end in
      TouchedService(
        incident: IncidentNumber(incident), service: service < 0 ? nil : ServiceNumber(service),
        interval: Interval(Instant(microseconds: start), Instant(microseconds: end)))
    }
    let found = Companions.first(among: windows, count: 3).map { companion in
      companion.map { "\($0.incident.rawValue) \($0.since.microseconds)" } ?? "-"
    }
    #expect(found == item.expected)
  }
}
