import ServiceCredits
import TestSupport
import Testing

/// Sources with extreme values, written by hand, through the program and the second engine.
@Suite(.enabled(if: SecondEngineTests.isPossible)) struct ExtremesTests {
  private static func scenario(
    asOf: String = "2026-11-05T00:00:00Z", _ fill: (inout Source, Int64) -> Void
  ) throws -> Scenario {
    let instant = try #require(Instant(iso8601: asOf)).microseconds
    var source = Source()
    source.services = ["api"]
    fill(&source, instant)
    let night = Scenario.ReconciliationContext(asOf: instant, months: nil, source: source)
    let version = RandomPolicy.Version(
      name: "promise", effectiveFrom: min(20_089, instant / day - 300), timeZone: "UTC",
      tiers: RandomPolicy.promise, cap: 10_000, overlap: "count_once", rounding: "half_up",
      exclusions: [("customer_fault", nil)], minimum: [], plans: [])
    return Scenario(seed: 0, policy: [version], nights: [night])
  }

  private func agree(_ scenario: Scenario, credits: Int) throws {
    let run = try SecondEngineRun()
    let found = try run.disagreement(scenario)
    #expect(found == nil, "\(found.map { $0.sentences.prefix(5).joined(separator: "\n") } ?? "")")
    #expect(run.credits == credits)
  }

  private static func customer(_ id: String, zone: String? = "UTC") -> Source.Customer {
    Source.Customer(number: 0, id: id, timeZone: zone)
  }

  private static func term(_ id: String, _ customer: String, fee: String = "1000") -> Source.Term {
    Source.Term(
      number: 0, subscription: id, customer: customer, service: "api", plan: "basic", fee: fee,
      currency: "USD", from: 0, to: nil)
  }

  private static func incident(_ id: String, from: Int64, to: Int64, in source: inout Source) {
    source.incidents.append(
      Source.Incident(
        number: 0, id: id, severity: "P0", status: "resolved", startedAt: from, acknowledgedAt: nil,
        resolvedAt: to))
    source.windows.append(
      Source.Window(
        number: 0, incident: id, severity: "P0", service: nil, customer: nil, from: from, to: to))
  }

  @Test func incidentWithTenThousandWindows() throws {
    try agree(
      Self.scenario { source, asOf in
        source.customers = [Self.customer("c")]
        source.terms = [Self.term("s", "c"), Self.term("t", "c")]
        let start = asOf - 20 * day
        Self.incident("i", from: start, to: asOf - day, in: &source)
        source.windows = (0..<10_000).map { number in
          let from = start + Int64(number) * minute
          return Source.Window(
            number: 0, incident: "i", severity: number % 3 == 0 ? "P0" : "P1", service: "api",
            customer: nil, from: from, to: from + 90 * second)
        }
      }, credits: 2)
  }

  @Test func customerWithTenThousandSubscriptions() throws {
    try agree(
      Self.scenario { source, asOf in
        source.customers = [Self.customer("c")]
        source.terms = (0..<10_000).map { Self.term("s\($0)", "c", fee: "\($0 + 1).123456") }
        Self.incident("i", from: asOf - 3 * day, to: asOf - 2 * day, in: &source)
      }, credits: 10_000)
  }

  @Test func fiveMillionSecondsOfOutage() throws {
    try agree(
      Self.scenario { source, asOf in
        source.customers = [Self.customer("c")]
        source.terms = [Self.term("s", "c")]
        Self.incident(
          "i", from: asOf - 60 * day, to: asOf - 60 * day + 5_000_000 * second, in: &source)
        source.incidents[0].resolvedAt = asOf
      }, credits: 1)
  }

  @Test(arguments: ["1970-03-05T00:00:00Z", "2199-12-31T23:59:59.999999Z"])
  func farDates(asOf: String) throws {
    try agree(
      Self.scenario(asOf: asOf) { source, asOf in
        source.customers = [
          Self.customer("c", zone: "Asia/Kathmandu"), Self.customer("d", zone: nil),
        ]
        source.terms = [Self.term("s", "c"), Self.term("t", "d")]
        for number in Int64(1)...3 {
          Self.incident(
            "i\(number)", from: asOf - number * 15 * day, to: asOf - number * 15 * day + 5 * hour,
            in: &source)
        }
      }, credits: 6)
  }

  /// Incident i is reopened on the night on which all of the subscription's time belongs to another
  /// customer. The share recorded for it under the former customer uses up part of the cap first.
  @Test(arguments: ["a", "z"])
  func heldCreditOfTheFormerCustomerTakesItsShare(newCustomer: String) throws {
    var scenario = try Self.scenario { source, asOf in
      source.customers = [Self.customer("m"), Self.customer(newCustomer)]
      source.terms = [Self.term("s", "m")]
      Self.incident("i", from: asOf - 3 * day, to: asOf - 3 * day + 5 * hour, in: &source)
    }
    scenario.nights[0].asOf -= 10 * day
    scenario.nights[0].source.incidents[0].startedAt -= 10 * day
    scenario.nights[0].source.incidents[0].resolvedAt = scenario.nights[0].asOf - 2 * day
    scenario.nights[0].source.windows[0].from -= 10 * day
    scenario.nights[0].source.windows[0].to = scenario.nights[0].source.windows[0].from + 5 * hour
    scenario.policy[0].cap = 3000
    var next = scenario.nights[0]
    next.asOf += day
    next.source.terms[0].customer = newCustomer
    next.source.incidents[0].status = "open"
    Self.incident("j", from: next.asOf - day, to: next.asOf - day + 5 * hour, in: &next.source)
    scenario.nights.append(next)
    try agree(scenario, credits: 2)
  }

  @Test func idsOfEveryLengthAndKind() throws {
    let ids = [
      "a", "A", "é", "e\u{301}", "ａ", "\u{202E}evil", "=1+1", "+1", "@x", "<b>&amp;</b>", "'", "\"",
      "\"\u{301}", "\\", "\\.", "\\N", "a\nb", "a\r\nb", "a\tb", " ", " a", "a ", ",", ";", "/",
      " / ",
      "\u{1}", "\u{7F}", "\u{FEFF}", "\u{200B}", "\u{2028}", "\u{FFFF}", "\u{10FFFF}", "👩‍👩‍👧", "%s",
      "$1",
      String(repeating: "x", count: 1000), String(repeating: "é", count: 500),
      String((0..<800).map { Character(UnicodeScalar(UInt8(33 + $0 * $0 % 94))) }),
    ]
    try agree(
      Self.scenario { source, asOf in
        source.customers = ids.map { Self.customer($0) }
        source.terms = ids.map { Self.term($0, $0) }
        for (position, id) in ids.enumerated() where position % 13 == 0 {
          let start = asOf - Int64(position + 2) * hour * 6
          Self.incident(id, from: start, to: start + 5 * hour, in: &source)
        }
      }, credits: ids.count * 3)
  }
}
