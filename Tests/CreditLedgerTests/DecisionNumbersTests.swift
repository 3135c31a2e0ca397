import CreditLedger
import Postgres
import ServiceCredits
import Testing

/// Revisions that were decided on the same refer to one row.
@Suite("Decision numbers")
struct DecisionNumbersTests {
  /// The number and hash of a decision, and whether it is to be written.
  private func number(
    _ numbers: inout DecisionNumbers, counted: Int64, percent: Int32 = 1000,
    plan: StaticString = "gold", longerThan: Int64? = 6, hasBasis: Bool = true
  ) -> (number: Int32, hash: UInt64, isNew: Bool) {
    func bytes(_ text: StaticString) -> UnsafeRawBufferPointer {
      UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    }
    var isNew = false
    let found = numbers.number(
      of: DecisionRow(
        percentBeforeCap: BasisPoints(percent), countedMicroseconds: counted,
        basis: hasBasis
          ? DecisionRow.Basis(
            serviceId: bytes("mail"), plan: bytes(plan), severity: .p0,
            outageEnd: Instant(microseconds: 8), longerThanMicroseconds: longerThan, clause: nil,
            downtimeMicroseconds: nil, periodMicroseconds: nil,
            policyVersion: bytes("promise-1"), timeZone: bytes("UTC"))
          : nil)
    ) { fields, number in
      isNew = true
      #expect(number > 0 && !fields.isEmpty)
    }
    return (found.number, found.hash, isNew)
  }

  @Test("the same content has one number, and every other content another")
  func contents() {
    var numbers = DecisionNumbers()
    let first = number(&numbers, counted: 7)
    #expect(first.number == 1 && first.isNew)
    let others = [
      number(&numbers, counted: 8), number(&numbers, counted: 7, percent: 900),
      number(&numbers, counted: 7, plan: "golden"), number(&numbers, counted: 7, longerThan: nil),
      number(&numbers, counted: 7, percent: 0, hasBasis: false),
    ]
    #expect(others.map(\.number) == [2, 3, 4, 5, 6])
    #expect(others.map(\.isNew) == [true, true, true, true, true])
    #expect(Set(others.map(\.hash) + [first.hash]).count == 6)
    let again = number(&numbers, counted: 7)
    #expect(again.number == 1 && !again.isNew && again.hash == first.hash)
  }

  @Test("however many there are, no number is given to two contents")
  func many() {
    var numbers = DecisionNumbers()
    var contents: [Int32: Int64] = [:]
    for round in 0..<2 {
      for counted in 0..<Int64(70_000) {
        let found = number(&numbers, counted: counted)
        if found.isNew {
          let known = contents.updateValue(counted, forKey: found.number)
          #expect(known == nil, "\(round): \(found.number)")
        } else {
          #expect(contents[found.number] == counted, "\(round): \(found.number)")
        }
      }
    }
    #expect(contents.keys.max() == Int32(contents.count))
  }
}
