import Testing

@testable import PlainText

/// Columns of a terminal, with any text.
@Suite struct TextTableTests {
  @Test func columnsStandBelowEachOther() {
    var table = TextTable(["name", ">amount", "note"])
    table.append(["株式会社東京電力", "1.00", "日本"])
    table.append(["e\u{301}", "-12.00", ""])
    table.append(["👩‍👩‍👧 & Söhne", "3", "x"])
    table.append(["a\nb", "100", "y"])
    #expect(
      table.lines == [
        "  name              amount  note",
        "  株式会社東京電力    1.00  日本",
        "  e\u{301}                 -12.00",
        "  👩‍👩‍👧 & Söhne             3  x",
        "  a\\u{a}b              100  y",
      ])
  }

  @Test func notesStandBelowTheirRow() {
    var table = TextTable(untitled: 2)
    table.append(["MISSED", "one"], notes: ["why\u{1B}", "and why"])
    table.append(["kept", "two"])
    #expect(
      table.lines == [
        "  MISSED  one", "          why\\u{1b}", "          and why", "  kept    two",
      ])
  }

  @Test func anEmptyTableHasItsTitles() {
    #expect(TextTable(["a", ">b"]).lines == ["  a  b"])
    #expect(TextTable(untitled: 3).lines == [])
  }
}
