package import CreditLedger
package import ServiceCredits

/// When a run is booked, and what was closed for it.
package struct RunPosting: Hashable, Sendable {
  package let day: CalendarDate
  package let closed: ClosedMonths

  /// - Parameter asOf: the run's as-of instant. Its day in UTC is the posting day, unless that is closed.
  package init(asOf: Instant, closed: ClosedMonths) {
    self.closed = closed
    day = closed.postingDay(asOf.utcDay)
  }

  package init(_ run: RecordedRun) {
    day = run.postedOn
    closed = run.closed
  }

  /// What is booked of a credit of `month`.
  package func line(of month: BillingMonth) -> CreditLine.Posting {
    CreditLine.Posting(day: day, isLate: closed.contains(month))
  }
}
