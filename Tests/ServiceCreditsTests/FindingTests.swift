import ServiceCredits
import Testing

@Suite struct FindingTests {
  private static let short = Array("INC".utf8)
  private static let long = Array("INC / 2".utf8)

  @Test func keysAreComparedByTheirValues() {
    // The same text, and not the same row.
    let start = Instant(microseconds: 0)
    let inside = FindingKey.window(
      Array("INC / \(start.text)".utf8), from: Instant(microseconds: 1))
    let window = FindingKey.window(Self.short, from: start)
    let whole = FindingKey.windows(Array(window.text.utf8))
    #expect(window.text == whole.text && window != whole)
    #expect(inside != window)
    #expect(
      FindingKey.subscription(Self.short, incident: Array("2".utf8))
        != FindingKey.subscription(Self.long))
  }

  @Test func concernsItsOwnIncidentAlone() {
    for key in [FindingKey.incident(Self.short), .window(Self.short, from: nil)] {
      #expect(key.concerns(incident: Self.short))
      #expect(!key.concerns(incident: Self.long))
    }
    #expect(FindingKey.window(Self.long, from: nil).concerns(incident: Self.long))
    #expect(!FindingKey.window(Self.long, from: nil).concerns(incident: Self.short))
    #expect(!FindingKey.subscription(Self.short).concerns(incident: Self.short))
    #expect(
      !FindingKey.subscription(Self.short, incident: Self.short).concerns(incident: Self.short))
  }

  @Test func theTextTellsNullFromEmpty() {
    #expect(FindingKey(.invoice, [FindingKey.Part(.invoice, nil as [UInt8]?)]).text == "null")
    #expect(FindingKey.invoice([]).text == "''")
    #expect(FindingKey.term(Self.short, from: nil).text == "INC / null")
  }
}
