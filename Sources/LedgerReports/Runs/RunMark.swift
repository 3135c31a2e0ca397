package import ServiceCredits

/// The run that a hidden file belongs to, as the file's name tells it.
///
/// The run's number alone is not enough: every ledger counts from 1, and a database that was
/// restored from a backup uses the same numbers again.
package struct RunMark: Hashable, Comparable {
  package let ledgerId: String
  package let runId: Int64
  package let beganAt: Instant

  /// `.credits-run-41.0b65….1795401000000000.partial`
  package func hiddenName(_ name: String) -> String {
    let stem = name.prefix { $0 != "." }
    return ".\(stem).\(ledgerId).\(beganAt.microseconds).partial"
  }

  package init(ledgerId: String, runId: Int64, beganAt: Instant) {
    self.ledgerId = ledgerId
    self.runId = runId
    self.beganAt = beganAt
  }

  /// Returns `nil` for a name that no run gives.
  init?(hiddenName: String) {
    let parts = hiddenName.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 5, parts[0].isEmpty, parts[4] == "partial",
      let number = parts[1].lastIndex(of: "-"), let runId = Int64(parts[1][number...].dropFirst()),
      let beganAt = Int64(parts[3]), runId > 0
    else { return nil }
    self.init(
      ledgerId: String(parts[2]), runId: runId, beganAt: Instant(microseconds: beganAt))
  }

  package static func < (first: RunMark, second: RunMark) -> Bool {
    (first.runId, first.beganAt, first.ledgerId) < (second.runId, second.beganAt, second.ledgerId)
  }
}
