public import ServiceCredits

/// The text of each instant in the customer's time zone, from PostgreSQL.
public final class LocalClock {
  private var texts: [Instant: String]
  /// Instants that `text(_:)` was called for without a known text.
  public private(set) var missing: Set<Instant> = []

  public init() { texts = [:] }

  public func add(_ instant: Instant, _ text: String) { texts[instant] = text }

  public func text(_ instant: Instant) -> String {
    if let text = texts[instant] { return text }
    if instant == .distantPast || instant == .distantFuture { return instant.text }
    missing.insert(instant)
    return instant.text
  }

  /// The day of an instant.
  public func day(_ instant: Instant) -> String {
    String(text(instant).split(separator: ",")[0])
  }

  /// The text of `end`, without its day if that is the day of `start`.
  public func end(_ end: Instant, after start: Instant) -> String {
    let day = text(start).split(separator: ",")[0] + ", "
    let later = text(end)
    return later.hasPrefix(day) ? String(later.dropFirst(day.count)) : later
  }
}
