/// What counts of an outage before it is measured.
/// - Source: policy language, section 1.
public struct CountRule: Hashable, Sendable {
  public struct Whole: Hashable, Sendable {
    /// Microseconds; more than 0.
    public let unit: Int64
    /// Whether the units are those of the clock, and not of elapsed time.
    public let isAligned: Bool

    public init(unit: Int64, isAligned: Bool) {
      self.unit = unit
      self.isAligned = isAligned
    }
  }

  /// Incidents that are not longer do not count at all. Microseconds.
  public var longerThan: Int64?
  /// Incidents that are shorter do not count at all. Microseconds.
  public var atLeast: Int64?
  /// Of each incident only whole units count.
  public var whole: Whole?
  /// Uptime in percent is rounded half up to so many decimals before it is compared.
  public var round: Int?
  /// The length of a month that uptime is a part of, in microseconds; `nil` for the calendar's.
  public var periodLength: Int64?
  /// Whether time counts as much as the share of the service that was out.
  public var weighsShare = false
  /// Whether time before the customer's claim does not count.
  public var isFromClaim = false

  public init() {}

  /// Whether an incident of this length counts.
  func admits(_ microseconds: Int64) -> Bool {
    (longerThan.map { microseconds > $0 } ?? true) && (atLeast.map { microseconds >= $0 } ?? true)
  }
}

/// Which severities a rule takes: this one and worse, and where `notWorseThan` is given no worse than that.
public struct SeverityRange: Hashable, Sendable {
  public var mildest = Severity.p0
  public var notWorseThan: Severity?

  public init() {}

  public func contains(_ severity: Severity) -> Bool {
    severity.isAtLeastAsBad(as: mildest) && (notWorseThan?.isAtLeastAsBad(as: severity) ?? true)
  }
}
