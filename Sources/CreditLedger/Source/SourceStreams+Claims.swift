import Postgres
import ServiceCredits

extension SourceStreams {
  /// Reads the customer's claims. One that is bad is reported and not applied; nothing else depends on it.
  mutating func readClaims(
    _ customer: UnsafeRawBufferPointer, _ records: inout CustomerRecords,
    _ report: (Finding) throws -> Void
  ) throws {
    guard claims.isAt(customer) else { return }
    let (incidents, asOf, isKnown) = (self.incidents, references.asOf, records.isKnown)
    try claims.forEachRow(of: customer) { row in
      let claim = try ClaimReader.read(row, incidents: incidents, asOf: asOf, isKnown: isKnown) {
        try report(Finding(try ClaimReader.key(row), $0))
      }
      guard let claim else { return }
      // They come in the order of their times, and of two the first counts.
      let isRepeated = records.claims.contains {
        $0.incident == claim.incident && $0.month == claim.month
      }
      if !isRepeated { records.claims.append(claim) }
    }
  }
}

/// Checks one row of `claim`: customer_id, incident_id, billing_month and claimed_at.
enum ClaimReader {
  static func key(_ row: borrowing some BinaryColumns & ~Copyable) throws -> FindingKey {
    var parts = [FindingKey.Part(.customer, row.key(0))]
    if !row.isNull(1) {
      parts.append(FindingKey.Part(.incident, row.key(1)))
    } else if !row.isNull(2) {
      parts.append(FindingKey.Part(.billingMonth, Array(text(try row.date(2)).utf8)))
    }
    return FindingKey(.claim, parts + [FindingKey.Part(.claimedAt, try row.instant(3))])
  }

  /// - Parameters:
  ///   - isKnown: whether the source has the customer.
  ///   - bad: called with what is wrong.
  /// - Returns: `nil` where it is not applied.
  static func read(
    _ row: borrowing some BinaryColumns & ~Copyable, incidents: NumberedNames<Incident>,
    asOf: Instant, isKnown: Bool, bad: (Finding.Fault) throws -> Void
  ) throws -> CustomerClaim? {
    guard let at = try row.finiteInstant(3) else {
      try bad(.infiniteTime(.claimedAt, try row.instant(3)))
      return nil
    }
    guard at.isPlausible else {
      try bad(.implausibleTime(.claimedAt, at))
      return nil
    }
    // Not there yet.
    if at > asOf { return nil }
    guard isKnown else {
      try bad(.unknownCustomer(row.id(0)))
      return nil
    }
    guard row.isNull(1) else {
      guard let incident = incidents.find(row.bytes(1)) else {
        try bad(.recordOfNothing(row.id(1)))
        return nil
      }
      return CustomerClaim(incident: incident, month: nil, at: at)
    }
    guard !row.isNull(2) else {
      try bad(.claimOfNothing)
      return nil
    }
    let days = try row.date(2)
    guard PlausibleDay.range.contains(days), let month = BillingMonth(firstDay: days) else {
      try bad(.noFirstOfMonth(ClaimReader.text(days)))
      return nil
    }
    return CustomerClaim(incident: nil, month: month, at: at)
  }

  /// Days that no calendar reaches are told as infinite.
  private static func text(_ days: Int32) -> String {
    guard -700_000...2_900_000 ~= days else { return days < 0 ? "-infinity" : "infinity" }
    let midnight = Instant(microseconds: Int64(days) * 86_400_000_000)
    return String(midnight.text.prefix { $0 != "T" })
  }
}

extension BillingMonth {
  /// `nil` where the day is not the first of a month.
  /// - Parameter firstDay: days since 1970-01-01.
  fileprivate init?(firstDay: Int32) {
    self.init(daysSinceUnixEpoch: firstDay)
    guard daysSinceUnixEpoch == firstDay else { return nil }
  }
}
