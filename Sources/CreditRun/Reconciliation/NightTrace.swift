import CreditLedger
import FrozenEvidence
import ServiceCredits

/// What a calculation has touched of what all customers share. Of a run in parts, the traces of all parts together are
/// those of one process.
struct NightTrace {
  /// By number of the incident, whether the frozen evidence has it.
  private(set) var isEvidence: [Bool]
  /// By number of the incident.
  private var isAtHand: [Bool]
  private(set) var reach: Interval
  /// The zones that were needed, in byte order of their names.
  private(set) var zones: [SharedEvidence.Zone]
  /// The keys, as findings have them, of incidents of which it was told once that they are gone or open again.
  let reportedIncidents: Set<[UInt8]>

  init(_ night: borrowing ReconciliationContext) {
    let numbers = night.catalogue.incidents.indices.map { IncidentNumber(index: $0) }
    isEvidence = []
    isAtHand = []
    for number in numbers {
      isEvidence.append(night.isEvidence(number))
      isAtHand.append(night.isAtHand(number))
    }
    reach = night.reach
    zones = night.evidenceOfZones()
    reportedIncidents = Set(
      night.reportedIncidents.map { Array(FindingKey.incident($0).text.utf8) })
  }

  mutating func add(_ other: NightTrace) {
    for position in isEvidence.indices {
      isEvidence[position] = isEvidence[position] || other.isEvidence[position]
      isAtHand[position] = isAtHand[position] || other.isAtHand[position]
    }
    reach = Interval(min(reach.start, other.reach.start), max(reach.end, other.reach.end))
    let names = Set(zones.map(\.name))
    zones = (zones + other.zones.filter { !names.contains($0.name) }).sorted {
      $0.name.lexicographicallyPrecedes($1.name)
    }
  }

  /// Positions of the policy versions that decided on an incident at hand, or on a month that one of them touches;
  /// ascending.
  func usedVersions(_ catalogue: SourceCatalogue, _ policy: CreditPolicy) -> [Int] {
    let used = isAtHand.indices.filter { isAtHand[$0] }.compactMap { position -> Int? in
      if case .counted(let version) = catalogue.incidents[position].treatment {
        version
      } else {
        nil
      }
    }
    guard policy.measuresPeriods else { return Set(used).sorted() }
    let months = ReconciliationContext.month(reach.start)...ReconciliationContext.month(reach.end)
    return Set(used).union(policy.versions(governing: months)).sorted()
  }
}
