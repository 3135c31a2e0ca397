import SeededRandom
import TestSupport

/// Known texts with random changes, as input for properties.
public struct Mutations {
  private var generator: SeededGenerator
  private let seeds: [[UInt8]]
  /// Texts that are special to the reader under test.
  private let words: [[UInt8]]

  public init(seed: UInt64, of seeds: [[UInt8]], words: [String]) {
    generator = SeededGenerator(seed: seed)
    self.seeds = seeds
    self.words = words.map { Array($0.utf8) }
  }

  public mutating func next() -> [UInt8] {
    var bytes = seeds.randomElement(using: &generator) ?? []
    for _ in 0..<Int.random(in: 0...6, using: &generator) {
      let place = Int.random(in: 0...bytes.count, using: &generator)
      let end = min(bytes.count, place + Int.random(in: 0...12, using: &generator))
      switch Int.random(in: 0..<6, using: &generator) {
      case 0: bytes.removeSubrange(place..<end)
      case 1: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: place)
      case 2 where place < bytes.count:
        bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      case 3: bytes.insert(contentsOf: bytes[place..<end], at: place)
      case 4: bytes.insert(contentsOf: words.randomElement(using: &generator) ?? [], at: place)
      default:
        let other = seeds.randomElement(using: &generator) ?? []
        let cut = Int.random(in: 0...other.count, using: &generator)
        bytes = Array(bytes[..<place] + other[cut...])
      }
    }
    return bytes
  }
}

/// The texts that are changed.
public enum Corpus {
  /// A COPY of two rows of three columns, each message with its length before it.
  public static let copyRows: [[UInt8]] = {
    let header =
      Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0] + [UInt8](repeating: 0, count: 8)
    let row: [UInt8] =
      [0, 3] + [0, 0, 0, 2, 65, 66] + [255, 255, 255, 255] + [0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 7]
    let numeric: [UInt8] =
      [0, 1] + [0, 0, 0, 12] + [0, 2, 0, 0, 0, 0, 0, 2, 0, 12, 0x0D, 0x48]
    func message(_ bytes: [UInt8]) -> [UInt8] {
      [UInt8(bytes.count >> 8), UInt8(bytes.count & 255)] + bytes
    }
    return [
      [3] + message(header + row) + message(row) + message([255, 255]),
      [1] + message(header + numeric) + message(numeric + numeric) + message([255, 255]),
      [0] + message(header + [0, 0]) + message([255, 255]),
    ]
  }()

  public static let csv: [[UInt8]] = [
    "a\0b,c\0\"d\"\0=e\0f\r\ng", " a\0b \0\0\0+1", "\u{FF1D}x\0-\0@\0\tz\0'q",
    "é\u{301}\0\"\u{301}",
  ].map { Array($0.utf8) }

  public static let policyWords = [
    "versions:", "\n", "  ", "- ", ": ", "{", "}", "[", "]", "&a ", "*a", "!!int ", "| ", "> ", "#",
    "\"", "'", "%", "1h", "4h",
    "P0", "100%", "none", "99999999999999999999", "-1", "0.000001", "2025-02-29", "\u{FEFF}", "\0",
    "\t", "---", "...", "? ", "<<: ",
    "tiers:", "plans:", "cap:", "minimum:", "USD", "limits:",
  ]
}
