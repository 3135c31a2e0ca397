/// Plausible times: from 1970-01-01 to 2200-01-01, both included, in UTC. Some programs write a
/// time outside this range for an empty date or for "no end".
/// - Source: credit rules, section 9.
extension Instant {
  public static let earliestPlausible = Instant(microseconds: 0)
  /// 2200-01-01T00:00:00Z.
  public static let latestPlausible = Instant(microseconds: 7_258_118_400_000_000)

  @inlinable public var isPlausible: Bool {
    Instant.earliestPlausible <= self && self <= Instant.latestPlausible
  }
}

/// The plausible days, as days since 1970-01-01.
public enum PlausibleDay {
  public static let range: ClosedRange<Int32> = 0...84_006
}
