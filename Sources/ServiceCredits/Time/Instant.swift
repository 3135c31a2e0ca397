/// A point in time: whole microseconds since 1970-01-01T00:00:00Z.
///
/// The range is about 292,000 years before and after 1970, more than that of PostgreSQL's
/// `timestamptz`, so every finite database value fits. PostgreSQL calculates the first instant of a
/// month in a time zone.
public struct Instant: Hashable, Comparable, Sendable {
  public var microseconds: Int64

  @inlinable
  public init(microseconds: Int64) {
    self.microseconds = microseconds
  }

  /// Before every instant that a database can hold; the start of an interval without a start.
  public static let distantPast = Instant(microseconds: .min)
  /// After every instant that a database can hold; the end of an interval without an end.
  public static let distantFuture = Instant(microseconds: .max)

  @inlinable
  public static func < (left: Instant, right: Instant) -> Bool {
    left.microseconds < right.microseconds
  }

  /// Microseconds from `earlier` to this instant. Both must be finite.
  @inlinable
  public func since(_ earlier: Instant) -> Int64 {
    microseconds - earlier.microseconds
  }
}

extension Instant {
  /// The instant without the fraction of a second, for text.
  public var wholeSecond: Instant { Instant(microseconds: microseconds - microseconds % 1_000_000) }
}
