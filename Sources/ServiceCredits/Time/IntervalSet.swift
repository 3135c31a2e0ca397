/// A set of instants as intervals in ascending order. They are not empty, do not overlap and do not
/// touch.
public struct IntervalSet: Hashable, Sendable {
  public private(set) var intervals: [Interval]

  public init() {
    intervals = []
  }

  /// The union of intervals in any order. Empty intervals are left out.
  public init(_ parts: [Interval]) {
    let sorted = parts.filter { !$0.isEmpty }.sorted { $0.start < $1.start }
    intervals = []
    intervals.reserveCapacity(sorted.count)
    for part in sorted {
      if let last = intervals.last, part.start <= last.end {
        if part.end > last.end {
          intervals[intervals.count - 1] = Interval(last.start, part.end)
        }
      } else {
        intervals.append(part)
      }
    }
  }

  public var isEmpty: Bool { intervals.isEmpty }

  /// The length of all intervals together, in microseconds. All intervals must be finite.
  public var microseconds: Int64 {
    intervals.reduce(0) { $0 + $1.microseconds }
  }

  /// Calls `body` with each part of `interval` that is not in this set, in ascending order.
  @inlinable
  public func forEachGap(in interval: Interval, _ body: (Interval) -> Void) {
    var start = interval.start
    var index = firstIndex(endingAfter: interval.start)
    while index < intervals.count, intervals[index].start < interval.end {
      if start < intervals[index].start {
        body(Interval(start, intervals[index].start))
      }
      start = max(start, intervals[index].end)
      index += 1
    }
    if start < interval.end {
      body(Interval(start, interval.end))
    }
  }

  /// The position of the first interval that ends after `instant`, by binary search.
  @usableFromInline
  func firstIndex(endingAfter instant: Instant) -> Int {
    var low = 0
    var high = intervals.count
    while low < high {
      let middle = (low + high) / 2
      if intervals[middle].end <= instant {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return low
  }

  /// The instants of this set that are not in `other`.
  public func subtracting(_ other: IntervalSet) -> IntervalSet {
    var parts: [Interval] = []
    for interval in intervals {
      other.forEachGap(in: interval) { parts.append($0) }
    }
    return IntervalSet(parts)
  }
}
