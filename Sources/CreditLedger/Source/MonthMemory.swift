import ServiceCredits

/// Turns days into months; rows mostly have the month of the row before.
struct MonthMemory {
  private var day: Int32 = 0
  private var month = BillingMonth(daysSinceUnixEpoch: 0)

  mutating func month(_ day: Int32) -> BillingMonth {
    if day != self.day {
      self.day = day
      month = BillingMonth(daysSinceUnixEpoch: day)
    }
    return month
  }
}
