public import ServiceCredits

/// How each instant is written in the customer's time zone, as PostgreSQL has it.
public final class LocalClock {
  private var texts: [Instant: String]
  /// Instants that were asked for and are not known.
  public private(set) var missing: Set<Instant> = []

  public init() { texts = [:] }

  public func add(_ instant: Instant, _ text: String) { texts[instant] = text }

  public func text(_ instant: Instant) -> String {
    if let text = texts[instant] { return text }
    if instant == .distantPast || instant == .distantFuture { return instant.text }
    missing.insert(instant)
    return instant.text
  }
}
