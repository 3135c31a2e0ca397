package import CreditLedger
package import ServiceCredits

/// The time zone of a customer's row.
package struct CustomerZone {
  /// Among those of the night; `nil` where the row has none, or one that PostgreSQL does not know.
  package let number: ZoneNumber?
  /// Whether the row has one that PostgreSQL does not know, which parks the customer.
  package let isUnknown: Bool

  /// - Parameter report: called where the zone is unknown.
  package init(
    of records: borrowing CustomerRecords, night: inout ReconciliationContext,
    report: (Finding) throws -> Void
  ) throws {
    guard let name = records.zone else {
      (number, isUnknown) = (nil, false)
      return
    }
    number = try night.zoneNumber(records.arena[name])
    isUnknown = number == nil
    guard isUnknown else { return }
    try report(
      Finding(
        .customer(Array(records.arena[records.id])),
        .unknownTimeZone(String(decoding: records.arena[name], as: UTF8.self))))
  }
}
