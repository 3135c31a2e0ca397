import CreditLedger
import Postgres
import RedressSQL
import ServiceCredits

/// Of all incidents that the source has ever had, those that can touch the months being reconciled.
struct IncidentsAtHand {
  let isAtHand: [Bool]
  /// From their first outage to their last, and the months being reconciled.
  let reach: Interval

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
    }
    self.isAtHand = isAtHand
    reach = range
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

  /// The earliest month that an incident at hand can be in.
  var firstMonth: BillingMonth {
    ReconciliationContext.month(Instant(microseconds: reach.start.microseconds - 86_400_000_000))
  }

  /// The ids of the incidents at hand.
  func ids(_ catalogue: borrowing SourceCatalogue) -> [String] {
    catalogue.incidents.indices.filter { isAtHand[$0] }.map { catalogue.incidents[$0].name }
  }
}
