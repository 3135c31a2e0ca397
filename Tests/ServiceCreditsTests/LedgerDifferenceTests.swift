import SeededRandom
import ServiceCredits
import Testing

private func month(_ number: Int) -> BillingMonth { BillingMonth(year: 2026, month: number) }

@Suite struct LedgerDifferenceTests {
  /// Recorded and calculated as `minor in month`; the window is August to October.
  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let recorded: (minor: Int64, month: Int)?
    let calculated: (minor: Int64, month: Int?)
    let expected: String

    init(
      _ name: String, _ recorded: (Int64, Int)?, _ calculated: (Int64, Int?), _ expected: String
    ) {
      testDescription = name
      self.recorded = recorded
      self.calculated = calculated
      self.expected = expected
    }
  }

  @Test(arguments: [
    Row("nothing recorded, nothing calculated", nil, (0, nil), ""),
    Row("nothing recorded, calculated in vain", nil, (0, 9), ""),
    Row("the first", nil, (100, 9), "1 grant 100 2026-09"),
    Row("the first, in the window's first month", nil, (100, 8), "1 grant 100 2026-08"),
    Row("the first, in the window's last month", nil, (100, 10), "1 grant 100 2026-10"),
    Row("the first, a month too early", nil, (100, 7), ""),
    Row("the first, a month too late", nil, (100, 11), ""),
    Row("the same", (100, 9), (100, 9), ""),
    Row("more", (100, 9), (101, 9), "4 increase 1 2026-09"),
    Row("less", (100, 9), (99, 9), "4 decrease -1 2026-09"),
    Row("nothing left", (100, 9), (0, nil), "4 decrease -100 2026-09"),
    Row(
      "nothing left, calculated in vain in another month", (100, 9), (0, 10),
      "4 decrease -100 2026-09"),
    Row("taken back before, nothing now", (0, 9), (0, nil), ""),
    Row("taken back before, in vain in another month", (0, 9), (0, 10), ""),
    Row("taken back before, given again", (0, 9), (100, 9), "4 increase 100 2026-09"),
    Row(
      "taken back before, given again in another month", (0, 9), (100, 10),
      "4 increase 100 2026-10"),
    Row(
      "only the month moved", (100, 9), (100, 10),
      "4 decrease -100 2026-09, 5 increase 100 2026-10"),
    Row("more, in another month", (100, 9), (150, 10), "4 increase 50 2026-10"),
    Row("less, in another month", (100, 9), (50, 10), "4 decrease -50 2026-10"),
    Row(
      "moved out of the window", (100, 10), (100, 11),
      "4 decrease -100 2026-10, 5 increase 100 2026-11"),
    Row(
      "moved into the window", (100, 7), (100, 8),
      "4 decrease -100 2026-07, 5 increase 100 2026-08"),
    Row("moved outside of the window", (100, 7), (100, 6), ""),
    Row("moved from before to after the window", (100, 7), (100, 11), ""),
    Row("more, outside of the window", (100, 7), (150, 7), ""),
    Row("less, outside of the window", (100, 11), (50, 11), ""),
    Row("nothing left, outside of the window", (100, 7), (0, nil), ""),
    Row("nothing left, outside of the window; in vain inside of it", (100, 7), (0, 8), ""),
    Row("the largest", nil, (.max, 9), "1 grant 9223372036854775807 2026-09"),
    Row("the largest taken back", (.max, 9), (0, nil), "4 decrease -9223372036854775807 2026-09"),
  ])
  func rows(row: Row) {
    let difference = LedgerDifference(
      recorded: row.recorded.map {
        RecordedCredit(revision: 3, amountMinor: $0.minor, month: month($0.month))
      },
      amountMinor: row.calculated.minor, month: row.calculated.month.map { month($0) },
      window: month(8)...month(10))
    #expect(difference.revisions.map(\.text).joined(separator: ", ") == row.expected)
  }

  // MARK: Laws

  struct Ledger: Equatable {
    var recorded: RecordedCredit?
    var byMonth: [BillingMonth: Int64] = [:]

    var amountMinor: Int64 { recorded?.amountMinor ?? 0 }

    /// One night; gives the revisions that it appended.
    mutating func reconcile(
      _ amountMinor: Int64, _ month: BillingMonth?, window: ClosedRange<BillingMonth>
    ) -> [Revision] {
      let revisions = LedgerDifference(
        recorded: recorded, amountMinor: amountMinor, month: month, window: window
      ).revisions
      for revision in revisions {
        recorded = RecordedCredit(
          revision: revision.number, amountMinor: self.amountMinor + revision.amountMinor,
          month: revision.month)
        byMonth[revision.month, default: 0] += revision.amountMinor
      }
      return revisions
    }
  }

  struct Target: Equatable {
    var amountMinor: Int64
    var month: BillingMonth?

    static func random(using random: inout SeededGenerator) -> Target {
      let amount = Int64.random(in: 0...4, using: &random) * 25
      let isNamed = amount > 0 || Bool.random(using: &random)
      return Target(
        amountMinor: amount,
        month: isNamed ? ServiceCreditsTests.month(Int.random(in: 5...12, using: &random)) : nil)
    }
  }

  static let whole = month(1)...month(12)

  @Test func runTwiceIsRunOnce() {
    let seed = SeededGenerator.newSeed()
    var random = SeededGenerator(seed: seed)
    for _ in 0..<1000 {
      var ledger = Ledger()
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let target = Target.random(using: &random)
        let first = month(Int.random(in: 4...10, using: &random))
        let window = first...first.advanced(by: Int.random(in: 0...4, using: &random))
        _ = ledger.reconcile(target.amountMinor, target.month, window: window)
        let before = ledger
        let again = ledger.reconcile(target.amountMinor, target.month, window: window)
        #expect(again.isEmpty, "seed \(seed): \(before) \(target)")
      }
    }
  }

  @Test func anyOrderOfAmendmentsEndsAtTheSameEntitlement() {
    let seed = SeededGenerator.newSeed()
    var random = SeededGenerator(seed: seed)
    for _ in 0..<1000 {
      let last = Target.random(using: &random)
      var amendments = (0..<4).map { _ in Target.random(using: &random) }
      var ledgers: [Ledger] = []
      for _ in 0..<3 {
        var ledger = Ledger()
        for target in amendments + [last] {
          _ = ledger.reconcile(target.amountMinor, target.month, window: Self.whole)
        }
        ledgers.append(ledger)
        amendments.shuffle(using: &random)
      }
      for ledger in ledgers {
        #expect(ledger.amountMinor == last.amountMinor, "seed \(seed)")
        if last.amountMinor > 0 {
          #expect(ledger.recorded?.month == last.month, "seed \(seed)")
        }
      }
    }
  }

  /// For every window of a run, a key is either unchanged or has the same result as in every other
  /// window.
  @Test func windowDoesNotMatter() {
    let seed = SeededGenerator.newSeed()
    var random = SeededGenerator(seed: seed)
    for _ in 0..<500 {
      var start = Ledger()
      for _ in 0..<Int.random(in: 0...3, using: &random) {
        let target = Target.random(using: &random)
        _ = start.reconcile(target.amountMinor, target.month, window: Self.whole)
      }
      let target = Target.random(using: &random)
      var full = start
      _ = full.reconcile(target.amountMinor, target.month, window: Self.whole)
      for first in 1...12 {
        for last in first...12 {
          var ledger = start
          let window = month(first)...month(last)
          _ = ledger.reconcile(target.amountMinor, target.month, window: window)
          let isTouched =
            [start.recorded?.month, target.amountMinor > 0 ? target.month : nil].contains {
              $0.map(window.contains) ?? false
            }
          #expect(
            ledger == (isTouched ? full : start), "seed \(seed): \(start) \(target) \(window)")
        }
      }
    }
  }

  @Test func revisionsAreSoundWhateverHappens() {
    let seed = SeededGenerator.newSeed()
    var random = SeededGenerator(seed: seed)
    for _ in 0..<3000 {
      var ledger = Ledger()
      var number: Int32 = 0
      for _ in 0..<8 {
        let target = Target.random(using: &random)
        for revision in ledger.reconcile(target.amountMinor, target.month, window: Self.whole) {
          number += 1
          #expect(revision.number == number, "seed \(seed)")
          #expect(revision.amountMinor != 0, "seed \(seed)")
          #expect((revision.kind == .decrease) == (revision.amountMinor < 0), "seed \(seed)")
          #expect((revision.kind == .grant) == (revision.number == 1), "seed \(seed)")
        }
        #expect(ledger.amountMinor >= 0, "seed \(seed)")
      }
    }
  }
}

extension LedgerDifference {
  fileprivate var revisions: [Revision] {
    switch self {
    case .none: []
    case .one(let revision): [revision]
    case .moved(let from, let to): [from, to]
    }
  }
}

extension Revision {
  fileprivate var text: String { "\(number) \(kind.rawValue) \(amountMinor) \(month.text)" }
}
