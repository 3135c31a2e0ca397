import ArgumentParser
import CreditRun
import Glibc
import ServiceCredits

/// A month as the user writes it: `2026-10`, `this-month`, `last-month`, or the month of `today` or
/// `yesterday`.
struct MonthArgument: Hashable {
  let month: BillingMonth

  private static let expectation =
    "A month is written 2026-10; this-month and last-month work too, by this machine's clock in UTC."

  /// - Throws: `ValidationError` with the expected forms and a suggestion.
  init(parsing text: String, now: Instant = .now) throws {
    switch text.lowercased() {
    case "this-month", "today": month = BillingMonth(of: now)
    case "yesterday":
      month = BillingMonth(of: Instant(microseconds: now.microseconds - 86_400_000_000))
    case "last-month": month = BillingMonth(of: now).advanced(by: -1)
    default:
      guard let month = BillingMonth(text) else {
        let meant = MonthArgument.nearMiss(text).map { " Did you mean \($0)?" } ?? ""
        throw ValidationError(MonthArgument.expectation + meant)
      }
      self.month = month
    }
  }

  /// Year and month in another order or with other separators: `2026/10`, `10-2026`, `Oct-2026`,
  /// `202610`, `2026-10-05`.
  private static func nearMiss(_ text: String) -> String? {
    let lowercase = text.lowercased()
    if let word = near(lowercase, ["this-month", "last-month"]) { return word }
    var parts = lowercase.split { !($0.isNumber || $0.isLetter) }.map(String.init)
    if parts.count == 1, parts[0].utf8.count == 6 {
      parts = [String(parts[0].prefix(4)), String(parts[0].dropFirst(4))]
    }
    guard let yearIndex = parts.firstIndex(where: { $0.utf8.count == 4 && Int($0) != nil }),
      let year = Int(parts[yearIndex])
    else { return nil }
    parts.remove(at: yearIndex)
    for part in parts {
      let number =
        Int(part)
        ?? names.firstIndex { part.count >= 3 && $0.hasPrefix(part) }.map { $0 + 1 }
      if let number, (1...12).contains(number), year >= 1 {
        return BillingMonth(year: year, month: number).text
      }
    }
    return nil
  }

  private static let names = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
  ]
}

/// An instant as the user writes it: ISO 8601, a month for its beginning, `now`, `today`,
/// `yesterday`.
struct InstantArgument: Hashable {
  /// `nil` for the server's clock.
  let instant: Instant?

  private static let expectation =
    "A time is written 2026-11-05T02:00:00Z, with an offset 2026-11-05T03:00:00+01:00, or 2026-11-05 for its "
    + "midnight in UTC; 2026-11, now, today and yesterday work too."

  /// - Throws: `ValidationError` with the expected forms and a suggestion.
  init(parsing text: String, now: Instant = .now) throws {
    let midnight = now.microseconds - (now.microseconds % 86_400_000_000)
    switch text.lowercased() {
    case "now": instant = nil
    case "today": instant = Instant(microseconds: midnight)
    case "yesterday": instant = Instant(microseconds: midnight - 86_400_000_000)
    default:
      let beginning = BillingMonth(text).flatMap { Instant(iso8601: $0.text + "-01") }
      guard let instant = beginning ?? Instant(iso8601: text) else {
        let meant = InstantArgument.nearMiss(text).map { " Did you mean \($0)?" } ?? ""
        throw ValidationError(InstantArgument.expectation + meant)
      }
      self.instant = instant
    }
  }

  /// A time without a zone, a date with other separators, or a misspelled word.
  private static func nearMiss(_ text: String) -> String? {
    if let word = near(text.lowercased(), ["now", "today", "yesterday"]) { return word }
    let dashed = text.replacing("/", with: "-").replacing(".", with: "-")
    return [text + "Z", text + ":00Z", text.uppercased(), dashed, dashed + "Z"].first {
      Instant(iso8601: $0) != nil
    }
  }
}

/// The word that was probably meant.
private func near(_ text: String, _ words: [String]) -> String? {
  NearMiss.nearest(to: text, among: words)
}

extension BillingMonth {
  /// Accepts only the form `2026-10`.
  fileprivate init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].utf8.count == 4, parts[1].utf8.count == 2,
      parts.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } }),
      let year = Int(parts[0]), let month = Int(parts[1]), year >= 1, (1...12).contains(month)
    else { return nil }
    self.init(year: year, month: month)
  }

  /// The month in UTC.
  fileprivate init(of instant: Instant) {
    let day = 86_400_000_000 as Int64
    self.init(daysSinceUnixEpoch: Int32(instant.microseconds / day))
  }
}

extension Instant {
  /// The time of this machine's clock.
  static var now: Instant {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
  }
}
