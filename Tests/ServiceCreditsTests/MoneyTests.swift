import SeededRandom
import ServiceCredits
import Testing

@Suite struct RoundingTests {
  struct Row: Sendable {
    let numerator: Int128
    let denominator: Int128
    /// halfUp, halfEven, up, down
    let expected: [Int64]
  }

  @Test(arguments: [
    Row(numerator: 0, denominator: 10, expected: [0, 0, 0, 0]),
    Row(numerator: 1, denominator: 10, expected: [0, 0, 1, 0]),
    Row(numerator: 4, denominator: 10, expected: [0, 0, 1, 0]),
    Row(numerator: 5, denominator: 10, expected: [1, 0, 1, 0]),
    Row(numerator: 6, denominator: 10, expected: [1, 1, 1, 0]),
    Row(numerator: 9, denominator: 10, expected: [1, 1, 1, 0]),
    Row(numerator: 10, denominator: 10, expected: [1, 1, 1, 1]),
    Row(numerator: 12, denominator: 10, expected: [1, 1, 2, 1]),
    Row(numerator: 14, denominator: 10, expected: [1, 1, 2, 1]),
    Row(numerator: 15, denominator: 10, expected: [2, 2, 2, 1]),
    Row(numerator: 16, denominator: 10, expected: [2, 2, 2, 1]),
    Row(numerator: 25, denominator: 10, expected: [3, 2, 3, 2]),
    Row(numerator: 35, denominator: 10, expected: [4, 4, 4, 3]),
    Row(numerator: 1, denominator: 3, expected: [0, 0, 1, 0]),
    Row(numerator: 2, denominator: 3, expected: [1, 1, 1, 0]),
    Row(numerator: 7, denominator: 1, expected: [7, 7, 7, 7]),
    Row(numerator: -1, denominator: 10, expected: [0, 0, -1, 0]),
    Row(numerator: -4, denominator: 10, expected: [0, 0, -1, 0]),
    Row(numerator: -5, denominator: 10, expected: [-1, 0, -1, 0]),
    Row(numerator: -6, denominator: 10, expected: [-1, -1, -1, 0]),
    Row(numerator: -15, denominator: 10, expected: [-2, -2, -2, -1]),
    Row(numerator: -25, denominator: 10, expected: [-3, -2, -3, -2]),
    Row(
      numerator: 4_999_999_999, denominator: 10_000_000_000, expected: [0, 0, 1, 0]),
    Row(
      numerator: 5_000_000_001, denominator: 10_000_000_000, expected: [1, 1, 1, 0]),
    Row(
      numerator: Int128(Int64.max), denominator: 1, expected: [.max, .max, .max, .max]),
    Row(
      numerator: -Int128(Int64.max), denominator: 1, expected: [-.max, -.max, -.max, -.max]),
  ])
  func rules(row: Row) throws {
    for (rule, expected) in zip([RoundingRule.halfUp, .halfEven, .up, .down], row.expected) {
      #expect(try rule.divide(row.numerator, by: row.denominator) == expected, "\(rule)")
    }
  }

  /// The largest values that fit, and the first that do not.
  @Test(arguments: RoundingRule.allCases)
  func range(rule: RoundingRule) throws {
    let most = Int128(Int64.max)
    #expect(try rule.divide(most * 10, by: 10) == .max)
    #expect(throws: AmountOutOfRange()) { try rule.divide(most * 10 + 10, by: 10) }
    #expect(throws: AmountOutOfRange()) { try rule.divide(-most * 10 - 10, by: 10) }
    #expect(throws: AmountOutOfRange()) { try rule.divide(.max, by: 1) }
    #expect(throws: AmountOutOfRange()) { try rule.divide(.min, by: 1) }
    if rule == .down {
      #expect(try rule.divide(most * 10 + 9, by: 10) == .max)
    } else {
      #expect(throws: AmountOutOfRange()) { try rule.divide(most * 10 + 9, by: 10) }
    }
  }

  /// Laws that define each rule without its formula: how far it moves a value, in which direction,
  /// and where ties go.
  @Test func laws() throws {
    let seed = SeededGenerator.newSeed()
    var random = SeededGenerator(seed: seed)
    for _ in 0..<3000 {
      let denominator = Int128(Int64.random(in: 1...20, using: &random))
      let numerator = Int128(Int64.random(in: -1000...1000, using: &random))
      for rule in RoundingRule.allCases {
        let rounded = Int128(try rule.divide(numerator, by: denominator))
        let moved = rounded * denominator - numerator
        let message: Comment = "seed \(seed): \(rule) of \(numerator)/\(denominator)"
        let reversed = try rule.divide(-numerator, by: denominator)
        #expect(Int128(reversed) == -rounded, message)
        switch rule {
        case .up:
          #expect(moved.magnitude < denominator.magnitude, message)
          #expect(moved == 0 || (moved > 0) == (numerator > 0), message)
        case .down:
          #expect(moved.magnitude < denominator.magnitude, message)
          #expect(moved == 0 || (moved < 0) == (numerator > 0), message)
        case .halfUp, .halfEven:
          #expect(moved.magnitude * 2 <= denominator.magnitude, message)
          if moved.magnitude * 2 == denominator.magnitude {
            if rule == .halfUp { #expect((moved > 0) == (numerator > 0), message) }
            if rule == .halfEven { #expect(rounded % 2 == 0, message) }
          }
        }
      }
    }
  }
}

@Suite struct MonthlyFeeTests {
  struct Row: Sendable {
    let fee: String
    let basisPoints: Int32
    let rounding: RoundingRule
    let minor: Int64

    init(_ fee: String, _ basisPoints: Int32, _ rounding: RoundingRule, _ minor: Int64) {
      self.fee = fee
      self.basisPoints = basisPoints
      self.rounding = rounding
      self.minor = minor
    }
  }

  @Test(arguments: [
    Row("10.05 USD", 1000, .halfUp, 101),
    Row("10.05 USD", 1000, .halfEven, 100),
    Row("10.05 USD", 1000, .up, 101),
    Row("10.05 USD", 1000, .down, 100),
    Row("83.333333 USD", 1000, .halfUp, 833),
    Row("83.333333 USD", 10_000, .halfUp, 8333),
    Row("83.333333 USD", 10_000, .up, 8334),
    Row("0.05 USD", 1000, .halfUp, 1),
    Row("0.049999 USD", 1000, .halfUp, 0),
    Row("0.000001 USD", 1, .up, 1),
    Row("0.000001 USD", 1, .halfUp, 0),
    Row("1000 JPY", 500, .halfUp, 50),
    Row("1009 JPY", 500, .halfUp, 50),
    Row("1010 JPY", 500, .halfUp, 51),
    Row("1.234 KWD", 1000, .halfUp, 123),
    Row("1.235 KWD", 1000, .halfUp, 124),
    Row("1.2345 CLF", 10_000, .halfUp, 12_345),
    Row("1000 USD", 0, .up, 0),
    Row("0 USD", 10_000, .up, 0),
    Row("1000 USD", 3333, .halfUp, 33_330),
    Row("9223372036854.775807 JPY", 10_000, .down, 9_223_372_036_854),
    Row("9223372036854.775807 JPY", 10_000, .halfUp, 9_223_372_036_855),
    Row("9223372036854.775807 USD", 10_000, .down, 922_337_203_685_477),
    Row("9223372036854.775807 KWD", 10_000, .halfUp, 9_223_372_036_854_776),
    Row("9223372036854.775807 CLF", 10_000, .up, 92_233_720_368_547_759),
    Row("9223372036854.775807 CLF", 1, .halfUp, 9_223_372_036_855),
  ])
  func portion(row: Row) throws {
    let fee = OutageStory.fee(row.fee)
    #expect(
      try fee.portion(BasisPoints(row.basisPoints), rounding: row.rounding)
        == Money(amountMinor: row.minor, currency: fee.currency))
  }

  @Test func largestRateOfTheLargestFeeIsRefused() throws {
    let fee = OutageStory.fee("9223372036854.775807 CLF")
    #expect(throws: AmountOutOfRange()) {
      try fee.portion(BasisPoints(.max), rounding: .halfUp)
    }
    #expect(
      try fee.portion(BasisPoints(1_000_000), rounding: .halfUp).amountMinor
        == 9_223_372_036_854_775_807)
    #expect(throws: AmountOutOfRange()) {
      try fee.portion(BasisPoints(1_000_001), rounding: .halfUp)
    }
  }

  /// Rounded once and exactly: never wrong by a unit, for a fee of any size.
  @Test func laws() throws {
    let seed = SeededGenerator.newSeed()
    var random = SeededGenerator(seed: seed)
    let currencies = ["JPY", "USD", "KWD", "CLF"].compactMap { Currency($0) }
    for _ in 0..<5000 {
      let currency = currencies[Int.random(in: 0..<4, using: &random)]
      let bits = Int64.random(in: 0...62, using: &random)
      let micros = Int64.random(in: 0...(Int64.max >> bits), using: &random)
      let fee = MonthlyFee(micros: micros, currency: currency)
      let rate = Int32.random(in: 0...10_000, using: &random)
      let exact = Int128(micros) * Int128(rate) * Int128(currency.minorUnitsPerMajor)
      let unit = Int128(10_000_000_000)
      let down = try fee.portion(BasisPoints(rate), rounding: .down).amountMinor
      let up = try fee.portion(BasisPoints(rate), rounding: .up).amountMinor
      let half = try fee.portion(BasisPoints(rate), rounding: .halfUp).amountMinor
      let message: Comment = "seed \(seed): \(rate) bp of \(micros) micros \(currency.code)"
      #expect(Int128(down) * unit <= exact && exact < (Int128(down) + 1) * unit, message)
      #expect(up == (Int128(down) * unit == exact ? down : down + 1), message)
      #expect(half == (exact - Int128(down) * unit >= unit / 2 ? down + 1 : down), message)
      let more = try fee.portion(BasisPoints(rate + 1), rounding: .halfUp).amountMinor
      #expect(more >= half, message)
    }
  }
}

@Suite struct CurrencyTests {
  @Test(arguments: [
    ("JPY", 0, 1), ("KRW", 0, 1), ("ISK", 0, 1), ("UGX", 0, 1), ("VND", 0, 1), ("XAF", 0, 1),
    ("USD", 2, 100), ("EUR", 2, 100), ("GBP", 2, 100), ("INR", 2, 100), ("HUF", 2, 100),
    ("MGA", 2, 100), ("SLE", 2, 100), ("ZWG", 2, 100), ("XCG", 2, 100),
    ("KWD", 3, 1000), ("BHD", 3, 1000), ("IQD", 3, 1000), ("JOD", 3, 1000), ("TND", 3, 1000),
    ("CLF", 4, 10_000), ("UYW", 4, 10_000),
  ])
  func listed(code: String, exponent: UInt8, units: Int64) throws {
    let currency = try #require(Currency(code))
    #expect(currency.exponent == exponent)
    #expect(currency.minorUnitsPerMajor == units)
    #expect(currency.code == code)
    #expect(currency.codeBytes == Array(code.utf8))
  }

  @Test(arguments: [
    "", "US", "USDT", "usd", "Usd", "XXX", "XTS", "XAU", "XDR", "BTC", " USD", "USD ", "ＵＳＤ", "ÜSD",
    "U\u{0}D", "DEM",
  ])
  func unlisted(code: String) {
    #expect(Currency(code) == nil)
  }

  @Test func orderIsThatOfBytes() {
    let codes = ["ZAR", "AED", "USD", "EUR", "USN", "JPY"]
    #expect(codes.compactMap { Currency($0) }.sorted().map(\.code) == codes.sorted())
  }

  @Test(arguments: [
    ("USD", 0, "0.00 USD"), ("USD", 5, "0.05 USD"), ("USD", -5, "-0.05 USD"),
    ("USD", 123_450, "1234.50 USD"), ("USD", -100, "-1.00 USD"), ("JPY", 50, "50 JPY"),
    ("JPY", 0, "0 JPY"), ("KWD", 123, "0.123 KWD"), ("CLF", 12_345, "1.2345 CLF"),
    ("USD", Int64.max, "92233720368547758.07 USD"), ("USD", Int64.min, "-92233720368547758.08 USD"),
  ])
  func money(code: String, minor: Int64, text: String) throws {
    #expect(Money(amountMinor: minor, currency: try #require(Currency(code))).text == text)
  }
}
