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

/// A half-open stretch of time, `[start, end)`. Empty where `start == end`; never reversed.
public struct Interval: Hashable, Sendable {
  public let start: Instant
  public let end: Instant

  /// - Precondition: `start <= end`. Rows from outside are checked before they get here.
  @inlinable
  public init(_ start: Instant, _ end: Instant) {
    precondition(start <= end, "an interval cannot end before it starts")
    self.start = start
    self.end = end
  }

  /// All of time.
  public static let always = Interval(.distantPast, .distantFuture)

  @inlinable public var isEmpty: Bool { start == end }

  /// The length. Exact; both ends must be finite.
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

  /// The shared part; `nil` where no instant is shared.
  @inlinable
  public func intersection(_ other: Interval) -> Interval? {
    let start = max(self.start, other.start)
    let end = min(self.end, other.end)
    return start < end ? Interval(start, end) : nil
  }
}

/// A set of instants as disjoint, non-empty, non-touching intervals in ascending order.
public struct IntervalSet: Hashable, Sendable {
  public private(set) var intervals: [Interval]

  public init() {
    intervals = []
  }

  /// The union of any intervals, in any order; empty ones vanish.
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

  /// The length of all intervals together; exact, and only for finite ones.
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

/// A calendar month, counted in months since year 0 so that neighbours differ by one.
public struct BillingMonth: Hashable, Comparable, Sendable {
  public var index: Int32

  public init(index: Int32) {
    self.index = index
  }

  /// - Parameter month: 1 to 12.
  public init(year: Int, month: Int) {
    precondition((1...12).contains(month), "a month is 1 to 12")
    index = Int32(year * 12 + month - 1)
  }

  public var year: Int { Int(index) / 12 }
  /// 1 to 12.
  public var month: Int { Int(index) % 12 + 1 }

  public static func < (left: BillingMonth, right: BillingMonth) -> Bool {
    left.index < right.index
  }

  /// The month `count` months later, or earlier where negative.
  public func advanced(by count: Int) -> BillingMonth {
    BillingMonth(index: index + Int32(count))
  }
}

/// A day of the proleptic Gregorian calendar, without a time zone.
public struct CalendarDate: Hashable, Comparable, Sendable {
  public let year: Int
  /// 1 to 12.
  public let month: Int
  /// 1 to the month's last day.
  public let day: Int

  /// `nil` where there is no such day.
  public init?(year: Int, month: Int, day: Int) {
    guard (1...9999).contains(year), (1...12).contains(month),
      day >= 1, day <= CalendarDate.days(inMonth: month, of: year)
    else { return nil }
    self.year = year
    self.month = month
    self.day = day
  }

  static func days(inMonth month: Int, of year: Int) -> Int {
    switch month {
    case 4, 6, 9, 11: 30
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    default: 31
    }
  }

  public static func < (left: CalendarDate, right: CalendarDate) -> Bool {
    (left.year, left.month, left.day) < (right.year, right.month, right.day)
  }
}

extension BillingMonth {
  /// For a sentence: `October 2026`.
  public var words: String {
    let names = [
      "January", "February", "March", "April", "May", "June", "July", "August", "September",
      "October", "November", "December",
    ]
    return "\(names[month - 1]) \(year)"
  }
}

extension Instant {
  /// Without the fraction of a second, which says nothing to a reader.
  public var wholeSecond: Instant { Instant(microseconds: microseconds - microseconds % 1_000_000) }
}
