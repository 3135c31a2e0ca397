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

  /// The later of two times, without its day where that is the earlier one's.
  public func end(_ end: Instant, after start: Instant) -> String {
    let day = text(start).split(separator: ",")[0] + ", "
    let later = text(end)
    return later.hasPrefix(day) ? String(later.dropFirst(day.count)) : later
  }
}
