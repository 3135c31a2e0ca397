import Foundation
import ResponseProcedures
import SeededRandom
import ServiceCredits
import TestSupport
import Testing

@testable import PolicyFiles

private let hour: Int64 = 3_600_000_000

/// What `text` says, read as a policy file.
private func policy(_ text: String) throws -> CreditPolicy {
  try PolicyFile.parse(bytes: Array(text.utf8), name: "policy.yaml")
}

/// The only version of a file with one tier and `lines`, which are indented by four spaces here.
private func version(with lines: String = "") throws -> PolicyVersion {
  let text = """
    versions:
      - version: v
        effective_from: 2025-01-01
        time_zone: UTC
        tiers: [{severity: P0, longer_than: 1h, credit: 10%}]

    """
  let indented = lines.split(separator: "\n").map { "    \($0)\n" }.joined()
  return try #require(try policy(text + indented).versions.first)
}

private func tier(_ severity: Severity, _ longerThan: Int64, _ credit: Int32) -> CreditTier {
  CreditTier(severity: severity, longerThanMicroseconds: longerThan, credit: BasisPoints(credit))
}

@Suite struct PolicyFileTests {
  @Test func exampleOfTheRulesSaysWhatItSays() throws {
    let dollar = try #require(Currency("USD"))
    let read = try policy(
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
      rule: .tiers([tier(.p0, hour / 2, 1500), tier(.p0, 4 * hour, 5000)]), cap: BasisPoints(6000))
    let expected = PolicyVersion(
      name: "outage-response-1",
      effectiveFrom: try #require(CalendarDate(year: 2025, month: 1, day: 1)), timeZone: "UTC",
      terms: PlanRules(
        rule: .tiers([
          tier(.p0, hour, 1000), tier(.p0, 4 * hour, 2500), tier(.p1, 4 * hour, 500),
        ]), cap: .whole),
      plans: ["platinum": platinum], overlap: .countOnce, rounding: .halfUp,
      exclusions: [
        ExclusionRule(kind: .scheduledMaintenance, announcedMicroseconds: 24 * hour),
        ExclusionRule(kind: .customerFault, announcedMicroseconds: nil),
        ExclusionRule(kind: .forceMajeure, announcedMicroseconds: nil),
      ],
      minimum: [dollar: 100],
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
            tier(.p0, hour, 1000), tier(.p0, 4 * hour, 2500), tier(.p1, 4 * hour, 500),
          ]), cap: .whole))
    #expect(built.plans == [:] && built.minimum == [:])
    #expect(built.limits.shareOfMonthlyFees == BasisPoints(5000))
    #expect(built.limits.granted == [:] && built.limits.takenBack == [:])
  }

  @Test func builtInProceduresAreThoseThatHoldWithoutASection() throws {
    #expect(PolicyFile.builtInDocument.procedures == [ProcedureDefaults.rules])
    let bare = try PolicyFile.document(
      bytes: Array(
        """
        versions:
          - {version: a, effective_from: 2025-01-01, time_zone: UTC, tiers: []}
          - version: b
            effective_from: 2026-01-01
            time_zone: UTC
            tiers: []
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

  /// What a run freezes decides on money; holidays are added to versions that are in use.
  @Test func proceduresAreNoPartOfWhatIsFrozen() throws {
    let text = PolicyFile.builtInText
    let start = try #require(text.range(of: "    # What redress audit looks for"))
    let without = try policy(String(text[..<start.lowerBound]))
    let with = try policy(text.replacing("respond: 15m", with: "respond: 5m"))
    #expect(PolicyFile.digest(of: without.versions[0]) == PolicyFile.digest(of: with.versions[0]))
    #expect(!PolicyFile.canonicalText(of: with.versions[0]).contains("procedures"))
  }

  /// The commented examples are meant to be uncommented.
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
    let read = try #require(try policy(uncommented.joined(separator: "\n")).versions.first)
    let dollar = try #require(Currency("USD"))
    #expect(read.minimum == [dollar: 100])
    #expect(read.plans["platinum"]?.cap == BasisPoints(6000))
    #expect(read.limits.granted == [dollar: 25_000_000])
    #expect(read.limits.takenBack == [dollar: 5_000_000])
  }

  @Test func whatIsLeftOutIsAsInTheBuiltInPolicy() throws {
    let built = try #require(PolicyFile.builtIn.versions.first)
    let read = try version()
    #expect(read.terms.cap == built.terms.cap)
    #expect(read.overlap == built.overlap && read.rounding == built.rounding)
    #expect(read.exclusions == built.exclusions)
    #expect(read.minimum == built.minimum && read.plans == built.plans)
    #expect(read.limits == built.limits)
    #expect(try version(with: "limits: {granted: {USD: 1}}").limits.shareOfMonthlyFees != nil)
  }

  @Test func planInheritsWhatItDoesNotName() throws {
    let read = try version(
      with: """
        cap: 80%
        plans:
          capped: {cap: 50%}
          tiered: {tiers: [{severity: P2, longer_than: 0s, credit: 1%}]}
          nothing: {tiers: []}
          same: {}
        """)
    #expect(read.terms(forPlan: "capped").rule == read.terms.rule)
    #expect(read.terms(forPlan: "capped").cap == BasisPoints(5000))
    #expect(read.terms(forPlan: "tiered").rule == .tiers([tier(.p2, 0, 100)]))
    #expect(read.terms(forPlan: "tiered").cap == BasisPoints(8000))
    #expect(read.terms(forPlan: "nothing").rule == .tiers([]))
    #expect(read.terms(forPlan: "same") == read.terms)
    #expect(read.terms(forPlan: "other") == read.terms)
  }

  @Test(arguments: [
    "2024", "010", "1:30", "1_000", "yes", "null", "~", "1e3", ".inf", "0x1F", "2025-01-01", "true",
  ])
  func planNamesAreTheTextsTheyAre(name: String) throws {
    let plain = try version(with: "plans: {\(name) : {cap: 50%}}")
    #expect(Array(plain.plans.keys) == [name])
    let quoted = try version(with: "plans:\n  \"\(name)\": {cap: 50%}")
    #expect(quoted == plain)
  }

  @Test func emptyListsAndMapsAreMeant() throws {
    let read = try version(with: "exclude: []\nminimum: {}\nplans: {}\nlimits: {}")
    #expect(read.exclusions == [] && read.plans == [:])
    #expect(read.limits.shareOfMonthlyFees == BasisPoints(5000))
  }

  @Test func shareOfNoneIsNoBound() throws {
    let read = try version(with: "limits: {share_of_monthly_fees: none}")
    #expect(read.limits.shareOfMonthlyFees == nil)
  }

  @Test func severalVersionsFollowOneAnother() throws {
    let text = """
      versions:
        - {version: a, effective_from: 2024-02-29, time_zone: UTC, tiers: []}
        - {version: b, effective_from: 2024-03-01, time_zone: America/Port-au-Prince, tiers: []}
        - {version: A, effective_from: 9999-12-31, time_zone: Etc/GMT+5, tiers: []}
      """
    #expect(try policy(text).versions.map(\.name) == ["a", "b", "A"])
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
      let error = #expect(throws: PolicyErrors.self) { try policy(text) }
      #expect(error?.errors.first?.place == TextPlace(line: 3, column: 5))
    }
    let flow = #expect(throws: PolicyErrors.self) { try policy("{\"é\u{1F600}\": 1, x: 2}") }
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
    #expect(folderError?.errors.first?.error == .unreadable(reason: "Is a directory"))
  }
}

@Suite struct PolicyValueTests {
  @Test(
    arguments: [
      ("0s", 0), ("1us", 1), ("1ms", 1000), ("500ms", 500_000), ("1s", 1_000_000),
      ("90s", 90_000_000), ("30m", hour / 2), ("60m", hour), ("1h", hour), ("1h30m", hour / 2 * 3),
      ("1h0m", hour), ("1h90m", hour / 2 * 5), ("4h1us", 4 * hour + 1), ("2d", 48 * hour),
      ("1w", 168 * hour), ("1w2d3h4m5s6ms7us", 219 * hour + 245_006_007),
      ("PT0S", 0), ("PT1H30M", hour / 2 * 3), ("PT90M", hour / 2 * 3), ("PT0.5S", 500_000),
      ("PT4H0.000001S", 4 * hour + 1), ("P1D", 24 * hour), ("P1DT12H", 36 * hour),
      ("P2W", 336 * hour),
      ("9223372036854775806us", Int64.max - 1), ("106751991d", 106_751_991 * 24 * hour),
      ("PT2562047788H54.775806S", Int64.max - 1),
    ] as [(String, Int64)])
  func durations(text: String, microseconds: Int64) throws {
    #expect(try PolicyDuration.read(text) == microseconds)
    #expect(try PolicyDuration.read(PolicyDuration.text(microseconds)) == microseconds)
    #expect(try PolicyDuration.read(DurationText.iso8601(microseconds)) == microseconds)
  }

  @Test(
    arguments: [
      (0, "0s"), (1, "1us"), (1000, "1ms"), (1001, "1ms1us"), (90_000_000, "1m30s"), (hour, "1h"),
      (24 * hour, "24h"), (Int64.max - 1, "2562047788h54s775ms806us"),
    ] as [(Int64, String)])
  func canonicalDurations(microseconds: Int64, text: String) {
    #expect(PolicyDuration.text(microseconds) == text)
  }

  @Test(arguments: [
    ("0.01%", 1), ("0.1%", 10), ("0.10%", 10), ("1%", 100), ("6.25%", 625), ("12.5%", 1250),
    ("10.00%", 1000), ("99.99%", 9999), ("100%", 10_000), ("100.0%", 10_000),
  ])
  func percentages(text: String, basisPoints: Int32) throws {
    #expect(try PolicyPercent.read(text, atMost: .whole) == BasisPoints(basisPoints))
  }

  @Test(arguments: [
    ("0", "USD", 0), ("1", "USD", 100), ("1.5", "USD", 150), ("1.00", "USD", 100),
    ("0.01", "USD", 1), ("250000", "USD", 25_000_000), ("100", "JPY", 100), ("0.001", "KWD", 1),
    ("1.2345", "CLF", 12_345), ("92233720368547758.07", "USD", Int64.max),
    ("9223372036854775807", "JPY", Int64.max),
  ])
  func amounts(text: String, code: String, minor: Int64) throws {
    let currency = try #require(Currency(code))
    #expect(try PolicyAmount.read(text, in: currency) == minor)
    #expect(try PolicyAmount.read(PolicyAmount.text(minor, in: currency), in: currency) == minor)
  }

  @Test(arguments: [
    ("tier", "tiers"), ("teirs", "tiers"), ("Cap", "cap"), ("timezone", "time_zone"),
    ("time-zone", "time_zone"), ("effective", "effective_from"), ("longer", "longer_than"),
    ("share of monthly fees", "share_of_monthly_fees"), ("p", nil), ("xyz", nil), ("", nil),
    ("e", nil), (String(repeating: "cap", count: 1000), nil),
  ])
  func nearMisses(word: String, expected: String?) {
    #expect(
      NearMiss.nearest(to: word, among: PolicyKey.allCases.map(\.rawValue)) == expected)
  }
}

@Suite struct PolicyCanonicalTextTests {
  @Test func textIsWholeAndPlain() throws {
    let version = try version(
      with: """
        plans:
          zinc: {cap: 12.5%}
          "a \\"b\\"\\n": {tiers: [], cap: 1%}
        minimum: {USD: 1.5, JPY: 100, EUR: 0}
        limits: {share_of_monthly_fees: none, taken_back: {USD: 10}}
        exclude: [{kind: customer_fault}, {kind: scheduled_maintenance, announced: 90m}]
        """)
    #expect(
      PolicyFile.canonicalText(of: version) == #"""
        versions:
          - version: "v"
            effective_from: 2025-01-01
            time_zone: UTC
            tiers:
              - {severity: P0, longer_than: 1h, credit: 10%}
            cap: 100%
            overlap: count_once
            rounding: half_up
            exclude:
              - {kind: scheduled_maintenance, announced: 1h30m}
              - {kind: customer_fault}
            minimum: {JPY: 100, USD: 1.50}
            plans:
              "a \"b\"\n":
                tiers: []
                cap: 1%
              "zinc":
                tiers:
                  - {severity: P0, longer_than: 1h, credit: 10%}
                cap: 12.5%
            limits:
              share_of_monthly_fees: none
              granted: {}
              taken_back: {USD: 10}

        """#)
  }

  @Test func equalMeaningIsEqualText() throws {
    let one = try version(
      with: """
        exclude: [{kind: customer_fault}, {kind: force_majeure, announced: 60m}]
        plans:
          a: {tiers: [{severity: P0, longer_than: 90m, credit: 5%}, {severity: P1, longer_than: 1d, credit: 1%}]}
          b: {cap: 100%}
        minimum: {USD: 1}
        """)
    let other = try version(
      with: """
        minimum: {"USD": 1.00, EUR: 0.00}
        plans:
          a: {cap: 100.00%, tiers: [{credit: 1.0%, severity: P1, longer_than: P1D}, {severity: P0, longer_than: PT1H30M, credit: 5%}]}
        exclude: [{announced: 1h, kind: force_majeure}, {kind: 'customer_fault'}]
        cap: 100%
        """)
    #expect(one == other)
    #expect(PolicyFile.canonicalText(of: one) == PolicyFile.canonicalText(of: other))
  }

  @Test func readingBackGivesTheSameVersion() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<300 {
      let version = PolicyVersion.random(using: &random)
      let text = PolicyFile.canonicalText(of: version)
      let read = try PolicyFile.version(canonicalText: Array(text.utf8), name: "seed \(seed)")
      #expect(read == version, "seed \(seed)")
      #expect(PolicyFile.canonicalText(of: read).utf8.elementsEqual(text.utf8), "seed \(seed)")
    }
  }

  @Test func severalVersionsAreNotOne() throws {
    let text = """
      versions:
        - {version: a, effective_from: 2025-01-01, time_zone: UTC, tiers: []}
        - {version: b, effective_from: 2026-01-01, time_zone: UTC, tiers: []}
      """
    let error = #expect(throws: PolicyErrors.self) {
      try PolicyFile.version(canonicalText: Array(text.utf8), name: "redress.policy_version")
    }
    #expect(error?.errors.map(\.error) == [.severalVersions(2)])
  }
}

@Suite struct HostilePolicyFileTests {
  /// Nine levels of nine aliases each would be 400 million values.
  @Test(.timeLimit(.minutes(1)), arguments: [false, true])
  func aliasBombIsRefused(asKey: Bool) throws {
    var text = "a: &a [x,x,x,x,x,x,x,x,x]\n"
    for (letter, last) in zip("bcdefghi", "abcdefgh") {
      let aliases = [String](repeating: "*\(last)", count: 9).joined(separator: ",")
      text += "\(letter): &\(letter) [\(aliases)]\n"
    }
    text += asKey ? "? *i\n: 1\n" : "versions: *i\n"
    let error = #expect(throws: PolicyErrors.self) { try policy(text) }
    #expect((error?.errors.count ?? 0) < 200)
    #expect(error?.errors.contains { $0.error == .alias("i") } == true)
  }

  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      "[", "{", "- ", "? ", "a: {", "[a, ", "{a: ", "x", "x ", "x\n", "\"", "'", "# ", "\n", "a:\n",
      "- {severity: P0}\n", "*a ", "&a ", "! ", "- |\n ", "versions: [", "\u{1F600}", "\u{7}",
      "- &a b\n", "- !a b\n",
      "- *a\n", "x: y\n", "? [a]\n",
    ])
  func oneMebibyteOfAnythingIsRefusedInTime(piece: String) throws {
    let count = PolicyText.longestBytes / piece.utf8.count
    let text = String(repeating: piece, count: count)
    let error = #expect(throws: PolicyErrors.self) { try policy(text) }
    #expect((error?.errors.count ?? 0) <= PolicyErrorList.mostKept)
    #expect((error?.description.utf8.count ?? 0) < 1_000_000)
  }

  @Test(.timeLimit(.minutes(1)))
  func oneMebibyteOfTiersIsRead() throws {
    var text = """
      versions:
        - version: v
          effective_from: 2025-01-01
          time_zone: UTC
          tiers:

      """
    var tiers = 0
    while text.utf8.count < PolicyText.longestBytes - 80, tiers < 10_000 {
      tiers += 1
      let percent = BasisPoints(Int32(tiers)).percentText
      text += "      - {severity: P0, longer_than: \(tiers)s, credit: \(percent)%}\n"
    }
    let read = try #require(try policy(text).versions.first)
    guard case .tiers(let list) = read.terms.rule else { return }
    #expect(list.count == tiers)
  }

  @Test func longestFileIsReadAndOneByteMoreIsNot() throws {
    let text = PolicyFile.builtInText
    let padding = String(repeating: "#", count: PolicyText.longestBytes - text.utf8.count)
    #expect(try policy(text + padding) == PolicyFile.builtIn)
    let error = #expect(throws: PolicyErrors.self) { try policy(text + padding + "#") }
    #expect(
      error?.description == """
        policy.yaml: the file is longer than 1048576 bytes, the most that a policy file may have.
        Check that this is the policy file; leave out versions that no incident needs any more.
        """)
  }

  /// Whatever happens to a file, it is read or refused, and errors are inside it.
  @Test func damagedFilesAreReadOrRefused() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededGenerator(seed: seed)
    let whole = Array(PolicyFile.builtInText.utf8).filter { $0 != UInt8(ascii: "#") }
    let letters = Array("{}[]:,-&*!|>'\"%@`#\n\t \\0123456789PThms?~\u{FEFF}é".utf8)
    for _ in 0..<2000 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let position = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes.remove(at: position)
        case 1: bytes[position] = letters.randomElement(using: &random) ?? 0
        case 2: bytes.insert(letters.randomElement(using: &random) ?? 0, at: position)
        default: bytes.removeSubrange(position..<min(bytes.count, position + 40))
        }
      }
      do throws(PolicyErrors) {
        _ = try PolicyFile.parse(bytes: bytes, name: "policy.yaml")
      } catch {
        let lines = bytes.count { $0 == UInt8(ascii: "\n") } + 2
        #expect(error.errors.allSatisfy { (1...lines).contains($0.place.line) }, "seed \(seed)")
      }
    }
  }
}

// MARK: Random policies

extension PolicyVersion {
  /// Any version that a file can hold, with names that a file can hardly hold.
  fileprivate static func random(using random: inout SeededGenerator) -> PolicyVersion {
    let names = [
      "gold", "2024", "010", "1:30", "yes", "null", "~", "", " gold ", "a: b", "#", "\"", "\\", "'",
      "- x", "{", "é", "\u{1F600}", "a\nb", "\t", "\u{7F}", "\u{85}", "\u{A0}", "\u{200B}",
      "\u{202E}",
      "\u{2028}", "\u{FEFF}", "\u{E0001}", "*a", "&a", "!a", "%", "@", "`", "?", "|", ">", "x,y",
      "[",
      String(repeating: "long ", count: 300), String(repeating: "\u{E0001}", count: 300),
    ].filter { !$0.isEmpty }
    var plans: [String: PlanRules] = [:]
    for _ in 0..<Int.random(in: 0...4, using: &random) {
      plans[names.randomElement(using: &random) ?? "gold"] = PlanRules.random(using: &random)
    }
    let year = Int.random(in: 1...9999, using: &random)
    let month = Int.random(in: 1...12, using: &random)
    let day = Int.random(in: 1...28, using: &random)
    guard let date = CalendarDate(year: year, month: month, day: day) else {
      preconditionFailure("every month has 28 days")
    }
    return PolicyVersion(
      name: ["v", "2025", "a \"b\"", "é", "1.0", "# no comment", "\u{1F600}"]
        .randomElement(using: &random) ?? "v",
      effectiveFrom: date,
      timeZone: ["UTC", "Etc/GMT+5", "Europe/Berlin"].randomElement(using: &random) ?? "UTC",
      terms: PlanRules.random(using: &random), plans: plans,
      overlap: OverlapRule.allCases.randomElement(using: &random) ?? .countOnce,
      rounding: RoundingRule.allCases.randomElement(using: &random) ?? .halfUp,
      exclusions: ExclusionKind.allCases.shuffled(using: &random)
        .prefix(Int.random(in: 0...3, using: &random)).map { kind in
          let announced = Int64.random(in: 0...hour * 100, using: &random)
          return ExclusionRule(
            kind: kind, announcedMicroseconds: Bool.random(using: &random) ? announced : nil)
        },
      minimum: amounts(using: &random),
      limits: RunLimits(
        shareOfMonthlyFees: Bool.random(using: &random)
          ? BasisPoints(Int32.random(in: 1...100_000, using: &random)) : nil,
        granted: amounts(using: &random), takenBack: amounts(using: &random)))
  }

  private static func amounts(using random: inout SeededGenerator) -> [Currency: Int64] {
    var amounts: [Currency: Int64] = [:]
    for code in ["USD", "JPY", "KWD", "CLF", "EUR"] where Bool.random(using: &random) {
      guard let currency = Currency(code) else { continue }
      let bounds: [Int64] = [10, 10_000, .max]
      let largest = bounds.randomElement(using: &random) ?? 10
      amounts[currency] = Int64.random(in: 0...largest, using: &random)
    }
    return amounts
  }
}

extension PlanRules {
  fileprivate static func random(using random: inout SeededGenerator) -> PlanRules {
    var tiers: [CreditTier] = []
    for _ in 0..<Int.random(in: 0...5, using: &random) {
      let bounds: [Int64] = [10, hour, 24 * hour, .max - 1]
      let longest = bounds.randomElement(using: &random) ?? hour
      let new = tier(
        Severity.allCases.randomElement(using: &random) ?? .p0,
        Int64.random(in: 0...longest, using: &random), Int32.random(in: 1...10_000, using: &random))
      if CreditTier.conflicts(in: tiers + [new]).isEmpty { tiers.append(new) }
    }
    return PlanRules(
      rule: .tiers(tiers), cap: BasisPoints(Int32.random(in: 1...10_000, using: &random)))
  }
}
