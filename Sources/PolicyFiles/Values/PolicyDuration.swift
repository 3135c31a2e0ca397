import ServiceCredits

// The values of a policy file, read from text. No number is octal, sexagesimal or floating-point.

/// A text cannot be read. May suggest what was meant.
struct Unreadable<Fault: Sendable>: Error {
  let fault: Fault
  var suggestion: String?
}

/// A length of time: `1h30m`, `90s`, `2d`, `1w`, `500ms`, `1us` or `PT1H30M`. A day is 24 hours and
/// a week is 168.
enum PolicyDuration {
  /// - Returns: microseconds, from 0 to one less than `Int64.max`, so that a longer duration always
  ///   exists.
  static func read(_ text: String) throws(Unreadable<DurationFault>) -> Int64 {
    let bytes = Array(text.utf8)
    do throws(DurationFaultFound) {
      return try bytes.first == UInt8(ascii: "P") ? iso8601(bytes) : units(bytes)
    } catch {
      throw Unreadable(fault: error.fault, suggestion: suggestion(for: text, error.fault))
    }
  }

  private struct DurationFaultFound: Error {
    let fault: DurationFault
  }

  private static let units: [(name: String, microseconds: Int64)] = [
    ("w", 604_800_000_000), ("d", 86_400_000_000), ("h", 3_600_000_000), ("m", 60_000_000),
    ("s", 1_000_000), ("ms", 1000), ("us", 1),
  ]

  private static func units(_ bytes: [UInt8]) throws(DurationFaultFound) -> Int64 {
    if bytes.first == UInt8(ascii: "-") { throw DurationFaultFound(fault: .negative) }
    var rest = bytes[...]
    var total = Total()
    var firstUnit = 0
    repeat {
      let number = rest.takeDigits()
      let letters = rest.take { isLetter($0) }
      guard isPlain(number) else { throw DurationFaultFound(fault: .malformed) }
      if letters.isEmpty, rest.isEmpty, number.count == bytes.count {
        throw DurationFaultFound(fault: .withoutUnit)
      }
      let name = String(decoding: letters, as: UTF8.self)
      if ["mo", "month", "months", "y", "yr", "year", "years"].contains(name) {
        throw DurationFaultFound(fault: .calendar)
      }
      // From the largest unit to the smallest, each at most once.
      guard let unit = units[firstUnit...].firstIndex(where: { $0.name == name }) else {
        throw DurationFaultFound(fault: .malformed)
      }
      try total.add(number, units[unit].microseconds)
      firstUnit = unit + 1
    } while !rest.isEmpty
    return total.microseconds
  }

  /// `P1DT2H`, `PT1H30M`, `PT0.5S`, `P1W`.
  private static func iso8601(_ bytes: [UInt8]) throws(DurationFaultFound) -> Int64 {
    var rest = bytes.dropFirst()
    var total = Total()
    var designators = Array("YMWDTHMS".utf8)[...]
    var hasTime = false
    var isComplete = false
    while let next = rest.first {
      if next == UInt8(ascii: "T"), !hasTime {
        hasTime = true
        isComplete = false
        designators = Array("HMS".utf8)[...]
        rest.removeFirst()
        continue
      }
      let number = rest.takeDigits()
      var decimals: ArraySlice<UInt8> = []
      if rest.first == UInt8(ascii: ".") {
        rest.removeFirst()
        decimals = rest.takeDigits()
        guard (1...6).contains(decimals.count) else { throw DurationFaultFound(fault: .malformed) }
      }
      guard isPlain(number), let unit = rest.popFirst(), unit != UInt8(ascii: "T"),
        let position = designators.firstIndex(of: unit),
        decimals.isEmpty || (unit == UInt8(ascii: "S") && hasTime)
      else { throw DurationFaultFound(fault: .malformed) }
      designators = designators[(position + 1)...]
      guard let length = isoLength(unit, hasTime: hasTime) else {
        throw DurationFaultFound(fault: .calendar)
      }
      try total.add(number, length)
      let padding = [UInt8](repeating: UInt8(ascii: "0"), count: 6 - min(decimals.count, 6))
      try total.add((decimals + padding)[...], 1)
      isComplete = true
    }
    guard isComplete else { throw DurationFaultFound(fault: .malformed) }
    return total.microseconds
  }

  /// Microseconds; `nil` for months and years.
  private static func isoLength(_ unit: UInt8, hasTime: Bool) -> Int64? {
    switch unit {
    case UInt8(ascii: "W"): 604_800_000_000
    case UInt8(ascii: "D"): 86_400_000_000
    case UInt8(ascii: "H"): 3_600_000_000
    case UInt8(ascii: "M"): hasTime ? 60_000_000 : nil
    case UInt8(ascii: "S"): 1_000_000
    default: nil
    }
  }

  private struct Total {
    var microseconds: Int64 = 0

    mutating func add(_ digits: ArraySlice<UInt8>, _ unit: Int64) throws(DurationFaultFound) {
      guard let count = Int64(String(decoding: digits, as: UTF8.self)) else {
        throw DurationFaultFound(fault: .tooLong)
      }
      let (product, overflowed) = count.multipliedReportingOverflow(by: unit)
      let (sum, overflowedAgain) = microseconds.addingReportingOverflow(product)
      guard !overflowed, !overflowedAgain, sum < .max else {
        throw DurationFaultFound(fault: .tooLong)
      }
      microseconds = sum
    }
  }

  // MARK: What was meant

  private static func suggestion(for text: String, _ fault: DurationFault) -> String? {
    guard text.utf8.count <= 40 else { return nil }
    switch fault {
    case .withoutUnit: return text
    case .malformed: return (clock(text) ?? loose(text)).map(DurationText.short)
    case .negative, .calendar, .tooLong: return nil
    }
  }

  /// `1:30` or `1:30:00`.
  private static func clock(_ text: String) -> Int64? {
    let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    guard parts.count == 2 || parts.count == 3 else { return nil }
    var total: Int64 = 0
    for (index, part) in parts.enumerated() {
      guard (1...2).contains(part.count), let number = Int64(String(decoding: part, as: UTF8.self)),
        number >= 0, index == 0 || number < 60
      else { return nil }
      total += number * [3_600_000_000, 60_000_000, 1_000_000][index]
    }
    return total
  }

  /// Numbers and units in informal notation: `1.5 hours`, `4 H`, `1 hour and 30 min`, `05m`.
  private static func loose(_ text: String) -> Int64? {
    var rest = text.lowercased().replacing("and", with: "").replacing(",", with: "").utf8
      .filter { $0 != UInt8(ascii: " ") }[...]
    var total: Int64 = 0
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      let number = rest.take { isDigit($0) || $0 == UInt8(ascii: ".") }
      let word = String(decoding: rest.take { isLetter($0) }, as: UTF8.self)
      let parts = number.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
      guard (1...2).contains(parts.count), let unit = looseUnit(word),
        let whole = Int64(String(decoding: parts[0], as: UTF8.self)), whole < 1_000_000
      else { return nil }
      total += whole * unit
      if parts.count == 2 {
        guard parts[1].count <= 6, let fraction = Int64(String(decoding: parts[1], as: UTF8.self))
        else { return nil }
        let scale = parts[1].reduce(Int64(1)) { scale, _ in scale * 10 }
        guard fraction * unit % scale == 0 else { return nil }
        total += fraction * unit / scale
      }
    }
    return total
  }

  private static func looseUnit(_ word: String) -> Int64? {
    let name: String
    switch word {
    case "hour", "hours", "hr", "hrs": name = "h"
    case "minute", "minutes", "min", "mins": name = "m"
    case "second", "seconds", "sec", "secs": name = "s"
    case "day", "days": name = "d"
    case "week", "weeks": name = "w"
    default: name = word
    }
    return units.first { $0.name == name }?.microseconds
  }
}

/// A share of a fee: `10%`, `12.5%`, `6.25%`.
enum PolicyPercent {
  /// - Returns: basis points, more than zero and at most `limit`.
  static func read(
    _ text: String, atMost limit: BasisPoints
  ) throws(Unreadable<PercentFault>) -> BasisPoints {
    guard text.utf8.last == UInt8(ascii: "%") else {
      throw Unreadable(
        fault: isDecimal(text) ? .withoutSign : .malformed, suggestion: suggestion(for: text))
    }
    let number = text.dropLast()
    guard isDecimal(number) else {
      throw Unreadable(fault: .malformed, suggestion: suggestion(for: text))
    }
    let parts = number.split(separator: ".")
    guard parts.count == 1 || parts[1].utf8.count <= 2 else { throw Unreadable(fault: .decimals) }
    guard parts[0].utf8.count <= 6 else { throw Unreadable(fault: .above(limit)) }
    let decimals = parts.count == 1 ? "00" : parts[1].utf8.count == 1 ? parts[1] + "0" : parts[1]
    let value = Int32(parts[0] + decimals) ?? .max
    guard value > 0 else { throw Unreadable(fault: .zero) }
    guard value <= limit.value else { throw Unreadable(fault: .above(limit)) }
    return BasisPoints(value)
  }

  private static func suggestion(for text: String) -> String? {
    guard text.utf8.count <= 20 else { return nil }
    let cleaned = withoutLeadingZeros(
      text.lowercased().replacing("percent", with: "").replacing(",", with: ".")
        .filter { $0 != "%" && $0 != " " && $0 != "+" })
    guard isDecimal(cleaned), cleaned.contains(where: { "1"..."9" ~= $0 }) else { return nil }
    let decimals = cleaned.split(separator: ".").dropFirst().first ?? ""
    guard decimals.utf8.count <= 4 else { return nil }
    if cleaned.hasPrefix("0."), !text.contains("%") {
      let digits = decimals + String(repeating: "0", count: max(0, 2 - decimals.utf8.count))
      let hundredfold = withoutLeadingZeros(
        digits.utf8.count == 2 ? "\(digits)" : "\(digits.prefix(2)).\(digits.dropFirst(2))")
      return decimals.utf8.count <= 2
        ? "\(hundredfold)% or \(cleaned)%, whichever is meant" : "\(hundredfold)%"
    }
    return decimals.utf8.count <= 2 ? "\(cleaned)%" : nil
  }
}

/// An amount in major units: `250000`, `0.50`.
enum PolicyAmount {
  /// - Returns: minor units, not negative.
  static func read(
    _ text: String, in currency: Currency
  ) throws(Unreadable<AmountFault>) -> Int64 {
    guard isDecimal(text) else {
      let isNegative = text.hasPrefix("-") && isDecimal(text.dropFirst())
      throw Unreadable(
        fault: isNegative ? .negative : .malformed, suggestion: suggestion(for: text, currency))
    }
    let parts = text.split(separator: ".")
    let decimals = parts.count == 1 ? "" : parts[1]
    guard decimals.utf8.count <= Int(currency.exponent) else { throw Unreadable(fault: .decimals) }
    let padding = String(repeating: "0", count: Int(currency.exponent) - decimals.utf8.count)
    guard let minor = Int64(parts[0] + decimals + padding) else {
      throw Unreadable(fault: .tooLarge)
    }
    return minor
  }

  /// The shortest form, with all of the currency's decimals or none: `250000`, `0.50`.
  static func text(_ amountMinor: Int64, in currency: Currency) -> String {
    let (whole, rest) = amountMinor.quotientAndRemainder(dividingBy: currency.minorUnitsPerMajor)
    guard rest > 0 else { return String(whole) }
    let decimals = String(rest)
    let padding = String(repeating: "0", count: Int(currency.exponent) - decimals.utf8.count)
    return "\(whole).\(padding)\(decimals)"
  }

  private static func suggestion(for text: String, _ currency: Currency) -> String? {
    guard text.utf8.count <= 40 else { return nil }
    let cleaned = withoutLeadingZeros(
      withoutThousands(text.replacing(currency.code, with: "")).filter { !"_' +$€£¥".contains($0) })
    return isDecimal(cleaned) ? cleaned : nil
  }

  /// Removes commas if each is before a group of three digits.
  private static func withoutThousands(_ text: String) -> String {
    let groups = text.split(separator: ",", omittingEmptySubsequences: false)
    let areThousands = groups.dropFirst().allSatisfy { group in
      group.utf8.prefix { isDigit($0) }.count == 3
    }
    return areThousands ? groups.joined() : text
  }
}

/// A day: `2025-01-01`.
enum PolicyDate {
  enum Fault: Hashable, Sendable {
    case malformed, noSuchDay
  }

  static func read(_ text: String) throws(Unreadable<Fault>) -> CalendarDate {
    let bytes = Array(text.utf8)
    guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
      let year = number(bytes[0..<4]), let month = number(bytes[5..<7]),
      let day = number(bytes[8..<10])
    else { throw Unreadable(fault: .malformed, suggestion: suggestion(for: text)) }
    guard let date = CalendarDate(year: year, month: month, day: day) else {
      throw Unreadable(fault: .noSuchDay)
    }
    return date
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
    digits.allSatisfy(isDigit) ? Int(String(decoding: digits, as: UTF8.self)) : nil
  }

  /// Guesses the date from: year first with other separators or none, short months and days, a time
  /// after the date.
  private static func suggestion(for text: String) -> String? {
    guard text.utf8.count <= 40 else { return nil }
    let day = text.prefix { $0 != "T" && $0 != " " }
    var parts = day.split { $0 == "-" || $0 == "/" || $0 == "." }.map(String.init)
    if parts.count == 1, day.utf8.count == 8 {
      parts = [
        String(day.prefix(4)), String(day.dropFirst(4).prefix(2)), String(day.dropFirst(6)),
      ]
    }
    guard parts.count == 3, parts[0].utf8.count == 4, (1...2).contains(parts[1].utf8.count),
      (1...2).contains(parts[2].utf8.count), parts.allSatisfy({ $0.utf8.allSatisfy(isDigit) }),
      let year = Int(parts[0]), let month = Int(parts[1]), let dayOfMonth = Int(parts[2])
    else { return nil }
    return CalendarDate(year: year, month: month, day: dayOfMonth)?.text
  }
}

/// Checks the form of a time zone's name. Only PostgreSQL knows whether the zone exists.
enum PolicyTimeZone {
  static func isPlausible(_ text: String) -> Bool {
    guard (1...64).contains(text.utf8.count) else { return false }
    let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    for part in parts {
      guard let first = part.first, isLetter(first), part.allSatisfy(isNameByte) else {
        return false
      }
    }
    // PostgreSQL reads `UTC+2` as a POSIX zone two hours *behind* UTC, and `Berln-1` as a POSIX
    // zone too.
    let sign = text.utf8.firstIndex { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") }
    if parts.count == 1, let sign, text.utf8[sign...].dropFirst().first.map(isDigit) ?? true {
      return text == "GMT+0" || text == "GMT-0"
    }
    return true
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
      || byte == UInt8(ascii: "+")
  }
}

// MARK: Bytes

private func isDigit(_ byte: UInt8) -> Bool {
  byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
}

private func isLetter(_ byte: UInt8) -> Bool {
  let lowercase = byte | 0x20
  return lowercase >= UInt8(ascii: "a") && lowercase <= UInt8(ascii: "z")
}

/// Whether these are digits without a leading zero, or one zero.
private func isPlain(_ digits: some Collection<UInt8>) -> Bool {
  !digits.isEmpty && (digits.count == 1 || digits.first != UInt8(ascii: "0"))
    && digits.allSatisfy(isDigit)
}

/// Whether the text is a number without a sign: `0`, `10`, `12.50`, but not `010`, `.5`, `1.` or
/// `1_000`.
func isDecimal(_ text: some StringProtocol) -> Bool {
  let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
  guard parts.count <= 2, let whole = parts.first, isPlain(whole) else { return false }
  return parts.count == 1 || (!parts[1].isEmpty && parts[1].allSatisfy(isDigit))
}

private func withoutLeadingZeros(_ text: String) -> String {
  var rest = text[...]
  while rest.hasPrefix("0"), rest.dropFirst().utf8.first.map(isDigit) ?? false {
    rest = rest.dropFirst()
  }
  return String(rest)
}

extension ArraySlice<UInt8> {
  fileprivate mutating func take(while belongs: (UInt8) -> Bool) -> ArraySlice<UInt8> {
    let taken = prefix(while: belongs)
    removeFirst(taken.count)
    return taken
  }

  fileprivate mutating func takeDigits() -> ArraySlice<UInt8> {
    take(while: isDigit)
  }
}
