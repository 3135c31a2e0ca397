import CreditLedger
import Digests
import Documents
import FrozenEvidence
import Postgres
import RedressSQL
package import ServiceCredits

/// What a page reads from PostgreSQL besides the lines.
package enum PageQueries {
  /// Reads `{"USD": "123.450000"}` as micros of the major unit; `nil` if the text is something
  /// else.
  package static func fees(_ json: [UInt8]) -> [Currency: Int128]? {
    guard case .object(let members)? = try? JSONValue(json) else { return nil }
    var fees: [Currency: Int128] = [:]
    for member in members {
      guard let currency = member.name.withUnsafeBytes({ Currency(code: $0) }),
        let micros = member.value.micros
      else { return nil }
      fees[currency] = micros
    }
    return fees
  }

  static func fillFindings(
    _ figures: inout LedgerFigures, _ runId: Int64, _ connection: borrowing Connection
  ) throws {
    var groups: [LedgerFigures.FindingGroup] = []
    try connection.query(RedressSQL.Query.pageFindingsByCode.text, [.int64(runId)]) { row in
      groups.append(
        LedgerFigures.FindingGroup(
          code: try row.string(0), findings: try row.int64(1), accepted: try row.int64(2),
          before: try row.int64(3), new: try row.int64(4), gone: try row.int64(5)))
    }
    figures.findings = groups
    var examples: [[String]] = []
    try connection.query(
      RedressSQL.Query.pageFindings.text, [.int64(runId), .int32(shownFindings)]
    ) { row in examples.append(try FindingText.columns.indices.map { try row.string($0) }) }
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
    case .month(let month), .monthAt(let month, _):
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
    try fillInvoices(&figures, scope, connection)
    figures.setOffs = try SetOffs.all(selection, connection)
  }

  /// How many invoices of each currency are shown.
  static let shownInvoices: Int32 = 100

  private static func fillInvoices(
    _ figures: inout LedgerFigures, _ scope: [Parameter], _ connection: borrowing Connection
  ) throws {
    var (invoices, sums): ([LedgerFigures.OnInvoices], [LedgerFigures.OnInvoices]) = ([], [])
    try connection.query(
      RedressSQL.Query.pageInvoices.text, scope + [.int32(shownInvoices)]
    ) { row in
      let currency = try currency(row.bytes(0))
      guard let minor = Int128(try row.string(3)), let all = Int128(try row.string(6)) else {
        throw LedgerError.unreadableCredit(
          customer: "", subscription: "", incident: "", column: "amount_minor")
      }
      invoices.append(
        LedgerFigures.OnInvoices(
          currency: currency, invoiceId: try row.string(1), invoices: 1,
          rows: try row.int64(2), placedMinor: -minor))
      guard sums.last?.currency != currency else { return }
      sums.append(
        LedgerFigures.OnInvoices(
          currency: currency, invoiceId: nil, invoices: try row.int64(4),
          rows: try row.int64(5), placedMinor: -all))
    }
    figures.invoices = invoices
    figures.invoiceSums = sums
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
  static func fill(
    _ figures: inout LedgerFigures, _ version: PolicyVersion, after earlier: DayAmounts
  ) {
    guard let run = figures.run else { return }
    figures.limitsVersion = version.name
    let limits = version.limits
    for total in figures.currencies {
      let currency = total.currency
      for isGranted in [true, false] {
        let ownMinor = isGranted ? total.grantedMinor : total.takenBackMinor
        let before = (isGranted ? earlier.grantedMinor : earlier.takenBackMinor)[currency] ?? 0
        // A run that changes nothing passes no limit.
        let earlierMinor = ownMinor > 0 ? Int64(clamping: before) : 0
        let amount = Money(
          amountMinor: Int64(clamping: Int128(ownMinor) + Int128(earlierMinor)), currency: currency)
        if let most = (isGranted ? limits.granted : limits.takenBack)[currency] {
          figures.limits.append(
            LedgerFigures.Limit(
              isGranted: isGranted, total: amount, hasEarlier: earlierMinor > 0,
              mostMicros: Int128(most) * Int128(1_000_000 / currency.minorUnitsPerMajor),
              share: nil))
        }
        if let share = limits.shareOfMonthlyFees {
          let isBelowFloor = amount.amountMinor <= limits.floor[currency] ?? 0
          figures.limits.append(
            LedgerFigures.Limit(
              isGranted: isGranted, total: amount, hasEarlier: earlierMinor > 0,
              mostMicros: (run.limitFeesMicros[currency] ?? 0) * Int128(share.value) / 10_000,
              share: share, isBelowFloor: isBelowFloor))
        }
      }
    }
  }
}

extension LedgerFigures.Run {
  init(_ run: RecordedRun) {
    self.init(
      runId: run.runId, asOf: run.asOf, startedAt: run.beganAt, finishedAt: run.finishedAt,
      months: run.months, policyDigest: SHA256Digest(run.policyDigest)?.hex ?? "",
      programVersion: run.programVersion, runBy: run.runBy, limitsApproved: run.limitsApproved,
      revisions: run.revisions, invoiceLines: run.invoiceLines, findings: run.findings,
      customers: run.customers, subscriptions: run.subscriptions,
      feesMicros: PageQueries.fees(run.monthlyFees) ?? [:],
      limitFeesMicros: PageQueries.fees(run.limitFees ?? run.monthlyFees) ?? [:])
    postedOn = run.postedOn
    closedThrough = run.closed.through
  }
}
