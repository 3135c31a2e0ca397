/// A half-open stretch of time, `[start, end)`. Empty if `start == end`; `end` is never before
/// `start`.
public struct Interval: Hashable, Sendable {
  public let start: Instant
  public let end: Instant

  /// - Precondition: `start <= end`. Callers check source rows first.
  @inlinable
  public init(_ start: Instant, _ end: Instant) {
    precondition(start <= end, "an interval cannot end before it starts")
    self.start = start
    self.end = end
  }

  /// All of time.
  public static let always = Interval(.distantPast, .distantFuture)

  @inlinable public var isEmpty: Bool { start == end }

  /// The length in microseconds. Both ends must be finite.
  @inlinable public var microseconds: Int64 { end.since(start) }

  @inlinable
  public func contains(_ instant: Instant) -> Bool {
    start <= instant && instant < end
  }

  @inlinable
  public func contains(_ other: Interval) -> Bool {
    start <= other.start && other.end <= end
  }

  /// Whether the two share at least one instant.
  @inlinable
  public func overlaps(_ other: Interval) -> Bool {
    max(start, other.start) < min(end, other.end)
  }

  /// The shared part; `nil` if no instant is shared.
  @inlinable
  public func intersection(_ other: Interval) -> Interval? {
    let start = max(self.start, other.start)
    let end = min(self.end, other.end)
    return start < end ? Interval(start, end) : nil
  }
}
