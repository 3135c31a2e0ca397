import SeededRandom
import ServiceCredits
import Testing

private func at(_ microseconds: Int64) -> Instant { Instant(microseconds: microseconds) }

private func interval(_ start: Int64, _ end: Int64) -> Interval { Interval(at(start), at(end)) }

private func set(_ pairs: [(Int64, Int64)]) -> IntervalSet {
  IntervalSet(pairs.map { interval($0.0, $0.1) })
}

@Suite struct IntervalTests {
  struct Pair: Sendable {
    let left: (Int64, Int64)
    let right: (Int64, Int64)
    let shared: (Int64, Int64)?
  }

  @Test(arguments: [
    Pair(left: (0, 5), right: (5, 9), shared: nil),
    Pair(left: (0, 5), right: (4, 9), shared: (4, 5)),
    Pair(left: (0, 5), right: (6, 9), shared: nil),
    Pair(left: (0, 9), right: (3, 4), shared: (3, 4)),
    Pair(left: (0, 9), right: (0, 9), shared: (0, 9)),
    Pair(left: (0, 9), right: (4, 4), shared: nil),
    Pair(left: (4, 4), right: (4, 4), shared: nil),
    Pair(left: (-9, -5), right: (-7, 2), shared: (-7, -5)),
    Pair(left: (.min, .max), right: (3, 4), shared: (3, 4)),
    Pair(left: (.min, 0), right: (0, .max), shared: nil),
  ])
  func sharedPart(pair: Pair) {
    let left = interval(pair.left.0, pair.left.1)
    let right = interval(pair.right.0, pair.right.1)
    let shared = pair.shared.map { interval($0.0, $0.1) }
    #expect(left.intersection(right) == shared)
    #expect(right.intersection(left) == shared)
    #expect(left.overlaps(right) == (shared != nil))
    #expect(right.overlaps(left) == (shared != nil))
  }

  @Test func halfOpen() {
    let hour = interval(10, 20)
    #expect([9, 10, 19, 20].map { hour.contains(at($0)) } == [false, true, true, false])
    #expect(!interval(10, 10).contains(at(10)))
    #expect(hour.contains(interval(10, 20)))
    #expect(!hour.contains(interval(9, 20)))
    #expect(!hour.contains(interval(10, 21)))
    #expect(hour.microseconds == 10)
    #expect(interval(10, 10).isEmpty)
  }
}

@Suite struct IntervalSetTests {
  struct Union: Sendable {
    let parts: [(Int64, Int64)]
    let expected: [(Int64, Int64)]
  }

  @Test(arguments: [
    Union(parts: [], expected: []),
    Union(parts: [(3, 3)], expected: []),
    Union(parts: [(0, 1)], expected: [(0, 1)]),
    Union(parts: [(0, 1), (1, 2)], expected: [(0, 2)]),
    Union(parts: [(0, 1), (2, 3)], expected: [(0, 1), (2, 3)]),
    Union(parts: [(2, 3), (0, 1)], expected: [(0, 1), (2, 3)]),
    Union(parts: [(0, 9), (1, 2), (3, 4)], expected: [(0, 9)]),
    Union(parts: [(0, 9), (1, 2), (8, 10)], expected: [(0, 10)]),
    Union(parts: [(0, 5), (0, 3), (0, 7)], expected: [(0, 7)]),
    Union(parts: [(0, 2), (2, 2), (2, 4)], expected: [(0, 4)]),
    Union(parts: [(0, 1), (5, 5), (8, 9)], expected: [(0, 1), (8, 9)]),
    Union(parts: [(.min, 0), (0, .max)], expected: [(.min, .max)]),
  ])
  func union(testCase: Union) {
    let union = set(testCase.parts)
    #expect(union.intervals == testCase.expected.map { interval($0.0, $0.1) })
    #expect(union.isEmpty == testCase.expected.isEmpty)
  }

  struct Difference: Sendable {
    let of: [(Int64, Int64)]
    let less: [(Int64, Int64)]
    let expected: [(Int64, Int64)]
  }

  @Test(arguments: [
    Difference(of: [(0, 9)], less: [], expected: [(0, 9)]),
    Difference(of: [], less: [(0, 9)], expected: []),
    Difference(of: [(0, 9)], less: [(0, 9)], expected: []),
    Difference(of: [(0, 9)], less: [(-1, 10)], expected: []),
    Difference(of: [(0, 9)], less: [(0, 1)], expected: [(1, 9)]),
    Difference(of: [(0, 9)], less: [(8, 9)], expected: [(0, 8)]),
    Difference(of: [(0, 9)], less: [(9, 12)], expected: [(0, 9)]),
    Difference(of: [(0, 9)], less: [(-3, 0)], expected: [(0, 9)]),
    Difference(of: [(0, 9)], less: [(2, 3), (5, 6)], expected: [(0, 2), (3, 5), (6, 9)]),
    Difference(of: [(0, 4), (5, 9)], less: [(3, 6)], expected: [(0, 3), (6, 9)]),
    Difference(of: [(0, 4), (5, 9)], less: [(4, 5)], expected: [(0, 4), (5, 9)]),
    Difference(of: [(.min, .max)], less: [(0, 1)], expected: [(.min, 0), (1, .max)]),
  ])
  func difference(testCase: Difference) {
    #expect(set(testCase.of).subtracting(set(testCase.less)) == set(testCase.expected))
  }

  @Test func lengthOfAll() {
    #expect(set([]).microseconds == 0)
    #expect(set([(0, 3), (5, 9), (1, 2)]).microseconds == 7)
    #expect(set([(-4_611_686_018_427_387_904, 4_611_686_018_427_387_903)]).microseconds == .max)
  }

  /// Compared with sets of single instants.
  @Test func agreesWithSetsOfInstants() {
    let seed = SeededGenerator.newSeed()
    var random = SeededGenerator(seed: seed)
    func parts() -> [(Int64, Int64)] {
      (0..<Int.random(in: 0...6, using: &random)).map { _ in
        let start = Int64.random(in: 0...30, using: &random)
        return (start, start + Int64.random(in: 0...8, using: &random))
      }
    }
    func instants(_ pairs: [(Int64, Int64)]) -> Set<Int64> {
      Set(pairs.flatMap { Array($0.0..<$0.1) })
    }
    func instants(_ set: IntervalSet) -> Set<Int64> {
      Set(set.intervals.flatMap { Array($0.start.microseconds..<$0.end.microseconds) })
    }
    for _ in 0..<3000 {
      let (left, right) = (parts(), parts())
      let union = set(left)
      #expect(instants(union) == instants(left), "seed \(seed)")
      #expect(union.microseconds == Int64(instants(left).count), "seed \(seed)")
      for (one, next) in zip(union.intervals, union.intervals.dropFirst()) {
        #expect(one.end < next.start, "seed \(seed)")
      }
      #expect(
        instants(union.subtracting(set(right))) == instants(left).subtracting(instants(right)),
        "seed \(seed)")
    }
  }
}

@Suite struct MonthTableTests {
  static let table = MonthTable(
    first: BillingMonth(year: 2026, month: 11), starts: [at(0), at(100), at(131), at(162)])

  @Test(arguments: [
    (0, "2026-11"), (1, "2026-11"), (99, "2026-11"), (100, "2026-12"), (130, "2026-12"),
    (131, "2027-01"), (161, "2027-01"), (162, "2027-02"), (Int64.max, "2027-02"),
  ])
  func month(microseconds: Int64, expected: String) {
    #expect(MonthTableTests.table.month(of: at(microseconds)).text == expected)
  }

  @Test func tableOfOneMonth() {
    let table = MonthTable(first: BillingMonth(year: 2026, month: 1), starts: [at(5)])
    #expect(table.month(of: at(5)).text == "2026-01")
  }
}
