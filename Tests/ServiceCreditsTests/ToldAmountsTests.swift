import SeededRandom
import ServiceCredits
import Testing

/// How amounts are told to other systems, and what is carried.
@Suite struct ToldAmountsTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let system: BalanceSystem
    let currency: String
    let minor: [Int64]
    let told: [String]
    let carried: Int128

    init(
      _ name: String, _ system: BalanceSystem, _ currency: String, _ minor: [Int64],
      _ told: [String], carried: Int128 = 0
    ) {
      (testDescription, self.system, self.currency) = (name, system, currency)
      (self.minor, self.told, self.carried) = (minor, told, carried)
    }
  }

  private static func units(_ code: String, _ system: BalanceSystem) -> ToldUnits? {
    Currency(code).flatMap { ToldUnits($0, in: system) }
  }

  @Test(arguments: [
    Row("cents are cents", .stripe, "USD", [-1234, 234], ["-1234", "234"]),
    Row("yen have no decimals", .stripe, "JPY", [-2500], ["-2500"]),
    Row("Stripe's krónur have two", .stripe, "ISK", [-1500], ["-150000"]),
    Row("and its Ugandan shillings", .stripe, "UGX", [-7], ["-700"]),
    Row("a third decimal is carried", .stripe, "KWD", [-1234], ["-1230"], carried: -4),
    Row(
      "to the next message", .stripe, "KWD", [-1234, -1233, -3], ["-1230", "-1230", "-10"]),
    Row("too little to be said", .stripe, "BHD", [-9], ["0"], carried: -9),
    Row("a tenth just said", .stripe, "BHD", [-9, -1], ["0", "-10"]),
    Row("taken back whole", .stripe, "OMR", [-1234, 1234], ["-1230", "1230"]),
    Row(
      "taken back in part says no less than it must", .stripe, "TND", [-1239, 5],
      ["-1230", "0"], carried: -4),
    Row("ariary without decimals there", .stripe, "MGA", [-250, -50], ["-2", "-1"]),
    Row("the largest amount", .stripe, "ISK", [.min], ["-922337203685477580800"]),
    Row("Lago takes decimals", .lago, "EUR", [-5, 1234], ["-0.05", "12.34"]),
    Row("three of them", .lago, "KWD", [-1234], ["-1.234"]),
    Row("none", .lago, "JPY", [-1234], ["-1234"]),
    Row("Kill Bill too", .killbill, "USD", [-100_000_000], ["-1000000.00"]),
    Row("everybody else", .other, "CLF", [-1], ["-0.0001"]),
  ])
  func said(row: Row) throws {
    let units = try #require(Self.units(row.currency, row.system))
    var amounts = ToldAmounts(units)
    #expect(row.minor.map { units.text(amounts.add($0)) } == row.told)
    #expect(amounts.carriedMinor == row.carried)
  }

  @Test func whatASystemCannotBeTold() throws {
    for code in ["IQD", "LYD", "CLF"] {
      #expect(Self.units(code, .stripe) == nil, "\(code)")
    }
    let units = try #require(Self.units("JPY", .killbill))
    #expect(units.most.map { units.text($0) } == "999999")
  }

  /// Whatever is granted and taken back, in any order: what is said and what is left over are the lines, and nobody is told
  /// to have more than they have.
  @Test(arguments: BalanceSystem.allCases)
  func sumsAreTheLines(system: BalanceSystem) throws {
    let seed = SeededGenerator.newSeed()
    var random = SeededGenerator(seed: seed)
    for code in ["USD", "JPY", "KWD", "ISK", "MGA"] {
      let units = try #require(Self.units(code, system))
      for _ in 0..<50 {
        var amounts = ToldAmounts(units)
        var (lines, told): (Int128, Int128) = (0, 0)
        for _ in 0..<20 {
          let line = Int64.random(in: -2000...1500, using: &random)
          lines += Int128(line)
          told += amounts.add(line)
          let toldMinor = told / Int128(units.unitsPerStep) * Int128(units.stepMinor)
          #expect(toldMinor + amounts.carriedMinor == lines, "seed \(seed)")
          #expect(abs(amounts.carriedMinor) < Int128(units.stepMinor), "seed \(seed)")
          #expect(toldMinor >= lines, "seed \(seed): more than is owed")
        }
      }
    }
  }
}
