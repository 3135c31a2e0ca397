import Postgres
import SeededRandom
import TestSupport
import Testing

/// COPY data built by the test.
struct Stream {
  static let header: [UInt8] =
    Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00] + [0, 0, 0, 0] + [0, 0, 0, 0]
  static let trailer: [UInt8] = [0xFF, 0xFF]

  static func row(_ values: [[UInt8]?]) -> [UInt8] {
    var bytes: [UInt8] = [UInt8(values.count >> 8), UInt8(values.count & 255)]
    for value in values {
      guard let value else {
        bytes += [255, 255, 255, 255]
        continue
      }
      let count = UInt32(value.count)
      bytes += [UInt8(count >> 24), UInt8(count >> 16 & 255), UInt8(count >> 8 & 255)]
      bytes += [UInt8(count & 255)] + value
    }
    return bytes
  }
}

/// All values of all rows in `messages`, read as the COPY reader reads them.
func decode(_ messages: [[UInt8]], columns: Int) throws(PostgresError) -> [[[UInt8]?]] {
  var decoder = CopyRowDecoder(columns: columns)
  var rows: [[[UInt8]?]] = []
  for message in messages {
    // Exactly of the message's size, so that the address sanitizer detects a read beyond it.
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: message.count, alignment: 1)
    defer { copy.deallocate() }
    copy.copyBytes(from: message)
    try decoder.load(UnsafeRawBufferPointer(copy))
    while try decoder.next() {
      rows.append((0..<columns).map { decoder.array($0) })
    }
  }
  return rows
}

@Suite("COPY row decoder")
struct CopyRowDecoderTests {
  @Test("rows may come with the header, alone, several in a message, and with the trailer")
  func shapes() throws {
    let first = Stream.row([[1, 2], nil])
    let second = Stream.row([[], [3]])
    let expected: [[[UInt8]?]] = [[[1, 2], nil], [[], [3]]]
    let shapes: [[[UInt8]]] = [
      [Stream.header + first, second, Stream.trailer],
      [Stream.header, first, second, Stream.trailer],
      [Stream.header + first + second + Stream.trailer],
      [Stream.header + first, second + Stream.trailer],
    ]
    for shape in shapes { #expect(try decode(shape, columns: 2) == expected) }
    #expect(try decode([Stream.header + Stream.trailer], columns: 2) == [])
    #expect(try decode([], columns: 2) == [])
  }

  @Test("a header with an extension is skipped")
  func headerExtension() throws {
    var header = Stream.header
    header[18] = 3
    #expect(
      try decode([header + [9, 9, 9] + Stream.row([[1]]) + Stream.trailer], columns: 1) == [[[1]]])
  }

  @Test(
    "a stream that is not what it must be throws",
    arguments: [
      ("no signature", Array("PGCOPX\n".utf8) + Stream.header[7...]),
      ("text where binary was asked for", Array("1\tabc\n2\tdef\n3\tghi\n4\tjkl\n".utf8)),
      (
        "line ends that were translated",
        Array("PGCOPY\n".utf8) + [0xFF, 0x0A, 0x0A, 0x00]
          + [UInt8](repeating: 0, count: 8)
      ),
      ("flags (OIDs) that nobody asked for", Stream.header[..<11] + [0, 1, 0, 0, 0, 0, 0, 0]),
      ("an extension longer than the message", Stream.header[..<15] + [0, 0, 0, 1]),
      ("an extension of negative length", Stream.header[..<15] + [255, 255, 255, 255]),
      ("too few columns", Stream.header + Stream.row([[1]])),
      ("too many columns", Stream.header + Stream.row([[1], [2], [3]])),
      ("a negative column count", Stream.header + [0xFF, 0xFE]),
      ("a length beyond the row", Stream.header + [0, 2, 0, 0, 0, 9, 1] + [255, 255, 255, 255]),
      ("the largest length", Stream.header + [0, 2, 0x7F, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4]),
      ("a length of -2", Stream.header + [0, 2, 255, 255, 255, 254] + [255, 255, 255, 255]),
      ("the smallest length", Stream.header + [0, 2, 0x80, 0, 0, 0] + [255, 255, 255, 255]),
      ("a row after the trailer", Stream.header + Stream.trailer + Stream.row([[1], [2]])),
      ("a byte after the trailer", Stream.header + Stream.trailer + [0]),
    ] as [(String, [UInt8])])
  func malformed(what: String, stream: [UInt8]) {
    let error = #expect(throws: PostgresError.self, "\(what)") {
      try decode([stream], columns: 2)
    }
    #expect(error?.kind == .protocolViolation)
  }

  @Test("a message after the trailer throws")
  func afterTheEnd() {
    #expect(throws: PostgresError.self) {
      try decode([Stream.header + Stream.trailer, Stream.trailer], columns: 1)
    }
  }

  @Test("a message that is cut off at any byte throws or has fewer rows, and never reads beyond")
  func truncated() throws {
    let whole =
      Stream.header + Stream.row([[1, 2, 3], nil, []]) + Stream.row([[4], [5], [6, 7, 8, 9]])
      + Stream.trailer
    let rows = try decode([whole], columns: 3)
    #expect(rows.count == 2)
    var accepted: [Int] = []
    for length in 0..<whole.count {
      do {
        let found = try decode([Array(whole[..<length])], columns: 3)
        #expect(found == Array(rows[..<found.count]))
        accepted.append(length)
      } catch {
        #expect(error.kind == .protocolViolation)
      }
    }
    // Accepted cuts: at the start, after the header, after the first row, after the second.
    // CopyReader detects the missing trailer.
    #expect(accepted == [0, 19, 36, 56])
  }

  @Test("any bytes at all throw or decode")
  func random() throws {
    let seed: UInt64 = 0xC0FFEE
    var generator = SeededGenerator(seed: seed)
    let whole = Stream.header + Stream.row([[1, 2, 3], nil]) + Stream.row([[4], [5]])
    for round in 0..<20_000 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        // Mostly after the header, because a damaged header is refused at once.
        let from = round % 8 == 0 ? 0 : 15
        let index = Int.random(in: from..<bytes.count, using: &generator)
        bytes[index] = UInt8.random(in: 0...255, using: &generator)
      }
      do {
        for row in try decode([bytes], columns: 2) { #expect(row.count == 2, "seed \(seed)") }
      } catch {
        #expect(error.kind == .protocolViolation, "seed \(seed)")
      }
    }
  }

  @Test("a value that is not as wide as its type throws", arguments: 0...17)
  func widths(width: Int) throws {
    var decoder = CopyRowDecoder(columns: 1)
    let message = Stream.header + Stream.row([[UInt8](repeating: 1, count: width)])
    try message.withUnsafeBytes { bytes in
      try decoder.load(bytes)
      #expect(try decoder.next())
      func works(_ body: () throws -> Void) -> Bool {
        do {
          try body()
          return true
        } catch let error as PostgresError {
          #expect(error.kind == .decoding)
          return false
        } catch {
          return false
        }
      }
      #expect(works { _ = try decoder.bool(0) } == (width == 1))
      #expect(works { _ = try decoder.int16(0) } == (width == 2))
      #expect(works { _ = try decoder.int32(0) } == (width == 4))
      #expect(works { _ = try decoder.date(0) } == (width == 4))
      #expect(works { _ = try decoder.int64(0) } == (width == 8))
      #expect(works { _ = try decoder.timestamp(0) } == (width == 8))
      #expect(works { _ = try decoder.numericMicros(0) } == false)
      #expect(works { _ = try decoder.string(0) } == true)
    }
  }

  @Test("text that is no UTF-8 throws as a String and passes as bytes")
  func invalidText() throws {
    var decoder = CopyRowDecoder(columns: 1)
    let message = Stream.header + Stream.row([[0x61, 0xC3]])
    try message.withUnsafeBytes { bytes in
      try decoder.load(bytes)
      #expect(try decoder.next())
      #expect(throws: PostgresError.self) { try decoder.string(0) }
      #expect(decoder.array(0) == [0x61, 0xC3])
    }
  }
}
