public import ServiceCredits

/// What was written after a run that is taken as verified.
public struct VerifiedPart: Hashable, Sendable {
  /// The run.
  public let since: Int64
  /// An instant before it began. What invoicing functions wrote later is not taken as verified.
  private let moment: Instant

  /// How long a call of an invoicing function may have waited for the run before it wrote its lines.
  private static let longestWait: Int64 = 86_400_000_000

  public init(since: Int64, beganAt: Instant) {
    self.since = since
    moment = Instant(microseconds: beganAt.microseconds - VerifiedPart.longestWait)
  }

  /// For the queries that read a part of the ledger.
  var values: [String] { ["\(since)", moment.text] }
}
