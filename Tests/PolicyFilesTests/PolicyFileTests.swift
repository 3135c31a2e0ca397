import Foundation
import ResponseProcedures
import SeededRandom
import ServiceCredits
import TestSupport
import Testing

@testable import PolicyFiles

@Suite struct PolicyFileTests {
  @Test func exampleOfTheRulesSaysWhatItSays() throws {
    let dollar = try #require(Currency("USD"))
    let read = try PolicySamples.policy(
      """
      versions:
        - version: outage-response-1
          effective_from: 2025-01-01
          time_zone: UTC
          tiers:
            - {severity: P0, longer_than: 1h, credit: 10%}
            - {severity: P0, longer_than: 4h, credit: 25%}
            - {severity: P1, longer_than: 4h, credit: 5%}
          cap: 100%
          overlap: count_once
          rounding: half_up
          exclude:
            - {kind: scheduled_maintenance, announced: 24h}
            - {kind: customer_fault}
            - {kind: force_majeure}
          minimum: {USD: 1.00}
          plans:
            platinum:
              cap: 60%
              tiers:
                - {severity: P0, longer_than: 30m, credit: 15%}
                - {severity: P0, longer_than: 4h, credit: 50%}
          limits:
            share_of_monthly_fees: 50%
            granted: {USD: 250000}
      """)
    let platinum = PlanRules(
      rule: .tiers([
        PolicySamples.tier(.p0, PolicySamples.hour / 2, 1500),
        PolicySamples.tier(.p0, 4 * PolicySamples.hour, 5000),
      ]), cap: BasisPoints(6000))
    let expected = PolicyVersion(
      name: "outage-response-1",
      effectiveFrom: try #require(CalendarDate(year: 2025, month: 1, day: 1)), timeZone: "UTC",
      terms: PlanRules(
        rule: .tiers([
          PolicySamples.tier(.p0, PolicySamples.hour, 1000),
          PolicySamples.tier(.p0, 4 * PolicySamples.hour, 2500),
          PolicySamples.tier(.p1, 4 * PolicySamples.hour, 500),
        ]), cap: .whole),
      plans: ["platinum": platinum], overlap: .countOnce, rounding: .halfUp,
      exclusions: [
        ExclusionRule(kind: .scheduledMaintenance, announcedMicroseconds: 24 * PolicySamples.hour),
        ExclusionRule(kind: .customerFault, announcedMicroseconds: nil),
        ExclusionRule(kind: .forceMajeure, announcedMicroseconds: nil),
      ],
      minimum: MinimumCredit(amounts: [dollar: 100]),
      limits: RunLimits(
        shareOfMonthlyFees: BasisPoints(5000), granted: [dollar: 25_000_000], takenBack: [:]))
    #expect(read.versions == [expected])
  }

  @Test func builtInPolicyIsTheExampleWithoutMinimumPlansAndGranted() throws {
    let built = try #require(PolicyFile.builtIn.versions.first)
    #expect(PolicyFile.builtIn.versions.count == 1)
    #expect(
      built.terms
        == PlanRules(
          rule: .tiers([
            PolicySamples.tier(.p0, PolicySamples.hour, 1000),
            PolicySamples.tier(.p0, 4 * PolicySamples.hour, 2500),
            PolicySamples.tier(.p1, 4 * PolicySamples.hour, 500),
          ]), cap: .whole))
    #expect(built.plans == [:] && built.minimum == .none)
    #expect(built.limits.shareOfMonthlyFees == BasisPoints(5000))
    #expect(built.limits.granted == [:] && built.limits.takenBack == [:])
  }

  @Test func builtInProceduresAreThoseThatHoldWithoutASection() throws {
    #expect(PolicyFile.builtInDocument.procedures == [ProcedureDefaults.rules])
    let bare = try PolicyFile.document(
      bytes: Array(
        """
        versions:
          - {version: a, effective_from: 2025-01-01, time_zone: UTC, tiers: none}
          - version: b
            effective_from: 2026-01-01
            time_zone: UTC
            tiers: none
            procedures:
              targets: [{severity: P2, respond: 1h, resolve: 2h}]
              during_p0: {in_app_banner: none, response_team: 5m, resolution_message: 1h}
              escalation: [{trigger: security, within: 1h, P0: 4, P1: 3, P2: 2, P3: 1}]
              post_mortem: {business_days: 3}
              holidays: [2027-01-01, 2026-12-25]
        """.utf8), name: "policy.yaml")
    #expect(bare.procedures[0] == ProcedureDefaults.rules)
    let other = bare.procedures[1]
    #expect(other.targets.p2.resolutionMicroseconds == 7_200_000_000)
    #expect(other.targets.p0 == ProcedureDefaults.targets.p0)
    #expect(other.critical.within[.inAppBanner] == nil)
    #expect(other.critical.within[.responseTeam] == 300_000_000)
    #expect(other.critical.within[.socialMedia] == 1_800_000_000)
    #expect(other.critical.within[.resolutionMessage] == 3_600_000_000)
    #expect(other.escalation.map(\.trigger) == [.security])
    #expect(other.postMortem.businessDays == 3 && other.postMortem.shareBusinessDays == 5)
    #expect(other.postMortem.severities == [.p0, .p1])
    #expect(other.holidays.map(\.text) == ["2026-12-25", "2027-01-01"])
  }

  /// Response procedures are not part of the frozen policy, because holidays are added to versions
  /// that are in use.
  @Test func proceduresAreNoPartOfWhatIsFrozen() throws {
    let text = PolicyFile.builtInText
    let start = try #require(text.range(of: "    # What redress audit looks for"))
    let without = try PolicySamples.policy(String(text[..<start.lowerBound]))
    let with = try PolicySamples.policy(text.replacing("respond: 15m", with: "respond: 5m"))
    #expect(PolicyFile.digest(of: without.versions[0]) == PolicyFile.digest(of: with.versions[0]))
    #expect(!PolicyFile.canonicalText(of: with.versions[0]).contains("procedures"))
  }

  /// The examples in comments must be valid when uncommented.
  @Test func builtInTextHoldsWithItsExamplesUncommented() throws {
    let lines = PolicyFile.builtInText.split(separator: "\n", omittingEmptySubsequences: false)
    let uncommented = lines.map { line -> String in
      guard let mark = line.range(of: "# "), line.contains(": ") || line.hasSuffix(":"),
        line[..<mark.lowerBound].allSatisfy({ $0 == " " }), line.hasPrefix("    "),
        line.firstMatch(of: /# +(- )?\{?[a-z_]+:( \{.*\}| [0-9]+%|$| P0.*)/)?.range.upperBound
          == line.endIndex
      else { return String(line) }
      return String(line[..<mark.lowerBound] + line[mark.upperBound...])
    }
    let read = try #require(
      try PolicySamples.policy(uncommented.joined(separator: "\n")).versions.first)
    let dollar = try #require(Currency("USD"))
    #expect(read.minimum == MinimumCredit(amounts: [dollar: 100]))
    #expect(read.plans["platinum"]?.cap == BasisPoints(6000))
    #expect(read.limits.granted == [dollar: 25_000_000])
    #expect(read.limits.takenBack == [dollar: 5_000_000])
  }

  @Test func whatIsLeftOutIsAsInTheBuiltInPolicy() throws {
    let built = try #require(PolicyFile.builtIn.versions.first)
    let read = try PolicySamples.version()
    #expect(read.terms.cap == built.terms.cap)
    #expect(read.overlap == built.overlap && read.rounding == built.rounding)
    #expect(read.exclusions == built.exclusions)
    #expect(read.minimum == built.minimum && read.plans == built.plans)
    #expect(read.limits == built.limits)
    #expect(
      try PolicySamples.version(with: "limits: {granted: {USD: 1}}").limits.shareOfMonthlyFees
        != nil)
  }

  /// Nobody can correct what the ledger keeps, so what earlier releases took is still read.
  @Test(arguments: [PolicyKey.tiers, .rules])
  func anEmptyListIsReadWhereItIsKept(key: PolicyKey) throws {
    let text = """
      versions:
        - {version: a, effective_from: 2025-01-01, time_zone: UTC, \(key.name): []}
      """
    let bytes = Array(text.utf8)
    let error = #expect(throws: PolicyErrors.self) {
      try PolicyFile.parse(bytes: bytes, name: "policy.yaml")
    }
    #expect(error?.errors.map(\.error) == [.rule(.earnsNothing(key))])
    let kept = try PolicyFile.parse(bytes: bytes, name: "policy.yaml", isKept: true)
    let said = try PolicyFile.parse(
      bytes: Array(text.replacing("[]", with: "none").utf8), name: "policy.yaml")
    #expect(kept == said)
    #expect(PolicyFile.canonicalText(of: said.versions[0]).contains("    \(key.name): []\n"))
  }

  @Test func planInheritsWhatItDoesNotName() throws {
    let read = try PolicySamples.version(
      with: """
        cap: 80%
        plans:
          capped: {cap: 50%}
          tiered: {tiers: [{severity: P2, longer_than: 0s, credit: 1%}]}
          nothing: {tiers: none}
          same: {}
        """)
    #expect(read.terms(forPlan: "capped").rule == read.terms.rule)
    #expect(read.terms(forPlan: "capped").cap == BasisPoints(5000))
    #expect(read.terms(forPlan: "tiered").rule == .tiers([PolicySamples.tier(.p2, 0, 100)]))
    #expect(read.terms(forPlan: "tiered").cap == BasisPoints(8000))
    #expect(read.terms(forPlan: "nothing").rule == .tiers([]))
    #expect(read.terms(forPlan: "same") == read.terms)
    #expect(read.terms(forPlan: "other") == read.terms)
  }

  @Test(arguments: [
    "2024", "010", "1:30", "1_000", "yes", "null", "~", "1e3", ".inf", "0x1F", "2025-01-01", "true",
  ])
  func planNamesAreTheTextsTheyAre(name: String) throws {
    let plain = try PolicySamples.version(with: "plans: {\(name) : {cap: 50%}}")
    #expect(Array(plain.plans.keys) == [name])
    let quoted = try PolicySamples.version(with: "plans:\n  \"\(name)\": {cap: 50%}")
    #expect(quoted == plain)
  }

  @Test func emptyListsAndMapsAreMeant() throws {
    let read = try PolicySamples.version(with: "exclude: []\nminimum: {}\nplans: {}\nlimits: {}")
    #expect(read.exclusions == [] && read.plans == [:])
    #expect(read.limits.shareOfMonthlyFees == BasisPoints(5000))
  }

  @Test func shareOfNoneIsNoBound() throws {
    let read = try PolicySamples.version(with: "limits: {share_of_monthly_fees: none}")
    #expect(read.limits.shareOfMonthlyFees == nil)
  }

  @Test func severalVersionsFollowOneAnother() throws {
    let text = """
      versions:
        - {version: a, effective_from: 2024-02-29, time_zone: UTC, tiers: none}
        - {version: b, effective_from: 2024-03-01, time_zone: America/Port-au-Prince, tiers: none}
        - {version: A, effective_from: 9999-12-31, time_zone: Etc/GMT+5, tiers: none}
      """
    #expect(try PolicySamples.policy(text).versions.map(\.name) == ["a", "b", "A"])
  }

  @Test(arguments: [
    "UTC", "GMT+0", "GMT-0", "EST5EDT", "Etc/GMT+5", "Etc/GMT-14", "NZ-CHAT", "W-SU",
    "America/Argentina/ComodRivadavia", "America/Port-au-Prince", "Antarctica/DumontDUrville",
  ])
  func timeZonesAreOnlyLookedAt(name: String) {
    #expect(PolicyTimeZone.isPlausible(name))
  }

  @Test func bytesAroundTheTextSayNothing() throws {
    let text = PolicyFile.builtInText
    let withMark = Array("\u{FEFF}\(text)".utf8)
    let withReturns = Array(text.replacing("\n", with: "\r\n").utf8)
    let withDocument = Array("%YAML 1.2\n---\n\(text)\n...\n".utf8)
    for bytes in [withMark, withReturns, withDocument] {
      #expect(try PolicyFile.parse(bytes: bytes, name: "policy.yaml") == PolicyFile.builtIn)
    }
  }

  @Test func placesCountLinesAsEditorsDo() throws {
    for end in ["\n", "\r\n", "\r"] {
      let text = "# \u{1F600}\(end)versions:\(end)  - \"é\u{1F600}\": 1\(end)"
      let error = #expect(throws: PolicyErrors.self) { try PolicySamples.policy(text) }
      #expect(error?.errors.first?.place == TextPlace(line: 3, column: 5))
    }
    let flow = #expect(throws: PolicyErrors.self) {
      try PolicySamples.policy("{\"é\u{1F600}\": 1, x: 2}")
    }
    #expect(flow?.errors.last?.place == TextPlace(line: 1, column: 11))
  }

  @Test func fileIsReadFromItsPath() throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "policy-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "policy.yaml").path
    try PolicyFile.builtInText.write(toFile: path, atomically: true, encoding: .utf8)
    #expect(try PolicyFile.read(path: path) == PolicyFile.builtIn)
    #expect(try PolicyFile.document(path: path).bytes == Array(PolicyFile.builtInText.utf8))

    let missing = #expect(throws: PolicyErrors.self) {
      try PolicyFile.read(path: "\(folder.path)/missing.yaml")
    }
    #expect(
      missing?.description == """
        \(folder.path)/missing.yaml: the policy file cannot be read: No such file or directory.
        Check the path and the rights of the file.
        """)
    let folderError = #expect(throws: PolicyErrors.self) { try PolicyFile.read(path: folder.path) }
    #expect(folderError?.errors.first?.error == .file(.unreadable(reason: "Is a directory")))
  }
}
