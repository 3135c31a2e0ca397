import CreditLedger
import Postgres
import RedressSQL
import ServiceCredits

/// Of all incidents that the source has ever had, those that can touch the months being reconciled.
struct IncidentsAtHand {
  let isAtHand: [Bool]
  /// From their first outage to their last, and the months being reconciled.
  let reach: Interval
  /// Of these, the ones whose credits may be in the months being reconciled, or were recorded there. The others are at
  /// hand for the month's cap and for the time that they claim.
  private let isReconciled: [Bool]
  /// The earliest month that a credit of a reconciled incident can be in, or the first one being reconciled.
  let firstMonth: BillingMonth

  /// Three steps outwards from the window: the incidents that touch it, those that may share a month's cap with one
  /// of them, and those that may claim time from one of these. More never changes a result, less could.
  /// - Parameter recorded: incidents of which something is recorded in the window, whenever they are now.
  init(
    _ catalogue: borrowing SourceCatalogue, window: ClosedRange<BillingMonth>,
    recorded: Set<IncidentNumber>
  ) {
    let day: Int64 = 86_400_000_000
    func instant(_ month: BillingMonth, plusDays days: Int64) -> Instant {
      Instant(microseconds: (Int64(month.daysSinceUnixEpoch) + days) * day)
    }
    // No time zone is further than a day from UTC.
    var range = Interval(
      instant(window.lowerBound, plusDays: -1),
      instant(window.upperBound.advanced(by: 1), plusDays: 1))
    var isAtHand = [Bool](repeating: false, count: catalogue.incidents.count)
    var isReconciled: [Bool] = []
    for incident in recorded { isAtHand[incident.index] = true }
    for marginDays in [0, 33, 0] as [Int64] {
      range = Interval(
        Instant(microseconds: range.start.microseconds - marginDays * day),
        Instant(microseconds: range.end.microseconds + marginDays * day))
      for (position, incident) in catalogue.incidents.enumerated() {
        guard incident.isCounted, let reach = incident.reach else { continue }
        if isAtHand[position] || reach.overlaps(range) { isAtHand[position] = true }
      }
      for (position, incident) in catalogue.incidents.enumerated() where isAtHand[position] {
        guard let reach = incident.reach else { continue }
        range = Interval(min(range.start, reach.start), max(range.end, reach.end))
      }
      if isReconciled.isEmpty { isReconciled = isAtHand }
    }
    self.isAtHand = isAtHand
    self.isReconciled = isReconciled
    reach = range
    let starts = zip(catalogue.incidents, isReconciled).compactMap { incident, isReconciled in
      isReconciled ? incident.reach?.start : nil
    }
    firstMonth =
      starts.min().map { start in
        min(
          window.lowerBound,
          ReconciliationContext.month(Instant(microseconds: start.microseconds - day)))
      } ?? window.lowerBound
  }

  /// As above, with the incidents of which the ledger has something recorded in the window.
  init(
    _ catalogue: borrowing SourceCatalogue, window: ClosedRange<BillingMonth>,
    _ connection: borrowing Connection
  ) throws {
    let (numbers, incidents) = (catalogue.incidentNumbers, catalogue.incidents)
    var recorded: Set<IncidentNumber> = []
    try connection.query(
      RedressSQL.Query.recordedIncidents.text,
      [
        .date(window.lowerBound.daysSinceUnixEpoch), .date(window.upperBound.daysSinceUnixEpoch),
      ]
    ) { row in
      guard let number = numbers.find(row.bytes(0)), incidents[number.index].isCounted else {
        return
      }
      recorded.insert(number)
    }
    self.init(catalogue, window: window, recorded: recorded)
  }

  /// The ids of the reconciled incidents.
  func reconciledIds(_ catalogue: borrowing SourceCatalogue) -> [String] {
    catalogue.incidents.indices.filter { isReconciled[$0] }.map { catalogue.incidents[$0].name }
  }
}
