import SeededRandom
import ServiceCredits
import Testing

private func month(_ number: Int) -> BillingMonth { BillingMonth(year: 2026, month: number) }

@Suite struct RevisionTests {
  /// What is recorded of a key with three revisions and what was calculated, in minor units.
  struct Row: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let recorded: Int64?
    let calculated: Int64
    let isReconciled: Bool
    let expected: String

    init(
      _ name: String, _ recorded: Int64?, _ calculated: Int64, isReconciled: Bool = true,
      _ expected: String
    ) {
      testDescription = name
      self.recorded = recorded
      self.calculated = calculated
      self.isReconciled = isReconciled
      self.expected = expected
    }
  }

  @Test(arguments: [
    Row("nothing recorded, nothing calculated", nil, 0, ""),
    Row("the first", nil, 100, "1 grant 100"),
    Row("the first, not reconciled", nil, 100, isReconciled: false, ""),
    Row("the same", 100, 100, ""),
    Row("more", 100, 101, "4 increase 1"),
    Row("more, not reconciled", 100, 101, isReconciled: false, ""),
    Row("less", 100, 99, "4 decrease -1"),
    Row("less, not reconciled", 100, 99, isReconciled: false, ""),
    Row("nothing left", 100, 0, "4 decrease -100"),
    Row("nothing left, not reconciled", 100, 0, isReconciled: false, ""),
    Row("taken back before, nothing now", 0, 0, ""),
    Row("taken back before, given again", 0, 100, "4 increase 100"),
    Row("taken back before, given again, not reconciled", 0, 100, isReconciled: false, ""),
    Row("the smallest", nil, 1, "1 grant 1"),
    Row("the largest", nil, .max, "1 grant 9223372036854775807"),
    Row("the largest taken back", .max, 0, "4 decrease -9223372036854775807"),
  ])
  func rows(row: Row) {
    let revision = Revision(
      bringing: row.recorded.map {
        RecordedCredit(revision: 3, amountMinor: $0, month: month(9))
      },
      to: row.calculated, isReconciled: row.isReconciled)
    #expect(revision.map(\.text) ?? "" == row.expected)
  }

  // MARK: Laws

  /// The keys of one subscription, incident and currency, one for each month.
  struct Ledger: Equatable {
    var recorded: [BillingMonth: RecordedCredit] = [:]

    /// The months that have something, with what they have.
    var worth: [BillingMonth: Int64] {
      recorded.mapValues(\.amountMinor).filter { $0.value != 0 }
    }

    /// The months that a night looks at: those that have something and the one that gets something.
    func months(_ target: Target) -> Set<BillingMonth> {
      Set(worth.keys).union(target.worth.keys)
    }

    /// One night: either all of these months are reconciled or none of them is.
    mutating func reconcile(_ target: Target, window: ClosedRange<BillingMonth>) -> [Appended] {
      let months = months(target)
      let isReconciled = months.contains { window.contains($0) }
      var appended: [Appended] = []
      for month in months.sorted() {
        let before = recorded[month]
        guard
          let revision = Revision(
            bringing: before, to: target.worth[month] ?? 0, isReconciled: isReconciled)
        else { continue }
        recorded[month] = RecordedCredit(
          revision: revision.number,
          amountMinor: (before?.amountMinor ?? 0) + revision.amountMinor, month: month)
        appended.append(Appended(month: month, revision: revision))
      }
      return appended
    }
  }

  struct Appended {
    let month: BillingMonth
    let revision: Revision
  }

  /// What was calculated. Nothing is in no month.
  struct Target: Equatable {
    var amountMinor: Int64
    var month: BillingMonth

    var worth: [BillingMonth: Int64] { amountMinor > 0 ? [month: amountMinor] : [:] }

    static func random(using random: inout SeededGenerator) -> Target {
      Target(
        amountMinor: Int64.random(in: 0...4, using: &random) * 25,
        month: ServiceCreditsTests.month(Int.random(in: 5...12, using: &random)))
    }
  }

  static let whole = month(1)...month(12)

  @Test("a credit that moves is taken back in the one month and granted in the other")
  func moves() {
    var ledger = Ledger()
    func night(_ minor: Int64, _ number: Int, window: ClosedRange<BillingMonth>) -> String {
      ledger.reconcile(Target(amountMinor: minor, month: month(number)), window: window)
        .map { "\($0.month.text): \($0.revision.text)" }.joined(separator: ", ")
    }
    #expect(night(100, 9, window: month(8)...month(10)) == "2026-09: 1 grant 100")
    // Neither month is in the window.
    #expect(night(150, 6, window: month(7)...month(8)) == "")
    // The old one is.
    #expect(
      night(150, 6, window: month(9)...month(11))
        == "2026-06: 1 grant 150, 2026-09: 2 decrease -100")
    // The new one is, and the month has had the credit before.
    #expect(
      night(40, 9, window: month(9)...month(11))
        == "2026-06: 2 decrease -150, 2026-09: 3 increase 40")
    // A month that has nothing any more brings nothing into the window.
    #expect(night(50, 9, window: month(4)...month(6)) == "")
    #expect(night(0, 9, window: month(4)...month(6)) == "")
    #expect(night(0, 6, window: month(9)...month(9)) == "2026-09: 4 decrease -40")
    #expect(ledger.worth.isEmpty)
  }

  @Test func runTwiceIsRunOnce() {
    let seed = SeededGenerator.newSeed()
    var random = SeededGenerator(seed: seed)
    for _ in 0..<1000 {
      var ledger = Ledger()
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let target = Target.random(using: &random)
        let first = month(Int.random(in: 4...10, using: &random))
        let window = first...first.advanced(by: Int.random(in: 0...4, using: &random))
        _ = ledger.reconcile(target, window: window)
        let before = ledger
        let again = ledger.reconcile(target, window: window)
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
      for _ in 0..<3 {
        var ledger = Ledger()
        for target in amendments + [last] { _ = ledger.reconcile(target, window: Self.whole) }
        #expect(ledger.worth == last.worth, "seed \(seed)")
        amendments.shuffle(using: &random)
      }
    }
  }

  /// For every window of a run, a credit is either unchanged or has the same result as in every
  /// other window.
  @Test func windowDoesNotMatter() {
    let seed = SeededGenerator.newSeed()
    var random = SeededGenerator(seed: seed)
    for _ in 0..<500 {
      var start = Ledger()
      for _ in 0..<Int.random(in: 0...3, using: &random) {
        _ = start.reconcile(Target.random(using: &random), window: Self.whole)
      }
      let target = Target.random(using: &random)
      var full = start
      _ = full.reconcile(target, window: Self.whole)
      for first in 1...12 {
        for last in first...12 {
          var ledger = start
          let window = month(first)...month(last)
          _ = ledger.reconcile(target, window: window)
          let isTouched = start.months(target).contains { window.contains($0) }
          #expect(
            ledger == (isTouched ? full : start), "seed \(seed): \(start) \(target) \(window)")
        }
      }
    }
  }

  /// The window may differ from night to night.
  @Test func revisionsAreSoundWhateverHappens() {
    let seed = SeededGenerator.newSeed()
    var random = SeededGenerator(seed: seed)
    for _ in 0..<3000 {
      var ledger = Ledger()
      var numbers: [BillingMonth: Int32] = [:]
      for _ in 0..<8 {
        let target = Target.random(using: &random)
        let first = month(Int.random(in: 4...10, using: &random))
        let appended = ledger.reconcile(target, window: first...first.advanced(by: 3))
        #expect(Set(appended.map(\.month)).count == appended.count, "seed \(seed)")
        for (month, revision) in appended.map({ ($0.month, $0.revision) }) {
          numbers[month, default: 0] += 1
          #expect(revision.number == numbers[month], "seed \(seed)")
          #expect(revision.amountMinor != 0, "seed \(seed)")
          #expect((revision.kind == .decrease) == (revision.amountMinor < 0), "seed \(seed)")
          #expect((revision.kind == .grant) == (revision.number == 1), "seed \(seed)")
        }
        // What a customer is entitled to is never in two months.
        #expect(ledger.worth.count <= 1, "seed \(seed)")
        #expect(ledger.worth.values.allSatisfy { $0 > 0 }, "seed \(seed)")
      }
    }
  }
}

extension Revision {
  fileprivate var text: String { "\(number) \(kind.rawValue) \(amountMinor)" }
}
