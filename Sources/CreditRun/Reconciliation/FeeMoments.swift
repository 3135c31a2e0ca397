package import LedgerReports
package import ServiceCredits

/// The monthly fee of a term in force at a moment.
package struct FeeInForce: Hashable, Sendable {
  package let fee: MonthlyFee
  package let moment: FeeMoment
}

/// The moments at which a night adds up the monthly fees.
package struct FeeMoments: Sendable {
  private let asOf: Instant
  /// When each month of the window begins, in UTC.
  private let beginnings: [(month: BillingMonth, instant: Instant)]

  package init(asOf: Instant, window: ClosedRange<BillingMonth>? = nil) {
    self.asOf = asOf
    var beginnings: [(BillingMonth, Instant)] = []
    if let window {
      for index in window.lowerBound.index...window.upperBound.index {
        let month = BillingMonth(index: index)
        let microseconds = Int64(month.daysSinceUnixEpoch) * 86_400_000_000
        beginnings.append((month, Instant(microseconds: microseconds)))
      }
    }
    self.beginnings = beginnings
  }

  /// Appends the fee of a term once for each moment at which the term is in force.
  func append(_ interval: Interval, _ fee: MonthlyFee, to fees: inout [FeeInForce]) {
    if interval.contains(asOf) { fees.append(FeeInForce(fee: fee, moment: .asOf)) }
    for (month, instant) in beginnings where interval.contains(instant) {
      fees.append(FeeInForce(fee: fee, moment: .beginning(of: month)))
    }
  }
}
