/// A point in time: whole microseconds since 1970-01-01T00:00:00Z.
///
/// The range of `Int64` microseconds is about 292,000 years on either side, more than PostgreSQL's own
/// `timestamptz` holds, so every finite database value is representable. Calendars are not known here: PostgreSQL
/// turns months in a time zone into instants.
public struct Instant: Hashable, Comparable, Sendable {
  public var microseconds: Int64

  @inlinable
  public init(microseconds: Int64) {
    self.microseconds = microseconds
  }

  /// Before every instant that a database can hold; the start of an interval that has none.
  public static let distantPast = Instant(microseconds: .min)
  /// After every instant that a database can hold; the end of an interval that has none.
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
  /// Without the fraction of a second, which says nothing to a reader.
  public var wholeSecond: Instant { Instant(microseconds: microseconds - microseconds % 1_000_000) }
}
