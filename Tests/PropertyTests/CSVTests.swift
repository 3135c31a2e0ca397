import Documents
import Testing

/// Cells are checked eight bytes at a time. So each byte that must be quoted is tried in every
/// position, among bytes that differ from it by one or by their highest bit.
struct CSVTests {
  @Test(arguments: [",", "\"", "\r", "\n"])
  func quotedWhereverItStands(special: String) {
    let byte = Array(special.utf8)[0]
    for length in 1...40 {
      for others in [byte &- 1, byte &+ 1, byte ^ 0x80, 0x00, 0x61, 0x80, 0xFF]
      where !CSVTests.isSpecial(others) {
        for position in 0..<length {
          var cell = [UInt8](repeating: others, count: length)
          cell[position] = byte
          let text = CSVTests.written(cell)
          #expect(text.first == 0x22 && text.last == 0x22, "\(length) \(position) \(others)")
          #expect(text.count >= length + 2)
        }
      }
    }
  }

  @Test func nothingElseIsQuoted() {
    for byte in UInt8.min...UInt8.max where !CSVTests.isSpecial(byte) {
      for length in 1...40 {
        var cell = [UInt8](repeating: 0x61, count: length + 2)
        for position in 1...length { cell[position] = byte }
        #expect(CSVTests.written(cell) == cell, "\(byte) \(length)")
      }
    }
  }

  @Test(
    arguments: [
      (Int64.min, 0, 0, "-9223372036854775808"), (Int64.max, 0, 0, "9223372036854775807"),
      (Int64.min, 6, 6, "-9223372036854.775808"), (Int64.min, 18, 18, "-9.223372036854775808"),
      (0, 0, 0, "0"), (0, 2, 2, "0.00"), (0, 6, 0, "0"), (-1, 18, 0, "-0.000000000000000001"),
      (1_000_000, 6, 2, "1.00"), (1_230_000, 6, 2, "1.23"), (1_234_000, 6, 2, "1.234"),
      (99, 2, 2, "0.99"), (100, 2, 2, "1.00"), (-5, 3, 3, "-0.005"),
    ])
  func decimals(value: Int64, decimals: Int, minimum: Int, expected: String) {
    var text: [UInt8] = []
    appendDecimal(value, decimals: decimals, atLeast: minimum, to: &text)
    #expect(String(decoding: text, as: UTF8.self) == expected)
    guard decimals == 0 else { return }
    text = []
    appendInteger(value, to: &text)
    #expect(String(decoding: text, as: UTF8.self) == expected)
  }

  private static func isSpecial(_ byte: UInt8) -> Bool { [0x2C, 0x22, 0x0D, 0x0A].contains(byte) }

  private static func written(_ cell: [UInt8]) -> [UInt8] {
    var csv = CSVText()
    var line: [UInt8] = []
    cell.withUnsafeBytes { csv.append(text: $0, to: &line) }
    return line.first == UInt8(ascii: "'") ? Array(line.dropFirst()) : line
  }
}
