/// A tier that has no effect in its list. Indexes are positions in the list as it was given.
public enum TierConflict: Hashable, Sendable {
  /// An earlier tier has the same severity and the same threshold, whatever its credit.
  case duplicate(index: Int, first: Int)
  /// Whenever this tier is met, so is `winner`, and `winner` is preferred.
  case neverWins(index: Int, winner: Int)

  public var index: Int {
    switch self {
    case .duplicate(let index, _), .neverWins(let index, _): index
    }
  }
}

extension CreditTier {
  /// Every tier of a list that is given twice or can never win, in the order of the list.
  ///
  /// The result is exact, because the check is a proof and not a sample. The outage that suits a
  /// tier best lasts one microsecond more than its threshold and has no time at a worse severity;
  /// every other outage that meets the tier meets at least the same tiers. So the tiers that this
  /// outage meets are met whenever the tier is met, and the tier can win exactly if none of them is
  /// preferred to it. Duplicates take no part in the proof. Takes O(n log n).
  /// - Source: credit rules, sections 4 and 11.
  public static func conflicts(in tiers: [CreditTier]) -> [TierConflict] {
    var conflicts: [TierConflict] = []
    var firstIndex: [Condition: Int] = [:]
    var distinct: [Int] = []
    for (index, tier) in tiers.enumerated() {
      let condition = Condition(
        severity: tier.severity, longerThanMicroseconds: tier.longerThanMicroseconds)
      if let first = firstIndex[condition] {
        conflicts.append(.duplicate(index: index, first: first))
      } else {
        firstIndex[condition] = index
        distinct.append(index)
      }
    }
    // By threshold, and for equal thresholds the mildest first. A tier that is met whenever another
    // is met comes before the other.
    distinct.sort {
      let (left, right) = (tiers[$0], tiers[$1])
      if left.longerThanMicroseconds != right.longerThanMicroseconds {
        return left.longerThanMicroseconds < right.longerThanMicroseconds
      }
      return left.severity > right.severity
    }
    var preferred = [Int?](repeating: nil, count: Severity.allCases.count)
    for index in distinct {
      let tier = tiers[index]
      let rivals = preferred[Int(tier.severity.rawValue)...].compactMap { $0 }
      let winner = rivals.max { tiers[$1].wins(over: tiers[$0]) }
      if let winner, tiers[winner].wins(over: tier) {
        conflicts.append(.neverWins(index: index, winner: winner))
      }
      let own = Int(tier.severity.rawValue)
      if preferred[own].map({ tier.wins(over: tiers[$0]) }) ?? true {
        preferred[own] = index
      }
    }
    return conflicts.sorted { $0.index < $1.index }
  }

  private struct Condition: Hashable {
    let severity: Severity
    let longerThanMicroseconds: Int64
  }
}

/// A version that does not begin after an earlier version of the file. Indexes are positions in the
/// file.
public struct VersionOrderConflict: Hashable, Sendable {
  public let index: Int
  /// The latest of the versions before it.
  public let latest: Int

  public init(index: Int, latest: Int) {
    self.index = index
    self.latest = latest
  }
}

extension CreditPolicy {
  /// Every version that does not begin strictly after all the versions before it.
  ///
  /// If there are none, the versions follow one another without a gap or an overlap, because each
  /// is in force until the next one begins. Days of different time zones cannot be compared
  /// exactly, so the same check is also done with the instants that PostgreSQL calculates.
  /// - Parameter starts: in file order; `nil` for a start that could not be read, which is ignored.
  /// - Source: credit rules, sections 2 and 11.
  public static func orderConflicts<Start: Comparable>(
    startingAt starts: [Start?]
  ) -> [VersionOrderConflict] {
    var conflicts: [VersionOrderConflict] = []
    var latest: (index: Int, start: Start)?
    for (index, start) in starts.enumerated() {
      guard let start else { continue }
      if let latest, start <= latest.start {
        conflicts.append(VersionOrderConflict(index: index, latest: latest.index))
      } else {
        latest = (index, start)
      }
    }
    return conflicts
  }
}
