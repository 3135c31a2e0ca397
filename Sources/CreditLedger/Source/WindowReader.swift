import Postgres
import ServiceCredits

// The checks of single rows. Whoever reads a row of the source reads it here, so that no reader believes what another
// one reports.

/// Where the columns of an outage window stand in a row.
struct WindowColumns {
  let severity: Int
  let service: Int
  let start: Int
  let end: Int
  let share: Int

  /// Of the queries whose first columns are customer and incident.
  static let ofCustomer = WindowColumns(severity: 2, service: 3, start: 4, end: 5, share: 6)
}

/// Checks one row of `outage`, except for whether its incident and its customer are there.
/// - Source: credit rules, section 9.
enum WindowReader {
  struct Sound {
    let severity: Severity
    /// `nil` for all.
    let service: ServiceNumber?
    let start: Instant
    /// `nil` where it is open, which only a window of an incident that is not resolved is.
    let end: Instant?
    /// How much of the service was out, in millionths.
    let shareMicros: Int64
  }

  /// - Parameters:
  ///   - isResolved: whether the window's incident is resolved at the as-of instant.
  ///   - bad: called for each fault.
  /// - Returns: `nil` where there is any fault.
  static func read(
    _ row: borrowing some BinaryColumns & ~Copyable, _ columns: WindowColumns, isResolved: Bool,
    references: SourceReferences, bad: (Finding.Fault) throws -> Void
  ) throws -> Sound? {
    var isSound = true
    func fault(_ fault: Finding.Fault) throws {
      isSound = false
      try bad(fault)
    }
    let severity = Severity(code: row.bytes(columns.severity))
    if severity == nil { try fault(.unknownSeverity(row.optionalText(columns.severity))) }
    var service: ServiceNumber?
    if !row.isNull(columns.service) {
      switch references.service(row.bytes(columns.service)) {
      case .sound(let number): service = number
      case .doubled: try fault(.doubledService(row.id(columns.service)))
      case .unknown: try fault(.unknownService(row.id(columns.service)))
      }
    }
    let start = try row.instant(columns.start)
    let end = try row.instant(columns.end)
    if let found = timeFault(start, end, isResolved: isResolved, asOf: references.asOf) {
      try fault(found)
    }
    let share = shareMicros(row, columns.share)
    if share == nil { try fault(.shareOutOfRange(row.id(columns.share))) }
    guard isSound, let severity, let start, let share else { return nil }
    return Sound(severity: severity, service: service, start: start, end: end, shareMicros: share)
  }

  /// All of the service where nothing is said; `nil` where it is no number above 0 and at most 1 with six decimals.
  private static func shareMicros(
    _ row: borrowing some BinaryColumns & ~Copyable, _ column: Int
  ) -> Int64? {
    if row.isNull(column) { return Outage.wholeShareMicros }
    var micros: Int64 = 0
    var decimals: Int?
    for byte in row.bytes(column) {
      if byte == UInt8(ascii: "."), decimals == nil {
        decimals = 0
        continue
      }
      guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte else { return nil }
      let digit = Int64(byte - UInt8(ascii: "0"))
      if let known = decimals {
        guard known < 6 || digit == 0 else { return nil }
        decimals = known + 1
        if known < 6 { micros = micros * 10 + digit }
      } else {
        micros = micros * 10 + digit
        guard micros <= 1 else { return nil }
      }
    }
    for _ in min(6, decimals ?? 0)..<6 { micros *= 10 }
    return 1...Outage.wholeShareMicros ~= micros ? micros : nil
  }

  private static func timeFault(
    _ start: Instant?, _ end: Instant?, isResolved: Bool, asOf: Instant
  ) -> Finding.Fault? {
    guard let start, start.isFinite, end?.isFinite ?? true else {
      return .infiniteStretch(start: start, end: end)
    }
    if !start.isPlausible { return .implausibleTime(.startedAt, start) }
    guard let end else { return isResolved ? .windowNotClosed : nil }
    if !end.isPlausible { return .implausibleTime(.endedAt, end) }
    if end < start { return .reversedWindow(end: end) }
    return isResolved && end > asOf ? .endsAfterAsOf(end: end, asOf: asOf) : nil
  }
}

extension SourceExclusion {
  /// - Parameters:
  ///   - firstColumn: where exclusion_id stands; kind, service_id, started_at, ended_at and announced_at follow.
  ///   - report: called where the row is bad.
  /// - Returns: `nil` where it is not applied.
  static func read(
    _ row: borrowing some BinaryColumns & ~Copyable, firstColumn c: Int,
    references: SourceReferences, customer: Owner?, report: (Finding) throws -> Void
  ) throws -> SourceExclusion? {
    func bad(_ fault: Finding.Fault) throws -> SourceExclusion? {
      try report(Finding(.exclusion(row.id(c)), fault))
      return nil
    }
    if row.bytes(c).isEmpty {
      try report(
        Finding(
          .keyless(
            .exclusion, .exclusion, row.key(c),
            [
              FindingKey.Part(.kind, row.key(c + 1)),
              FindingKey.Part(.startedAt, try row.instant(c + 3)),
            ]), .missingKey(.exclusion)))
      return nil
    }
    // Reported once for all of its rows.
    if references.isDoubled(exclusion: row.bytes(c)) { return nil }
    guard let kind = ExclusionKind(rawValue: row.text(c + 1)) else {
      return try bad(.unknownKind(row.optionalText(c + 1)))
    }
    let announced = try row.instant(c + 5)
    guard let start = try row.finiteInstant(c + 3), let end = try row.finiteInstant(c + 4),
      announced?.isFinite ?? true
    else { return try bad(.infiniteExclusion) }
    if !start.isPlausible { return try bad(.implausibleTime(.startedAt, start)) }
    if !end.isPlausible { return try bad(.implausibleTime(.endedAt, end)) }
    if let announced, !announced.isPlausible {
      return try bad(.implausibleTime(.announcedAt, announced))
    }
    guard start <= end else { return try bad(.reversedWindow(end: end)) }
    var service: ServiceNumber?
    if !row.isNull(c + 2) {
      switch references.service(row.bytes(c + 2)) {
      case .sound(let number): service = number
      case .doubled: return try bad(.doubledService(row.id(c + 2)))
      case .unknown: return try bad(.unknownService(row.id(c + 2)))
      }
    }
    return SourceExclusion(
      id: row.text(c),
      exclusion: Exclusion(
        kind: kind, scope: Scope(service: service, customer: customer),
        interval: Interval(start, end), announcedAt: announced))
  }
}

/// Checks one row of `subscription_term`.
/// - Source: credit rules, section 9.
enum TermReader {
  /// - Parameter c: where subscription_id stands; service_id, plan, monthly_fee, currency, valid_from and valid_to
  ///   follow.
  /// - Returns: `nil` where the row is bad; every fault has been reported. A service that has several rows is reported
  ///   itself, and not by each of its terms.
  static func read(
    _ row: borrowing some BinaryColumns & ~Copyable, firstColumn c: Int,
    references: SourceReferences, report: (Finding) throws -> Void
  ) throws -> CustomerRecords.Term.Sound? {
    let start = try row.finiteInstant(c + 5)
    let end = try row.instant(c + 6)
    let service = references.service(row.bytes(c + 1))
    let currency = Currency(code: row.bytes(c + 4))
    let fee = row.isNull(c + 3) ? NumericValue.notANumber : try row.numericMicros(c + 3)
    if let start, start.isPlausible, case .sound(let number) = service, let currency,
      case .micros(let micros) = fee, micros >= 0, !row.isNull(c + 2),
      end.map({ $0.isPlausible && start <= $0 }) ?? true
    {
      return CustomerRecords.Term.Sound(
        interval: Interval(start, end ?? .distantFuture), service: number,
        fee: MonthlyFee(micros: micros, currency: currency))
    }

    let key = FindingKey.term(row.id(c), from: try row.instant(c + 5))
    func bad(_ fault: Finding.Fault) throws { try report(Finding(key, fault)) }
    if case .unknown = service { try bad(.unknownService(row.id(c + 1))) }
    if row.isNull(c + 2) { try bad(.missingValue(.plan)) }
    if currency == nil { try bad(.unknownCurrency(row.optionalText(c + 4))) }
    switch fee {
    case .micros(let micros): if micros < 0 { try bad(.negativeFee) }
    case .tooPrecise: try bad(.feePrecision)
    case .outOfRange, .notANumber: try bad(.feeOutOfRange)
    }
    guard let start, end?.isFinite ?? true else {
      try bad(.infiniteStretch(start: try row.instant(c + 5), end: end))
      return nil
    }
    if !start.isPlausible {
      try bad(.implausibleTime(.validFrom, start))
    } else if let end, !end.isPlausible {
      try bad(.implausibleTime(.validTo, end))
    } else if let end, end < start {
      try bad(.reversedTerm(end: end))
    }
    return nil
  }
}

/// Checks one row of `invoice`, of one that has an id and a customer.
/// - Source: credit rules, sections 8 and 9.
enum InvoiceReader {
  static func read(
    _ row: borrowing some BinaryColumns & ~Copyable, customerIsKnown: Bool, isDoubled: Bool,
    report: (Finding) throws -> Void
  ) throws -> OpenInvoice {
    let isVoid = row.bytes(3).elementsEqual("void".utf8)
    let currency = Currency(code: row.bytes(2))
    func bad(_ fault: Finding.Fault, _ state: OpenInvoice.State) throws -> OpenInvoice {
      try report(Finding(.invoice(row.id(1)), fault))
      return OpenInvoice(currency: nil, state: state)
    }
    // Nobody can say what such an invoice is.
    if isDoubled { return try bad(.duplicateRow, .fixed) }
    guard isVoid || row.bytes(3).elementsEqual("draft".utf8) else {
      return try bad(.unknownStatus(row.optionalText(3)), .fixed)
    }
    // What is placed on a bad draft stays there, and nothing is added.
    let untouched: OpenInvoice.State = isVoid ? .void : .draft(dueMinor: .max)
    guard customerIsKnown else { return try bad(.unknownCustomer(row.id(0)), untouched) }
    guard row.bytes(1).count <= KeyProbe.certainBytes else {
      return try bad(
        .invoiceIdTooLong(bytes: row.bytes(1).count, most: KeyProbe.certainBytes), untouched)
    }
    guard let currency else {
      return try bad(.unknownCurrency(row.optionalText(2)), untouched)
    }
    if isVoid { return OpenInvoice(currency: currency, state: .void) }
    guard !row.isNull(5), case let day = try row.date(5), ![Int32.min, .max].contains(day) else {
      return try bad(.infiniteIssueDay, untouched)
    }
    guard PlausibleDay.range.contains(day) else {
      let midnight = Instant(microseconds: Int64(clamping: Int128(day) * 86_400_000_000))
      return try bad(.implausibleTime(.issueOn, midnight), untouched)
    }
    guard !row.isNull(4), let rest = try row.tenThousandths(4) else {
      return try bad(.dueOutOfRange(currency), untouched)
    }
    // What of ours the source has taken off already is room that our lines fill.
    guard let applied = row.isNull(6) ? 0 : try row.tenThousandths(6), applied >= 0 else {
      return try bad(.dueOutOfRange(currency, isApplied: true), untouched)
    }
    let (due, isTooLarge) = rest.addingReportingOverflow(applied)
    guard !isTooLarge else { return try bad(.dueOutOfRange(currency), untouched) }
    return OpenInvoice(
      currency: currency,
      state: .draft(dueMinor: max(0, due / (10_000 / currency.minorUnitsPerMajor))))
  }
}

extension BinaryColumns where Self: ~Copyable {
  /// A numeric in ten-thousandths, what is below one cut off; `nil` where it is no number or does not fit.
  func tenThousandths(_ column: Int) throws(PostgresError) -> Int64? {
    guard case .micros(let tenThousandths) = try numeric(column, decimals: 4) else { return nil }
    return tenThousandths
  }
}
