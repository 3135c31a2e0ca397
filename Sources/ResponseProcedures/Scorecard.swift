public import ServiceCredits

/// How often a requirement was kept, and by what margins.
public struct Score: Hashable, Sendable {
  public private(set) var kept = 0
  public private(set) var missed = 0
  public private(set) var noRecord = 0
  /// Not due yet. Not part of `applicable`.
  public private(set) var pending = 0
  /// The margins of rows that were kept or missed, in any order. Microseconds.
  private var margins: [Int64] = []

  public init() {}

  /// How many were due: kept, missed or without a record.
  public var applicable: Int { kept + missed + noRecord }

  public func count(of verdict: Verdict) -> Int {
    switch verdict {
    case .kept: kept
    case .missed: missed
    case .noRecord: noRecord
    case .pending: pending
    }
  }

  /// The median margin, rounded down. A row without a record counts as later than any other.
  public var median: ScoreMargin? {
    let count = noRecord + margins.count
    guard count > 0 else { return nil }
    let lower = (count - 1) / 2 - noRecord
    guard lower >= 0 else { return .noRecord }
    let margins = margins.sorted()
    let upper = margins[count / 2 - noRecord]
    return .microseconds(Int64((Int128(margins[lower]) + Int128(upper)) >> 1))
  }

  /// The smallest margin. A row without a record counts as later than any other.
  public var worst: ScoreMargin? {
    noRecord > 0 ? .noRecord : margins.min().map { .microseconds($0) }
  }

  /// How many were missed or have no record.
  public var notKept: Int { missed + noRecord }

  /// The sum of two scores.
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
  /// Negative if late.
  case microseconds(Int64)
  /// No record says whether it was done at all.
  case noRecord
}

/// What is scored: a requirement, or an escalation with its trigger.
public struct ScoredStep: Hashable, Comparable, Sendable {
  public let requirement: Requirement
  /// Only for an escalation.
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

    /// By month, then in the order of the procedure, then by severity, worst first.
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

  /// The steps that were scored in any month, in the order of the procedure.
  public var steps: [ScoredStep] { Set(scores.keys.map(\.step)).sorted() }

  public subscript(_ key: Key) -> Score { scores[key] ?? Score() }

  /// The sum over all severities and requirements of a month.
  public func total(of month: BillingMonth) -> Score {
    total { $0.month == month }
  }

  public func total(where matches: (Key) -> Bool) -> Score {
    var total = Score()
    for (key, score) in scores where matches(key) { total = total + score }
    return total
  }
}
