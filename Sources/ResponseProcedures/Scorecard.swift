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

  /// The middle margin, or the mean of the two in the middle, rounded down; `nil` where there is none.
  public var medianMicroseconds: Int64? {
    guard !margins.isEmpty else { return nil }
    let margins = margins.sorted()
    let upper = margins[margins.count / 2]
    guard margins.count % 2 == 0 else { return upper }
    let sum = Int128(margins[margins.count / 2 - 1]) + Int128(upper)
    return Int64(sum >> 1)
  }

  public var worstMicroseconds: Int64? { margins.min() }

  mutating func add(_ other: Score) {
    kept += other.kept
    missed += other.missed
    noRecord += other.noRecord
    pending += other.pending
    margins += other.margins
  }

  mutating func add(_ outcome: Outcome) {
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

/// The scores of several months.
public struct Scorecard: Hashable, Sendable {
  public struct Key: Hashable, Comparable, Sendable {
    public let month: BillingMonth
    public let requirement: Requirement
    public let severity: Severity

    public init(month: BillingMonth, requirement: Requirement, severity: Severity) {
      self.month = month
      self.requirement = requirement
      self.severity = severity
    }

    /// By month, then requirement in the order of the procedure, then the worst severity first.
    public static func < (left: Key, right: Key) -> Bool {
      (left.month, left.requirement.rank, left.severity.rawValue)
        < (right.month, right.requirement.rank, right.severity.rawValue)
    }
  }

  public private(set) var scores: [Key: Score] = [:]

  public init() {}

  public mutating func add(_ row: AuditRow, month: BillingMonth) {
    let key = Key(month: month, requirement: row.requirement, severity: row.severity)
    scores[key, default: Score()].add(row.outcome)
  }

  public var keys: [Key] { scores.keys.sorted() }

  public subscript(_ key: Key) -> Score { scores[key] ?? Score() }

  /// All severities and requirements of a month together.
  public func total(of month: BillingMonth) -> Score {
    total { $0.month == month }
  }

  public func total(where matches: (Key) -> Bool) -> Score {
    var total = Score()
    for (key, score) in scores where matches(key) { total.add(score) }
    return total
  }
}

extension Requirement {
  /// Position in the order of the procedure.
  var rank: Int { Requirement.allCases.firstIndex(of: self) ?? 0 }
}
