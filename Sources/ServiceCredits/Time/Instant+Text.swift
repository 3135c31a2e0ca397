/// Dates and times as ISO 8601 text in UTC, appended byte by byte.
///
/// Dates are calculated in the proleptic Gregorian calendar, without tables and without a time
/// zone.
extension Instant {
  /// `2026-10-31T22:00:00Z`; with six decimals if there are microseconds.
  public func appendText(to buffer: inout [UInt8]) {
    let (days, inDay) = microseconds.flooredDivision(by: 86_400_000_000)
    appendDate(days: days, to: &buffer)
    buffer.append(UInt8(ascii: "T"))
    let (seconds, fraction) = inDay.quotientAndRemainder(dividingBy: 1_000_000)
    appendDigits(seconds / 3600, count: 2, to: &buffer)
    buffer.append(UInt8(ascii: ":"))
    appendDigits(seconds / 60 % 60, count: 2, to: &buffer)
    buffer.append(UInt8(ascii: ":"))
    appendDigits(seconds % 60, count: 2, to: &buffer)
    if fraction != 0 {
      buffer.append(UInt8(ascii: "."))
      appendDigits(fraction, count: 6, to: &buffer)
    }
    buffer.append(UInt8(ascii: "Z"))
  }

  /// Like `appendText`; `infinity` and `-infinity` for `distantFuture` and `distantPast`.
  public var text: String {
    if self == .distantFuture { return "infinity" }
    if self == .distantPast { return "-infinity" }
    var bytes: [UInt8] = []
    appendText(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension Instant {
  /// The day that the instant lies in, by UTC.
  public var utcDay: CalendarDate {
    CalendarDate(
      daysSinceUnixEpoch: Int32(microseconds.flooredDivision(by: 86_400_000_000).quotient))
  }
}

extension BillingMonth {
  /// Days from 1970-01-01 to the first of the month.
  public var daysSinceUnixEpoch: Int32 {
    // The leap day is the last day of a year that begins in March.
    let year = Int64(self.year) - (month <= 2 ? 1 : 0)
    let monthFromMarch = Int64((month + 9) % 12)
    let (era, yearOfEra) = year.flooredDivision(by: 400)
    let dayOfYear = (153 * monthFromMarch + 2) / 5
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return Int32(era * 146_097 + dayOfEra - 719_468)
  }

  /// The month of the day that is `days` days after 1970-01-01.
  public init(daysSinceUnixEpoch days: Int32) {
    let (year, month, _) = civilDate(days: Int64(days))
    self.init(year: Int(year), month: Int(month))
  }

  /// `2026-10`.
  public func appendText(to buffer: inout [UInt8]) {
    appendDigits(Int64(year), count: 4, to: &buffer)
    buffer.append(UInt8(ascii: "-"))
    appendDigits(Int64(month), count: 2, to: &buffer)
  }

  public var text: String {
    var bytes: [UInt8] = []
    appendText(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension CalendarDate {
  /// `2026-10-31`.
  public var text: String {
    var bytes: [UInt8] = []
    appendDigits(Int64(year), count: 4, to: &bytes)
    bytes.append(UInt8(ascii: "-"))
    appendDigits(Int64(month), count: 2, to: &bytes)
    bytes.append(UInt8(ascii: "-"))
    appendDigits(Int64(day), count: 2, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }
}

private func appendDate(days: Int64, to buffer: inout [UInt8]) {
  let (year, month, day) = civilDate(days: days)
  if year < 0 { buffer.append(UInt8(ascii: "-")) }
  appendDigits(abs(year), count: 4, to: &buffer)
  buffer.append(UInt8(ascii: "-"))
  appendDigits(month, count: 2, to: &buffer)
  buffer.append(UInt8(ascii: "-"))
  appendDigits(day, count: 2, to: &buffer)
}

/// The Gregorian date that is `days` days after 1970-01-01.
func civilDate(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
  let (era, dayOfEra) = (days + 719_468).flooredDivision(by: 146_097)
  let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
  let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let monthFromMarch = (5 * dayOfYear + 2) / 153
  let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
  let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
  return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
}

/// Appends `value`, which is not negative, with at least `count` digits.
private func appendDigits(_ value: Int64, count: Int, to buffer: inout [UInt8]) {
  var rest = value
  var digits: Int64 = 1
  var width = 1
  while rest >= 10 {
    rest /= 10
    digits *= 10
    width += 1
  }
  for _ in 0..<max(0, count - width) { buffer.append(UInt8(ascii: "0")) }
  rest = value
  while digits > 0 {
    buffer.append(UInt8(ascii: "0") + UInt8(rest / digits))
    rest %= digits
    digits /= 10
  }
}

extension Int64 {
  /// The quotient rounded down, and the remainder, which has the sign of the divisor.
  fileprivate func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}

extension Instant {
  /// Reads ISO 8601: a date (midnight UTC), or a date and a time with up to six decimals and `Z` or
  /// an offset. Returns `nil` for other text and for a time without a zone.
  public init?(iso8601 text: String) {
    var reader = DigitReader(bytes: Array(text.utf8))
    guard let year = reader.number(digits: 4), reader.skip("-"),
      let month = reader.number(digits: 2), reader.skip("-"),
      let day = reader.number(digits: 2),
      let date = CalendarDate(year: year, month: month, day: day)
    else { return nil }
    var microseconds = Int64(date.daysSinceUnixEpoch) * 86_400_000_000
    guard !reader.isAtEnd else {
      self.init(microseconds: microseconds)
      return
    }
    guard reader.skip("T") || reader.skip(" "), let hour = reader.number(digits: 2), hour < 24,
      reader.skip(":"), let minute = reader.number(digits: 2), minute < 60
    else { return nil }
    var second = 0
    var fraction = 0
    if reader.skip(":") {
      guard let whole = reader.number(digits: 2), whole < 60 else { return nil }
      second = whole
      if reader.skip(".") {
        guard let decimals = reader.fraction(digits: 6) else { return nil }
        fraction = decimals
      }
    }
    guard let offsetMinutes = reader.offsetMinutes(), reader.isAtEnd else { return nil }
    microseconds += Int64((hour * 60 + minute - offsetMinutes) * 60 + second) * 1_000_000
    self.init(microseconds: microseconds + Int64(fraction))
  }
}

extension CalendarDate {
  /// Days from 1970-01-01.
  public var daysSinceUnixEpoch: Int32 {
    BillingMonth(year: year, month: month).daysSinceUnixEpoch + Int32(day - 1)
  }
}

/// Reads digits and separators from the front of a text.
private struct DigitReader {
  let bytes: [UInt8]
  var position = 0

  var isAtEnd: Bool { position == bytes.count }

  mutating func skip(_ mark: Unicode.Scalar) -> Bool {
    guard position < bytes.count, bytes[position] == UInt8(ascii: mark) else { return false }
    position += 1
    return true
  }

  mutating func number(digits: Int) -> Int? {
    guard position + digits <= bytes.count else { return nil }
    var value = 0
    for byte in bytes[position..<position + digits] {
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
      value = value * 10 + Int(byte - UInt8(ascii: "0"))
    }
    position += digits
    return value
  }

  /// One to `digits` decimals, scaled to `digits`.
  mutating func fraction(digits: Int) -> Int? {
    var value = 0
    var count = 0
    while let digit = number(digits: 1) {
      guard count < digits else { return nil }
      value = value * 10 + digit
      count += 1
    }
    guard count > 0 else { return nil }
    for _ in count..<digits { value *= 10 }
    return value
  }

  /// `Z`, `+01:00`, `-0330` or `+01`.
  mutating func offsetMinutes() -> Int? {
    if skip("Z") { return 0 }
    let sign: Int
    if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
    guard let hours = number(digits: 2), hours < 24 else { return nil }
    if isAtEnd { return sign * hours * 60 }
    _ = skip(":")
    guard let minutes = number(digits: 2), minutes < 60 else { return nil }
    return sign * (hours * 60 + minutes)
  }
}
