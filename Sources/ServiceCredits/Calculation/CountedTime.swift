/// The creditable time of one incident for one subscription.
/// - Source: credit rules, section 3.
public struct CountedTime: Hashable, Sendable {
  public let incident: IncidentNumber
  /// Microseconds at exactly P0, P1, P2 and P3.
  @usableFromInline let atSeverity: InlineFour
  /// The first creditable instant that belongs to the incident.
  public let first: Instant
  /// The end of the last creditable stretch that belongs to the incident; exclusive.
  public let end: Instant

  /// The duration at `severity` or worse, in microseconds.
  @inlinable
  public func microseconds(atOrWorseThan severity: Severity) -> Int64 {
    var sum: Int64 = 0
    for rank in 0...Int(severity.rawValue) { sum += atSeverity[rank] }
    return sum
  }

  /// The worst severity with any creditable time.
  public var worstSeverity: Severity {
    for severity in Severity.allCases where atSeverity[Int(severity.rawValue)] > 0 {
      return severity
    }
    preconditionFailure("counted time is never empty")
  }
}

/// Four numbers, one for each severity, without the allocation of an array.
@usableFromInline
struct InlineFour: Hashable, Sendable {
  @usableFromInline var a: Int64 = 0
  @usableFromInline var b: Int64 = 0
  @usableFromInline var c: Int64 = 0
  @usableFromInline var d: Int64 = 0

  @usableFromInline init() {}

  @inlinable
  subscript(_ index: Int) -> Int64 {
    get {
      switch index {
      case 0: a
      case 1: b
      case 2: c
      default: d
      }
    }
    set {
      switch index {
      case 0: a = newValue
      case 1: b = newValue
      case 2: c = newValue
      default: d = newValue
      }
    }
  }
}

/// Assigns every instant to one of the incidents that cover it, in one pass over the boundaries.
///
/// The arrays are kept between calls to avoid allocations.
struct IntervalSweep {
  /// A stretch of one incident at one severity, clipped to the terms and without excluded time.
  struct Piece {
    var incident: IncidentNumber
    var severity: Severity
    var interval: Interval
    var shareMicros: Int64
    /// Whether it lies in a term of the customer at hand.
    var isOwn: Bool
  }

  private struct Boundary {
    var at: Instant
    /// Position in `tallies`.
    var tally: Int32
    var severity: Severity
    var opens: Bool
  }

  private struct Tally {
    var incident: IncidentNumber
    var startedAt: Instant
    /// Whether the incident competes for instants (`count_once`) or counts all of its own
    /// (`count_each`).
    var competes: Bool
    /// The mildest severity that can earn a credit; `nil` if the version has no tier.
    var mildest: Severity?
    /// Open pieces at each severity.
    var open = InlineFour()
    var counted = InlineFour()
    var first = Instant.distantFuture
    var end = Instant.distantPast

    var worstOpen: Severity? {
      for severity in Severity.allCases where open[Int(severity.rawValue)] > 0 { return severity }
      return nil
    }

    mutating func count(_ stretch: Interval, at severity: Severity) {
      guard let mildest, severity.isAtLeastAsBad(as: mildest) else { return }
      counted[Int(severity.rawValue)] += stretch.microseconds
      first = min(first, stretch.start)
      end = max(end, stretch.end)
    }
  }

  var pieces: [Piece] = []
  /// If not `nil`, each assigned stretch is appended here, once for every incident that covers it.
  var log: [IncidentTrace.Share]?
  private var boundaries: [Boundary] = []
  private var tallies: [Tally] = []
  /// Positions in `tallies` that have an open piece.
  private var open: [Int32] = []

  /// Counts `pieces` and appends the incidents with creditable time to `result`, ordered by
  /// incident.
  mutating func count(
    incidents: [Incident], versions: [VersionRules], into result: inout [CountedTime]
  ) {
    guard !pieces.isEmpty else { return }
    boundaries.removeAll(keepingCapacity: true)
    tallies.removeAll(keepingCapacity: true)
    open.removeAll(keepingCapacity: true)

    pieces.sort { $0.incident < $1.incident }
    for piece in pieces {
      if tallies.last?.incident != piece.incident {
        let incident = incidents[piece.incident.index]
        tallies.append(
          Tally(
            incident: piece.incident, startedAt: incident.startedAt,
            competes: versions[incident.version].countsOnce,
            mildest: versions[incident.version].mildest))
      }
      let tally = Int32(tallies.count - 1)
      boundaries.append(
        Boundary(at: piece.interval.start, tally: tally, severity: piece.severity, opens: true))
      boundaries.append(
        Boundary(at: piece.interval.end, tally: tally, severity: piece.severity, opens: false))
    }
    boundaries.sort { $0.at < $1.at }

    var previous = boundaries[0].at
    for boundary in boundaries {
      if previous < boundary.at {
        share(Interval(previous, boundary.at))
        previous = boundary.at
      }
      apply(boundary)
    }
    for tally in tallies where tally.first < tally.end {
      result.append(
        CountedTime(
          incident: tally.incident, atSeverity: tally.counted, first: tally.first, end: tally.end))
    }
  }

  private mutating func apply(_ boundary: Boundary) {
    let position = Int(boundary.tally)
    let wasOpen = tallies[position].worstOpen != nil
    tallies[position].open[Int(boundary.severity.rawValue)] += boundary.opens ? 1 : -1
    let isOpen = tallies[position].worstOpen != nil
    if isOpen && !wasOpen {
      open.append(boundary.tally)
    } else if wasOpen && !isOpen, let index = open.firstIndex(of: boundary.tally) {
      open.swapAt(index, open.count - 1)
      open.removeLast()
    }
  }

  /// Gives one elementary stretch to its owner: the worst severity, then the earlier start, then
  /// the smaller id.
  /// - Source: credit rules, section 3, step 5.
  private mutating func share(_ stretch: Interval) {
    var owner: (tally: Int, severity: Severity)?
    for candidate in open {
      let position = Int(candidate)
      guard let severity = tallies[position].worstOpen else { continue }
      guard tallies[position].competes else {
        tallies[position].count(stretch, at: severity)
        continue
      }
      guard let best = owner else {
        owner = (position, severity)
        continue
      }
      // Tallies are in the order of the incidents' ids, so the position decides the last tie.
      let mine = (severity.rawValue, tallies[position].startedAt, position)
      let theirs = (best.severity.rawValue, tallies[best.tally].startedAt, best.tally)
      if mine < theirs { owner = (position, severity) }
    }
    if let owner { tallies[owner.tally].count(stretch, at: owner.severity) }
    if log != nil { note(stretch, owner: owner?.tally) }
  }

  /// Appends the owner of a stretch to `log`, for every incident that covers the stretch.
  private mutating func note(_ stretch: Interval, owner: Int?) {
    for candidate in open {
      let tally = tallies[Int(candidate)]
      guard let severity = tally.worstOpen else { continue }
      let winner = tally.competes ? owner ?? Int(candidate) : Int(candidate)
      log?.append(
        IncidentTrace.Share(
          incident: tally.incident, interval: stretch, severity: severity,
          owner: tallies[winner].incident,
          isCreditable: tally.mildest.map { severity.isAtLeastAsBad(as: $0) } ?? false))
    }
  }
}

/// A policy version with the values that the calculator needs often calculated once.
struct VersionRules {
  let version: PolicyVersion
  let mildest: Severity?
  /// The rules of the plans that the policy does not name.
  private let others: PlanRules
  /// The rules of the plans that the policy names, by plan number.
  private let named: [PlanRules]
  let rounding: RoundingRule
  /// `nil` if there is none.
  let minimum: MinimumCredit?
  let countsOnce: Bool

  init(_ version: PolicyVersion, planNames: [String]) {
    self.version = version
    mildest = version.mildestCreditableSeverity
    rounding = version.rounding
    minimum = version.minimum == .none ? nil : version.minimum
    countsOnce = version.overlap == .countOnce
    others = version.terms
    named = planNames.map { version.terms(forPlan: $0) }
  }

  func rules(of plan: PlanNumber?) -> PlanRules {
    if let plan { named[plan.index] } else { others }
  }
}
