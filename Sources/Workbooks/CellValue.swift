/// Converts numbers to binary fractions, the form of spreadsheets.
///
/// Nowhere else does the program convert an amount to a binary fraction. Dividend and divisor are
/// whole numbers below 2 to the power of 53 for all amounts, so the quotient is the fraction
/// nearest to the exact value.
enum CellValue {
  typealias Binary = Double

  private static let powers: [Int64] = [
    1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000,
  ]

  static func binary(_ value: Int64) -> Binary { Double(value) }

  static func quotient(_ dividend: Int64, _ divisor: Int64) -> Binary {
    Double(dividend) / Double(divisor)
  }

  /// `value` times 10 to the power of minus `decimals`; `nil` if it has more than 14 digits. Excel
  /// keeps 15, but LibreOffice shows 9999999999999.99 as 10000000000000.00.
  static func number(_ value: Int64, decimals: Int) -> Binary? {
    guard value.magnitude < 100_000_000_000_000 else { return nil }
    return quotient(value, powers[decimals])
  }

  private static let microsecondsADay: Int64 = 86_400_000_000
  /// The days from 1899-12-30 to 1970-01-01. Day 0 is 1899-12-30, because the calendar of
  /// spreadsheets has a 29 February 1900.
  private static let daysBeforeUnixEpoch: Int64 = 25_569
  /// From 1900-03-01, the first day on which that calendar is right, to the day before 10000-01-01.
  private static let days: Range<Int64> = 61..<2_958_466

  /// The day number of a spreadsheet for this instant, with its fraction; `nil` outside its
  /// calendar.
  static func serial(_ microsecondsSinceUnixEpoch: Int64) -> Binary? {
    let range =
      (days.lowerBound - daysBeforeUnixEpoch)
      * microsecondsADay..<(days.upperBound - daysBeforeUnixEpoch) * microsecondsADay
    guard range.contains(microsecondsSinceUnixEpoch) else { return nil }
    return quotient(
      microsecondsSinceUnixEpoch + daysBeforeUnixEpoch * microsecondsADay, microsecondsADay)
  }
}
