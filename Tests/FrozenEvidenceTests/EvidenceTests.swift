import CreditLedger
import Documents
import ServiceCredits
import Testing

@testable import FrozenEvidence
@testable import PolicyFiles

/// The frozen documents: reading gives what was written, and refuses everything else.
@Suite struct EvidenceTests {
  private static func instant(_ text: String) -> Instant { Instant(iso8601: text)! }
  private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  private static let window = EvidenceWindow(
    severity: .p0, service: nil,
    interval: Interval(instant("2026-10-05T00:00:00Z"), instant("2026-10-05T02:00:00.000001Z")))

  private static let shared = SharedEvidence(
    services: [.init(id: bytes("svc \"1\""), name: bytes("Suche & <mehr>"))],
    incidents: [
      .init(
        id: bytes("i1"), title: "\u{1F4A5}\n", severity: "P0", status: "resolved",
        startedAt: instant("2026-10-05T00:00:00Z"),
        acknowledgedAt: instant("2026-10-05T00:05:00Z"),
        resolvedAt: instant("2026-10-05T02:00:00Z"), rootCause: "", treatment: .counted,
        policyVersion: "v1", windows: [window]),
      .init(
        id: bytes("i2"), title: "", severity: "", status: "", startedAt: nil, acknowledgedAt: nil,
        resolvedAt: nil, rootCause: nil, treatment: .parked(code: "reversed_window"),
        policyVersion: nil, windows: []),
    ],
    exclusions: [
      .init(
        id: bytes("x"),
        time: .init(
          kind: .scheduledMaintenance, service: bytes("svc \"1\""), interval: window.interval,
          announcedAt: instant("2026-09-01T00:00:00Z")))
    ],
    zones: [
      .init(
        name: bytes("UTC"),
        months: MonthTable(
          first: BillingMonth(year: 2026, month: 9),
          starts: [instant("2026-09-01T00:00:00Z"), instant("2026-10-01T00:00:00Z")]))
    ])

  private static let customer = CustomerEvidence(
    outages: [.init(incident: bytes("i1"), window: window)], exclusions: shared.exclusions,
    claims: [
      .init(incident: bytes("i1"), month: nil, at: instant("2026-10-05T00:00:00Z")),
      .init(
        incident: nil, month: BillingMonth(year: 2026, month: 11),
        at: instant("2026-11-05T00:00:00.000001Z")),
    ], zone: bytes("UTC"),
    otherCustomers: .init(
      outages: [(bytes("other"), .init(incident: bytes("i1"), window: window))],
      exclusions: [(bytes("other"), shared.exclusions[0].time)],
      shares: [
        .init(
          subscription: bytes("s"),
          share: HeldShare(month: BillingMonth(year: 2026, month: 10), share: BasisPoints(1250)))
      ]))

  @Test func whatIsWrittenIsRead() throws {
    let shared = try SharedEvidence(json: EvidenceTests.shared.json)
    #expect(shared == EvidenceTests.shared)
    #expect(shared.json == EvidenceTests.shared.json)
    let customer = try CustomerEvidence(json: EvidenceTests.customer.json)
    #expect(customer == EvidenceTests.customer)
    #expect(customer.json == EvidenceTests.customer.json)
    let fee = MonthlyFee(micros: 83_333_333, currency: try #require(Currency("USD")))
    var json = EvidenceTests.bytes("[")
    let terms: [EvidenceTerm<[UInt8]>] = [
      EvidenceTerm(
        service: EvidenceTests.bytes("svc"), plan: [], fee: fee,
        interval: Interval(EvidenceTests.instant("2026-01-01T00:00:00Z"), .distantFuture),
        owner: .own),
      EvidenceTerm(
        service: EvidenceTests.bytes("svc"), plan: EvidenceTests.bytes("p"), fee: fee,
        interval: EvidenceTests.window.interval,
        owner: .other(customer: EvidenceTests.bytes("b"), zone: EvidenceTests.bytes("UTC"))),
    ]
    for term in terms {
      if json.count > 1 { json += EvidenceTests.bytes(",") }
      term.append(to: &json)
    }
    json += EvidenceTests.bytes("]")
    let read = try EvidenceTerm<[UInt8]>.list(json: json)
    #expect(read.map(\.owner) == terms.map(\.owner))
    #expect(read.map(\.fee) == terms.map(\.fee))
    #expect(read.map(\.interval) == terms.map(\.interval))
    #expect(read.map(\.plan) == terms.map(\.plan))
  }

  /// Documents of customers without claims have the bytes that they had before there were claims.
  @Test func withoutClaimsNothingIsSaidOfThem() {
    var customer = EvidenceTests.customer
    #expect(String(decoding: customer.json, as: UTF8.self).contains("claims"))
    customer.claims = []
    #expect(!String(decoding: customer.json, as: UTF8.self).contains("claim"))
    #expect(!CustomerEvidence(claims: EvidenceTests.customer.claims).isEmpty)
  }

  /// Each document has one error that no run writes.
  @Test(arguments: [
    (#""format":"1""#, #""format":"2""#), (#""format":"1","#, ""),
    (#""name":"#, #""label":"#), (#""treatment":"counted","#, ""),
    (#","policy_version":"v1""#, ""), (#""started_at":"2026-10-05T00:00:00Z","ack"#, #""ack"#),
    (#""severity":"P0","started_at""#, #""severity":"P9","started_at""#),
    ("2026-10-05T02:00:00.000001Z", "2026-10-04T02:00:00Z"), (#""kind":"sch"#, #""kind":"Sch"#),
    (#""first":"2026-09""#, #""first":"2026-9""#), (#""2026-10-01T00:00:00Z""#, #""soon""#),
    (#""2026-10-01T00:00:00Z""#, #""2026-08-01T00:00:00Z""#),
    (#""announced_at":"2026"#, #""announced_at":"MMXXVI"#), (#""months":["#, #""months":{"#),
  ])
  func nothingElseIsRead(_ part: String, _ other: String) throws {
    let json = String(decoding: EvidenceTests.shared.json, as: UTF8.self)
    #expect(json.contains(part), "\(part) is not in \(json)")
    let changed = json.replacing(part, with: other)
    #expect(throws: EvidenceError.self) {
      _ = try SharedEvidence(json: Array(changed.utf8))
    }
  }

  @Test(arguments: [
    (#""percent_bp":"1250""#, #""percent_bp":"10001""#), (#""month":"2026-10""#, #""month":"x""#),
    (#""customer_id":"other","incident_id""#, #""incident_id""#), (#""shares":"#, #""share":"#),
    (#""time_zone":"UTC""#, #""time_zone":1"#), (#""month":"2026-11","#, ""),
    (#""month":"2026-11""#, #""incident_id":"i1","month":"2026-11""#),
    (#""claimed_at":"2026-11-05T00"#, #""claimed_at":"5 November 00"#),
  ])
  func nothingElseIsReadOfACustomer(_ part: String, _ other: String) throws {
    let json = String(decoding: EvidenceTests.customer.json, as: UTF8.self)
    #expect(json.contains(part), "\(part) is not in \(json)")
    let changed = json.replacing(part, with: other)
    #expect(throws: EvidenceError.self) {
      _ = try CustomerEvidence(json: Array(changed.utf8))
    }
  }

  @Test(arguments: [
    "", "{}", "[1]", #"[{"service_id":"s","plan":"p","monthly_fee":"1","currency":"USD"}]"#,
    #"[{"service_id":"s","plan":"p","monthly_fee":"-1","currency":"USD","valid_from":"2026-01-01T00:00:00Z"}]"#,
    #"[{"service_id":"s","plan":"p","monthly_fee":"1.","currency":"USD","valid_from":"2026-01-01T00:00:00Z"}]"#,
    #"[{"service_id":"s","plan":"p","monthly_fee":"99999999999999","currency":"USD","valid_from":"2026-01-01T00:00:00Z"}]"#,
    #"[{"service_id":"s","plan":"p","monthly_fee":"1","currency":"usd","valid_from":"2026-01-01T00:00:00Z"}]"#,
    #"[{"service_id":"s","plan":"p","monthly_fee":"1","currency":"USD","valid_from":"2026-01-01T00:00:00Z","time_zone":"UTC"}]"#,
  ])
  func termsThatNoRunWritesAreRefused(_ json: String) {
    #expect(throws: EvidenceError.self) {
      _ = try EvidenceTerm<[UInt8]>.list(json: Array(json.utf8))
    }
  }

  /// The recorded version decides. A missing version ends the replay; no other version is used
  /// instead.
  @Test func aReplayNeedsTheVersionThatTheEvidenceNames() throws {
    let version = try #require(PolicyFile.builtIn.versions.first)
    _ = try EvidenceReplay(
      EvidenceTests.sharedWithoutExclusions, known: [Array("v1".utf8): version],
      asOf: .distantFuture)
    #expect(throws: EvidenceError.unknown(member: "policy_version")) {
      _ = try EvidenceReplay(
        EvidenceTests.sharedWithoutExclusions, known: [Array("v2".utf8): version],
        asOf: .distantFuture)
    }
  }

  private static var sharedWithoutExclusions: SharedEvidence {
    var evidence = shared
    evidence.exclusions = []
    return evidence
  }
}
