// Durations, percentages and tiers as text, appended to bytes so that a row of a report allocates
// no String.

/// Two ways to write a length of time. Both are exact. Hours are never converted to days, because a
/// day is not always 24 hours long.
public enum DurationText {
  /// Appends the shortest ISO 8601 form of `microseconds`: `PT3H59M12S`, `PT4H0.000001S`, `PT0S`.
  /// - Precondition: not negative.
  public static func appendISO8601(_ microseconds: Int64, to text: inout [UInt8]) {
    let parts = Parts(microseconds)
    text.append(UInt8(ascii: "P"))
    text.append(UInt8(ascii: "T"))
    if parts.hours > 0 {
      text.append(decimal: parts.hours)
      text.append(UInt8(ascii: "H"))
    }
    if parts.minutes > 0 {
      text.append(decimal: parts.minutes)
      text.append(UInt8(ascii: "M"))
    }
    if parts.seconds > 0 || parts.microseconds > 0 || microseconds == 0 {
      text.append(decimal: parts.seconds)
      text.append(fraction: parts.microseconds, digits: 6)
      text.append(UInt8(ascii: "S"))
    }
  }

  /// Appends `microseconds` in words: `1 hour 30 minutes`, `4 hours 1 microsecond`, `0 seconds`.
  ///
  /// The fraction of a second is in milliseconds if that is a whole number, else in microseconds.
  /// - Precondition: not negative.
  public static func appendWords(_ microseconds: Int64, to text: inout [UInt8]) {
    let parts = Parts(microseconds)
    let start = text.count
    func append(_ count: Int64, _ unit: StaticString, to text: inout [UInt8]) {
      guard count > 0 else { return }
      if text.count > start { text.append(UInt8(ascii: " ")) }
      text.append(decimal: count)
      text.append(UInt8(ascii: " "))
      text.append(unit)
      if count != 1 { text.append(UInt8(ascii: "s")) }
    }
    append(parts.hours, "hour", to: &text)
    append(parts.minutes, "minute", to: &text)
    append(parts.seconds, "second", to: &text)
    if parts.microseconds % 1000 == 0 {
      append(parts.microseconds / 1000, "millisecond", to: &text)
    } else {
      append(parts.microseconds, "microsecond", to: &text)
    }
    if text.count == start { text.append("0 seconds") }
  }

  public static func iso8601(_ microseconds: Int64) -> String {
    var text: [UInt8] = []
    appendISO8601(microseconds, to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  public static func words(_ microseconds: Int64) -> String {
    var text: [UInt8] = []
    appendWords(microseconds, to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  private struct Parts {
    let hours, minutes, seconds, microseconds: Int64

    init(_ total: Int64) {
      precondition(total >= 0, "a length of time is not negative")
      let (wholeSeconds, microseconds) = total.quotientAndRemainder(dividingBy: 1_000_000)
      self.microseconds = microseconds
      seconds = wholeSeconds % 60
      minutes = wholeSeconds / 60 % 60
      hours = wholeSeconds / 3600
    }
  }
}

extension BasisPoints {
  /// Appends the percentage without `%` and without trailing zeros: `25`, `12.5`, `6.25`.
  public func appendPercent(to text: inout [UInt8]) {
    if value < 0 { text.append(UInt8(ascii: "-")) }
    let (whole, hundredths) = Int64(value).magnitude.quotientAndRemainder(dividingBy: 100)
    text.append(decimal: Int64(whole))
    text.append(fraction: Int64(hundredths), digits: 2)
  }

  /// The percentage without `%` and without trailing zeros: `25`, `12.5`, `6.25`.
  public var percentText: String {
    var text: [UInt8] = []
    appendPercent(to: &text)
    return String(decoding: text, as: UTF8.self)
  }
}

extension CreditTier {
  /// Appends this tier in words: `P0 longer than 4 hours: 25 %`.
  public func appendWords(to text: inout [UInt8]) {
    text.append(UInt8(ascii: "P"))
    text.append(UInt8(ascii: "0") + severity.rawValue)
    text.append(" longer than ")
    DurationText.appendWords(longerThanMicroseconds, to: &text)
    text.append(": ")
    credit.appendPercent(to: &text)
    text.append(" %")
  }

  /// This tier in words: `P0 longer than 4 hours: 25 %`.
  public var words: String {
    var text: [UInt8] = []
    appendWords(to: &text)
    return String(decoding: text, as: UTF8.self)
  }
}

extension [UInt8] {
  fileprivate mutating func append(_ text: StaticString) {
    unsafe append(
      contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// - Parameter number: not negative.
  fileprivate mutating func append(decimal number: Int64) {
    if number >= 10 { append(decimal: number / 10) }
    append(UInt8(ascii: "0") + UInt8(number % 10))
  }

  /// Appends a point and `fraction` as `digits` decimals without trailing zeros; nothing if it is
  /// zero.
  fileprivate mutating func append(fraction: Int64, digits: Int) {
    guard fraction > 0 else { return }
    append(UInt8(ascii: "."))
    let start = count
    var rest = fraction
    for _ in 0..<digits {
      append(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
    }
    self[start...].reverse()
    while last == UInt8(ascii: "0") { removeLast() }
  }
}

extension BasisPoints {
  /// For a sentence: `12.5 %`.
  public var words: String { "\(percentText) %" }
}
