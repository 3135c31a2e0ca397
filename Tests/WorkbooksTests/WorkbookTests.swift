import Glibc
import TestSupport
import Testing

@testable import Workbooks

/// Workbooks as LibreOffice reads them.
struct WorkbookTests {
  static let texts = [
    "plain", "=1+1", "+1", "-1", "@SUM(A1)", "007", "1e5", "12.50", "2026-10-01", "TRUE", "'quoted",
    "{=1}", "#N/A", "_x000D_", "_x000d_", "_x0041_x0042_", "__x0041_", "_x00_", "_x_", "_x1_",
    "_x12345_", "_x_x41_", "_x005F_x0041_",
    "  spaces  ", "a\nb", "\"", "\"\u{301}", "<\u{301}b>&amp;'", "Müller & Söhne", "株式会社さくら",
    "شركة",
    "🚀👩‍👩‍👧", "\u{202E}reversed", "e\u{301}", "\u{E9}",
  ]

  static let numbers: [(value: Int64, decimals: Int, shown: String, isText: Bool)] = [
    (0, 0, "0", false), (0, 2, "0.00", false), (-1, 2, "-0.01", false),
    (1_234_567, 0, "1,234,567", false),
    (1_234_567, 3, "1,234.567", false), (10_05, 2, "10.05", false), (12_345, 4, "1.2345", false),
    // Every reader shows 14 digits, but not 15.
    (99_999_999_999_999, 0, "99,999,999,999,999", false),
    (99_999_999_999_999, 2, "999,999,999,999.99", false),
    (-99_999_999_999_999, 3, "-99,999,999,999.999", false),
    (99_999_999_999_999, 6, "99,999,999.999999", false),
    (100_000_000_000_000, 2, "1000000000000.00", true),
    (999_999_999_999_999, 2, "9999999999999.99", true),
    (9_007_199_254_740_993, 2, "90071992547409.93", true),
    (.max, 2, "92233720368547758.07", true), (.min, 3, "-9223372036854775.808", true),
    (.min, 0, "-9223372036854775808", true),
  ]

  private static let day: Int64 = 86_400_000_000

  static let instants: [(microseconds: Int64, shown: String, isText: Bool)] = [
    (0, "1970-01-01 00:00:00", false),
    (1_761_948_000_000_000, "2025-10-31 22:00:00", false),
    (1_761_947_999_999_000, "2025-10-31 21:59:59.999", false),
    (1_709_164_800_000_000, "2024-02-29 00:00:00", false),
    // 1900-03-01 and the microsecond before, 9999-12-31T23:59:59 and the second after.
    (-25_508 * day, "1900-03-01 00:00:00", false),
    (-25_508 * day - 1, "otherwise", true),
    (253_402_300_799_000_000, "9999-12-31 23:59:59", false),
    (253_402_300_800_000_000, "otherwise", true),
    (.max, "otherwise", true), (.min, "otherwise", true),
  ]

  /// All sheets are in one workbook, because LibreOffice takes a while to start.
  @Test func everythingComesBackAsItWas() throws {
    let folder = try temporaryFolder("workbook")
    defer { _ = try? sh("rm -rf '\(folder)'") }
    var book = try Workbook(
      path: "\(folder)/book.xlsx", temporaryFolder: folder, title: "", created: 1_700_000_000)
    try Self.column("texts", &book) { book in
      for text in Self.texts {
        try book.append(text: text)
        try book.endRow()
      }
    }
    try Self.column("numbers", &book) { book in
      for (value, decimals, _, _) in Self.numbers {
        try book.append(value, decimals: decimals, grouped: true)
        try book.endRow()
      }
    }
    let asText = book.numbersAsText
    #expect(asText == Self.numbers.count { $0.isText })
    try Self.column("instants", &book) { book in
      for (microseconds, _, _) in Self.instants {
        try book.append(instant: microseconds) { $0 += Array("otherwise".utf8) }
        try book.endRow()
      }
    }
    try Self.column("others", &book, Self.writeOthers)
    try Self.column("long", &book) { book in
      for character in ["a", "🚀"] {
        try book.append(text: String(repeating: character, count: 40_000))
        try book.endRow()
      }
    }
    let cut = book.cutTexts
    #expect(cut == 2)
    try book.close()

    let sheets = try Office.sheets(of: "\(folder)/book.xlsx")
    func cells(_ name: String) throws -> [Office.Cell] {
      try #require(sheets[name]).dropFirst().map { $0[0] }
    }
    // Compared by scalars, because two Strings with different forms of accents are equal.
    let texts = try cells("texts")
    #expect(texts.count == Self.texts.count && texts.allSatisfy { $0.isText })
    for (found, wanted) in zip(texts, Self.texts) {
      #expect(Array(found.text.unicodeScalars) == Array(wanted.unicodeScalars))
    }
    #expect(try cells("numbers") == Self.numbers.map { Office.Cell($0.shown, isText: $0.isText) })
    #expect(try cells("instants") == Self.instants.map { Office.Cell($0.shown, isText: $0.isText) })
    #expect(try cells("others") == Self.others.map { Office.Cell($0, isText: false) })
    #expect(try cells("long").map { $0.text.utf16.count } == [32_767, 32_767])
  }

  private static func column(
    _ name: String, _ book: inout Workbook, _ write: (inout Workbook) throws -> Void
  ) throws {
    try book.begin(name, [SheetColumn("column", width: 30)])
    try write(&book)
    try book.endSheet()
  }

  static let others = [
    "2026-10", "1970-01", "0.00%", "0.01%", "10.50%", "100.00%", "0:00:00", "4:00:00", "3:59:59",
    "3000:00:00", "0:00:01.500", "", "1",
  ]

  private static func writeOthers(_ book: inout Workbook) throws {
    for days: Int32 in [20_727, 0] {
      try book.append(month: days) { _ in }
      try book.endRow()
    }
    for points: Int32 in [0, 1, 1050, 10_000] {
      book.append(basisPoints: points)
      try book.endRow()
    }
    for microseconds: Int64 in [0, 14_400_000_000, 14_399_000_000, 10_800_000_000_000, 1_500_000] {
      book.append(duration: microseconds)
      try book.endRow()
    }
    book.appendEmpty()
    try book.endRow()
    try book.append(1)
    try book.endRow()
  }

  /// The texts as passed to the library. LibreOffice shows no control characters, so these are not
  /// read back.
  @Test(arguments: [
    ("\u{1}", "_x0001_"), ("a\rb", "a_x000D_b"), ("\u{1F}\u{B}", "_x001F__x000B_"),
    ("a\tb\n", "a\tb\n"),
    ("\u{7F}", "\u{7F}"), ("\u{FFFE}\u{FFFF}\u{FFFD}", "_xFFFE__xFFFF_\u{FFFD}"),
    ("_x000D_", "_x005F_x000D_"), ("_x0041_x0042_", "_x005F_x0041_x005F_x0042_"),
    ("_xD_ _X000D_ _x000G_ _x000D", "_x005F_xD_ _X000D_ _x000G_ _x000D"),
  ])
  func whatXMLCannotHoldIsEscaped(_ text: String, _ wanted: String) {
    let (found, isCut) = Self.encoded(text)
    #expect(found == wanted && !isCut)
  }

  @Test(arguments: [
    // A character, its count of UTF-16 units, the length of the text, and whether the text is cut.
    ("a", 1, 32_767, false), ("a", 1, 32_768, true), ("é", 1, 32_767, false),
    ("株", 1, 32_768, true),
    ("🚀", 2, 16_383, false), ("🚀", 2, 16_384, true), ("\u{1}", 7, 4681, false),
    ("\u{1}", 7, 4682, true),
  ])
  func whatIsTooLongIsCut(_ character: String, _ units: Int, _ count: Int, _ isCut: Bool) throws {
    let found = Self.encoded(String(repeating: character, count: count))
    #expect(found.isCut == isCut)
    let most = (CellText.most - 1) / units
    let one = Self.encoded(character).text
    let wanted =
      isCut ? String(repeating: one, count: most) + "…" : String(repeating: one, count: count)
    #expect(found.text == wanted)
  }

  private static func encoded(_ text: String) -> (text: String, isCut: Bool) {
    var cell: [CChar] = []
    var text = text
    let isCut = text.withUTF8 { CellText.encode(UnsafeRawBufferPointer($0), into: &cell) }
    let bytes = cell.dropLast().map { UInt8(bitPattern: $0) }
    #expect(cell.last == 0)
    return (String(decoding: bytes, as: UTF8.self), isCut)
  }

  // MARK: Files

  private static func write(_ path: String, rows: Int, in folder: String) throws {
    var book = try Workbook(path: path, temporaryFolder: folder, title: "t", created: 1)
    for name in ["first", "second"] {
      try book.begin(name, [SheetColumn("a", width: 9), SheetColumn("b", width: 9)])
      for row in 0..<rows {
        try book.append(text: "row \(row)")
        try book.append(Int64(row))
        try book.endRow()
      }
      try book.endSheet()
    }
    try book.close()
  }

  @Test(arguments: [0, 1, 5000])
  func theSameCallsMakeTheSameBytes(rows: Int) throws {
    let folder = try temporaryFolder("workbook")
    defer { _ = try? sh("rm -rf '\(folder)'") }
    for name in ["one", "two"] { try Self.write("\(folder)/\(name)", rows: rows, in: folder) }
    try sh("cmp '\(folder)/one' '\(folder)/two'")
    // The temporary files are gone.
    #expect(try sh("ls -A '\(folder)'") == "one\ntwo\n")
  }

  @Test func aFolderThatIsNotThere() throws {
    let folder = try temporaryFolder("workbook")
    defer { _ = try? sh("rm -rf '\(folder)'") }
    #expect(throws: WorkbookError.create(ENOENT)) {
      try Self.write("\(folder)/none/book", rows: 1, in: folder)
    }
  }
}

/// Whether an incomplete part of a file is noticed.
struct PartContentTests {
  private static let head =
    #"<?xml version="1.0"?>"# + "\n" + #"<worksheet xmlns="x"><cols/><sheetData>"#
  private static let rows = String(
    repeating: #"<row r="1"><c r="A1"><v>1</v></c></row>"#, count: 1000)
  private static let tail = "</sheetData><autoFilter/></worksheet>"

  private static func isWhole(_ text: String, pieces: Int) -> Bool {
    var content = PartContent(rowBytes: Int64(rows.utf8.count))
    let bytes = Array(text.utf8)
    for start in stride(from: 0, to: bytes.count, by: pieces) {
      content.take(bytes[start..<min(start + pieces, bytes.count)])
    }
    return content.isWhole
  }

  @Test(arguments: [1, 7, 64, 4096, 1 << 20])
  func whateverIsMissingIsNoticed(pieces: Int) {
    let whole = Self.head + Self.rows + Self.tail
    #expect(Self.isWhole(whole, pieces: pieces))
    for (lost, from) in [
      (1, whole.utf8.count - 1), (8, whole.utf8.count - 8), (4096, 8192), (4096, 0), (39, 8000),
      (12, whole.utf8.count - 37), (whole.utf8.count, 0),
    ] {
      var bytes = Array(whole.utf8)
      bytes.removeSubrange(from..<min(from + lost, bytes.count))
      #expect(
        !Self.isWhole(String(decoding: bytes, as: UTF8.self), pieces: pieces),
        "\(lost) bytes from \(from)")
    }
  }
}
