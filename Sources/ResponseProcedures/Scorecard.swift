public import ServiceCredits

/// How often a requirement was kept in one month at one severity, and by how much.
public struct Score: Hashable, Sendable {
  public private(set) var kept = 0
  public private(set) var missed = 0
  public private(set) var noRecord = 0
  /// Not due yet; not part of `applicable`.
  public private(set) var pending = 0
  /// Of what was kept or missed, in any order. Microseconds.
  private var margins: [Int64] = []

  public init() {}

  /// What was due: kept, missed or without a record.
  public var applicable: Int { kept + missed + noRecord }

  public func count(of verdict: Verdict) -> Int {
    switch verdict {
    case .kept: kept
    case .missed: missed
    case .noRecord: noRecord
    case .pending: pending
    }
  }

  /// The middle margin, or the mean of the two in the middle, rounded down. What has no record is later than anything.
  public var median: ScoreMargin? {
    let count = noRecord + margins.count
    guard count > 0 else { return nil }
    let lower = (count - 1) / 2 - noRecord
    guard lower >= 0 else { return .noRecord }
    let margins = margins.sorted()
    let upper = margins[count / 2 - noRecord]
    return .microseconds(Int64((Int128(margins[lower]) + Int128(upper)) >> 1))
  }

  /// The smallest margin. What has no record is later than anything.
  public var worst: ScoreMargin? {
    noRecord > 0 ? .noRecord : margins.min().map { .microseconds($0) }
  }

  /// What counts against: missed, and what has no record.
  public var notKept: Int { missed + noRecord }

  /// Both together.
  public static func + (left: Score, right: Score) -> Score {
    var sum = left
    sum.kept += right.kept
    sum.missed += right.missed
    sum.noRecord += right.noRecord
    sum.pending += right.pending
    sum.margins += right.margins
    return sum
  }

  public mutating func add(_ outcome: Outcome) {
    switch outcome.verdict {
    case .kept: kept += 1
    case .missed: missed += 1
    case .noRecord: noRecord += 1
    case .pending: pending += 1
    }
    if outcome.verdict != .pending, let margin = outcome.marginMicroseconds {
      margins.append(margin)
    }
  }
}

/// A margin of a score.
public enum ScoreMargin: Hashable, Sendable {
  /// Below zero it was late.
  case microseconds(Int64)
  /// Nothing says whether it was done at all.
  case noRecord
}

/// What a score is about: a requirement, of an escalation with what triggered it.
public struct ScoredStep: Hashable, Comparable, Sendable {
  public let requirement: Requirement
  /// Of an escalation alone.
  public let trigger: EscalationTrigger?

  public init(_ requirement: Requirement, _ trigger: EscalationTrigger? = nil) {
    self.requirement = requirement
    self.trigger = trigger
  }

  public init(of row: RequirementResult) {
    guard case .trigger(let trigger, _) = row.reason else {
      self.init(row.requirement)
      return
    }
    self.init(row.requirement, trigger)
  }

  /// In the order of the procedure.
  public static func < (left: ScoredStep, right: ScoredStep) -> Bool {
    left.rank < right.rank
  }

  private var rank: (Int, Int) {
    (
      Requirement.allCases.firstIndex(of: requirement) ?? 0,
      trigger.flatMap { EscalationTrigger.allCases.firstIndex(of: $0) } ?? -1
    )
  }
}

/// The scores of several months.
public struct Scorecard: Hashable, Sendable {
  public struct Key: Hashable, Comparable, Sendable {
    public let month: BillingMonth
    public let step: ScoredStep
    public let severity: Severity

    public init(month: BillingMonth, step: ScoredStep, severity: Severity) {
      self.month = month
      self.step = step
      self.severity = severity
    }

    /// By month, then in the order of the procedure, then the worst severity first.
    public static func < (left: Key, right: Key) -> Bool {
      (left.month, left.step, left.severity) < (right.month, right.step, right.severity)
    }
  }

  public private(set) var scores: [Key: Score] = [:]

  public init() {}

  public mutating func add(_ row: RequirementResult, month: BillingMonth) {
    let key = Key(month: month, step: ScoredStep(of: row), severity: row.severity)
    scores[key, default: Score()].add(row.outcome)
  }

  /// What was scored in any month, in the order of the procedure.
  public var steps: [ScoredStep] { Set(scores.keys.map(\.step)).sorted() }

  public subscript(_ key: Key) -> Score { scores[key] ?? Score() }

  /// All severities and requirements of a month together.
  public func total(of month: BillingMonth) -> Score {
    total { $0.month == month }
  }

  public func total(where matches: (Key) -> Bool) -> Score {
    var total = Score()
    for (key, score) in scores where matches(key) { total = total + score }
    return total
  }
}
