/// The ledger's entry for one key: the sum of its revisions and the facts of the newest.
public struct RecordedCredit: Hashable, Sendable {
  /// The number of the newest revision; numbers start at 1.
  public var revision: Int32
  /// Sum of all revisions, in minor units.
  public var amountMinor: Int64
  public var month: BillingMonth

  public init(revision: Int32, amountMinor: Int64, month: BillingMonth) {
    self.revision = revision
    self.amountMinor = amountMinor
    self.month = month
  }
}

/// What a revision does to an entitlement.
public enum RevisionKind: String, CaseIterable, Hashable, Sendable {
  case grant
  case increase
  case decrease
}

/// One row to append.
public struct Revision: Hashable, Sendable {
  public let number: Int32
  public let kind: RevisionKind
  /// Signed, never zero.
  public let amountMinor: Int64
  public let month: BillingMonth
}

/// The rows to append so that one key matches what was calculated.
/// - Source: credit rules, section 7.
public enum LedgerDifference: Hashable, Sendable {
  case none
  case one(Revision)
  /// The amount stays and its billing month changes: taken back in the old month and given in the
  /// new month, so that the sum of each month is correct.
  case moved(Revision, Revision)

  /// - Parameters:
  ///   - recorded: `nil` if the ledger has no such key.
  ///   - amountMinor: the calculated entitlement; zero if there is none.
  ///   - month: the calculated billing month; ignored if the amount is zero, because it is in no
  ///     month then.
  ///   - window: the months that this run reconciles. A key stays unchanged unless its recorded or
  ///     its calculated month is one of them.
  public init(
    recorded: RecordedCredit?, amountMinor: Int64, month: BillingMonth?,
    window: ClosedRange<BillingMonth>
  ) {
    precondition(amountMinor >= 0, "an entitlement is not negative")
    precondition(amountMinor == 0 || month != nil, "an amount has a month")
    let month = amountMinor > 0 ? month : nil
    let inWindow =
      month.map { window.contains($0) } ?? false
      || recorded.map { window.contains($0.month) } ?? false
    guard inWindow else {
      self = .none
      return
    }
    guard let recorded else {
      self =
        amountMinor == 0
        ? .none
        : .one(Revision(number: 1, kind: .grant, amountMinor: amountMinor, month: month!))
      return
    }
    let difference = amountMinor - recorded.amountMinor
    let next = recorded.revision + 1
    if difference > 0 {
      self = .one(
        Revision(number: next, kind: .increase, amountMinor: difference, month: month!))
    } else if difference < 0 {
      // A credit that is taken back in full has no calculated month.
      self = .one(
        Revision(
          number: next, kind: .decrease, amountMinor: difference, month: month ?? recorded.month))
    } else if amountMinor > 0, let month, month != recorded.month {
      self = .moved(
        Revision(
          number: next, kind: .decrease, amountMinor: -amountMinor, month: recorded.month),
        Revision(number: next + 1, kind: .increase, amountMinor: amountMinor, month: month))
    } else {
      self = .none
    }
  }
}
