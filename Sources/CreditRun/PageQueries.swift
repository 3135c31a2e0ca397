import CreditLedger
import CreditReports
import Digests
import Postgres
import RedressSQL
import ServiceCredits

/// What a page asks PostgreSQL beside the lines themselves.
enum PageQueries {
  struct Run {
    let facts: LedgerFigures.Run
    let evidenceDigest: [UInt8]
  }

  /// `nil` where there is no such run.
  static func run(_ runId: Int64, _ connection: borrowing Connection) throws -> Run? {
    var found: Run?
    try connection.query(RedressSQL.Query.pageRun.text, [.int64(runId)]) { row in
      let first = BillingMonth(daysSinceUnixEpoch: try row.date(4))
      let last = BillingMonth(daysSinceUnixEpoch: try row.date(5))
      found = Run(
        facts: LedgerFigures.Run(
          runId: try row.int64(0), asOf: Instant(microseconds: try row.timestamp(1)),
          startedAt: Instant(microseconds: try row.timestamp(2)),
          finishedAt: Instant(microseconds: try row.timestamp(3)), months: first...max(first, last),
          policyDigest: SHA256Digest(row.array(6) ?? [])?.hex ?? "",
          programVersion: try row.string(8),
          runBy: try row.string(9), limitsApproved: try row.bool(10),
          revisions: try row.int64(11), invoiceLines: try row.int64(12),
          findings: try row.int64(13), customers: try row.int64(14),
          subscriptions: try row.int64(15), feesMicros: fees(row.array(16) ?? [])),
        evidenceDigest: row.array(7) ?? [])
    }
    return found
  }

  /// `{"USD": "123.450000"}` in micros.
  static func fees(_ json: [UInt8]) -> [Currency: Int128] {
    guard case .object(let members) = try? JSONValue(json) else { return [:] }
    var fees: [Currency: Int128] = [:]
    for member in members {
      guard let currency = member.name.withUnsafeBytes({ Currency(code: $0) }),
        let text = member.value.string
      else { continue }
      let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
      var micros: Int128 = 0
      let decimals = parts.count > 1 ? Array(parts[1].prefix(6)) : []
      for digit in Array(parts.first ?? []) + decimals { micros = micros * 10 + Int128(digit) - 48 }
      for _ in decimals.count..<6 { micros *= 10 }
      fees[currency] = micros
    }
    return fees
  }

  /// What all customers of the run share.
  static func evidence(_ run: Run, _ connection: borrowing Connection) throws -> JSONValue {
    guard
      let content = try RecordedRun.evidence(of: "", digest: run.evidenceDigest, connection)
    else { throw ReportError.evidenceMissing(runId: run.facts.runId) }
    guard let document = try? JSONValue(content) else {
      throw ReportError.evidenceUnreadable(runId: run.facts.runId)
    }
    return document
  }

  static func fillFindings(
    _ figures: inout LedgerFigures, _ runId: Int64, _ connection: borrowing Connection
  ) throws {
    var groups: [LedgerFigures.FindingGroup] = []
    try connection.query(RedressSQL.Query.pageFindingsByCode.text, [.int64(runId)]) { row in
      groups.append(
        LedgerFigures.FindingGroup(
          code: try row.string(0), findings: try row.int64(1), before: try row.int64(2),
          new: try row.int64(3), gone: try row.int64(4)))
    }
    figures.findings = groups
    var examples: [[String]] = []
    try connection.query(
      RedressSQL.Query.pageFindings.text, [.int64(runId), .int32(shownFindings)]
    ) { row in examples.append(try (0..<5).map { try row.string($0) }) }
    figures.findingExamples = examples
  }

  /// How many findings of each code are shown.
  static let shownFindings: Int32 = 10

  static func fill(
    _ figures: inout LedgerFigures, _ selection: LedgerSelection,
    _ connection: borrowing Connection
  ) throws {
    let scope: [Parameter]
    switch selection {
    case .run(let runId):
      scope = [.int64(runId), .null]
      figures.ledgerAmounts = try amounts(runId, connection)
    case .month(let month):
      let first = Parameter.date(month.daysSinceUnixEpoch)
      scope = [.null, first]
      var runs: [LedgerFigures.RunOfMonth] = []
      try connection.query(RedressSQL.Query.pageMonthByRun.text, [first]) { row in
        runs.append(
          LedgerFigures.RunOfMonth(
            runId: try row.int64(0), asOf: Instant(microseconds: try row.timestamp(1)),
            currency: try currency(row.bytes(2)),
            sum: .init(rows: try row.int64(3), amountMinor: try row.int64(4))))
      }
      figures.runsOfMonth = runs
    }
    var decreases: [LedgerFigures.Decreases] = []
    try connection.query(RedressSQL.Query.pageDecreases.text, scope) { row in
      decreases.append(
        LedgerFigures.Decreases(
          reason: try row.string(0), currency: try currency(row.bytes(1)),
          sum: .init(rows: try row.int64(2), amountMinor: try row.int64(3))))
    }
    figures.decreases = decreases
  }

  private static func amounts(
    _ runId: Int64, _ connection: borrowing Connection
  ) throws -> [LedgerFigures.LedgerAmount] {
    var amounts: [LedgerFigures.LedgerAmount] = []
    try connection.query(RedressSQL.Query.pageAmounts.text, [.int64(runId)]) { row in
      guard let kind = RevisionKind(rawValue: try row.string(2)) else {
        throw LedgerError.unreadableCredit(
          customer: "", subscription: "", incident: "", column: "kind")
      }
      amounts.append(
        LedgerFigures.LedgerAmount(
          runsAgo: Int(try row.int32(0)), currency: try currency(row.bytes(1)), kind: kind,
          sum: .init(rows: try row.int64(3), amountMinor: try row.int64(4))))
    }
    return amounts
  }

  private static func currency(_ code: UnsafeRawBufferPointer) throws -> Currency {
    guard let currency = Currency(code: code) else {
      throw LedgerError.unknownCurrency(String(decoding: code, as: UTF8.self))
    }
    return currency
  }
}

/// How near a run came to the limits of its policy.
/// - Source: credit rules, section 10.
enum PageLimits {
  static func fill(_ figures: inout LedgerFigures, _ connection: borrowing Connection) throws {
    guard let run = figures.run, let version = try version(of: run, connection) else { return }
    figures.limitsVersion = version.name
    let limits = version.limits
    for total in figures.currencies {
      let currency = total.currency
      for isGranted in [true, false] {
        let amount = Money(
          amountMinor: isGranted ? total.grantedMinor : total.takenBackMinor, currency: currency)
        if let most = (isGranted ? limits.granted : limits.takenBack)[currency] {
          figures.limits.append(
            LedgerFigures.Limit(
              isGranted: isGranted, total: amount,
              mostMicros: Int128(most) * Int128(1_000_000 / currency.minorUnitsPerMajor),
              share: nil))
        }
        if let share = limits.shareOfMonthlyFees {
          figures.limits.append(
            LedgerFigures.Limit(
              isGranted: isGranted, total: amount,
              mostMicros: (run.feesMicros[currency] ?? 0) * Int128(share.value) / 10_000,
              share: share))
        }
      }
    }
  }

  /// The newest version in force at the run's as-of instant that runs up to it have used.
  private static func version(
    of run: LedgerFigures.Run, _ connection: borrowing Connection
  ) throws -> PolicyVersion? {
    var versions: [PolicyVersion] = []
    try connection.query(RedressSQL.Query.explainVersions.text) { row in
      guard try row.int64(1) <= run.runId else { return }
      versions.append(
        try PolicyFile.version(canonicalText: row.array(0) ?? [], name: "redress.policy_version"))
    }
    var newest: (version: PolicyVersion, start: Instant)?
    for version in versions {
      var start = Instant.distantFuture
      try connection.query(
        RedressSQL.Query.versionStart.text,
        [.text(version.timeZone), .text(version.effectiveFrom.text)]
      ) { start = Instant(microseconds: try $0.timestamp(0)) }
      guard start <= run.asOf, newest.map({ $0.start < start }) ?? true else { continue }
      newest = (version, start)
    }
    return newest?.version
  }
}
