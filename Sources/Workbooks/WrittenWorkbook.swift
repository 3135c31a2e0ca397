internal import CLibXLSXWriter
import Glibc

/// Reads a finished file back and checks it.
///
/// libxlsxwriter writes every part into a temporary file first and does not check these writes. If
/// the disk was full for a while, the file is a valid archive, but parts lack their end or some
/// bytes in the middle. So each part is unpacked once. It must begin and end as XML does, and a
/// sheet must have as many bytes of rows as were written.
/// rows as were written.
struct WrittenWorkbook: ~Copyable {
  private let file: UnsafeMutablePointer<FILE>

  init(path: String) throws(WorkbookError) {
    guard let file = fopen(path, "re") else { throw .write(errno) }
    self.file = file
  }

  deinit { fclose(file) }

  /// - Parameter rowBytes: the number of bytes of each sheet's rows, in order.
  borrowing func check(rowBytes: [Int64]) throws(WorkbookError) {
    var sheets = 0
    for part in try parts() {
      var bytes: Int64?
      if part.name.hasPrefix("xl/worksheets/sheet") {
        // The first sheet is sheet1.xml.
        let number = Int(part.name.dropFirst("xl/worksheets/sheet".count).prefix { $0.isNumber })
        guard let number, rowBytes.indices.contains(number - 1) else { throw .incomplete }
        bytes = rowBytes[number - 1]
        sheets += 1
      }
      var content = PartContent(rowBytes: bytes)
      try unpack(part, into: &content)
      guard content.isWhole else { throw .incomplete }
    }
    guard sheets == rowBytes.count else { throw .incomplete }
  }

  // MARK: The archive

  private struct Part {
    let name: String
    let offset: Int64
    let packedBytes: Int64
    let isDeflated: Bool
  }

  private func bytes(at offset: Int64, _ count: Int) throws(WorkbookError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    guard fseeko(file, Int(offset), SEEK_SET) == 0, fread(&bytes, 1, count, file) == count else {
      throw .incomplete
    }
    return bytes
  }

  /// The parts that the directory at the archive's end lists.
  private func parts() throws(WorkbookError) -> [Part] {
    guard fseeko(file, 0, SEEK_END) == 0 else { throw .incomplete }
    let size = Int64(ftello(file))
    // The library writes no comment after the end record of 22 bytes.
    guard size >= 22 else { throw .incomplete }
    let end = try bytes(at: size - 22, 22)
    guard end.integer(0, 4) == 0x0605_4B50 else { throw .incomplete }
    let count = Int(end.integer(10, 2))
    let directory = try bytes(at: end.integer(16, 4), Int(end.integer(12, 4)))
    var parts: [Part] = []
    var position = 0
    for _ in 0..<count {
      guard position + 46 <= directory.count, directory.integer(position, 4) == 0x0201_4B50 else {
        throw .incomplete
      }
      let nameBytes = Int(directory.integer(position + 28, 2))
      let extraBytes = Int(directory.integer(position + 30, 2))
      let nameEnd = position + 46 + nameBytes
      guard nameEnd + extraBytes <= directory.count else { throw .incomplete }
      parts.append(
        Part(
          name: String(decoding: directory[(position + 46)..<nameEnd], as: UTF8.self),
          offset: directory.integer(position + 42, 4),
          packedBytes: directory.integer(position + 20, 4),
          isDeflated: directory.integer(position + 10, 2) == 8))
      position = nameEnd + extraBytes + Int(directory.integer(position + 32, 2))
    }
    return parts
  }

  private func unpack(_ part: Part, into content: inout PartContent) throws(WorkbookError) {
    let header = try bytes(at: part.offset, 30)
    let start = part.offset + 30 + header.integer(26, 2) + header.integer(28, 2)
    guard fseeko(file, Int(start), SEEK_SET) == 0 else { throw .incomplete }
    var stream = z_stream()
    // Negative: deflated data without a zlib header.
    guard
      inflateInit2_(&stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { throw .outOfMemory }
    defer { inflateEnd(&stream) }
    var packed = [UInt8](repeating: 0, count: 64 << 10)
    var unpacked = [UInt8](repeating: 0, count: 256 << 10)
    // The size of a part over 4 GB is stored elsewhere. The deflated data marks its own end.
    var rest = part.packedBytes == 0xFFFF_FFFF ? Int64.max : part.packedBytes
    while rest > 0 {
      let count = fread(&packed, 1, Int(min(rest, Int64(packed.count))), file)
      guard count > 0 else { throw .incomplete }
      rest -= Int64(count)
      guard part.isDeflated else {
        content.take(packed[..<count])
        continue
      }
      let isOver = try packed.withUnsafeMutableBufferPointer { packed throws(WorkbookError) in
        stream.next_in = packed.baseAddress
        stream.avail_in = UInt32(count)
        return try inflateAll(&stream, &unpacked, into: &content)
      }
      if isOver { return }
    }
    if part.isDeflated { throw .incomplete }
  }

  /// - Returns: whether the data has ended.
  private func inflateAll(
    _ stream: inout z_stream, _ unpacked: inout [UInt8], into content: inout PartContent
  ) throws(WorkbookError) -> Bool {
    repeat {
      let capacity = unpacked.count
      let result = unpacked.withUnsafeMutableBufferPointer { unpacked in
        stream.next_out = unpacked.baseAddress
        stream.avail_out = UInt32(capacity)
        return inflate(&stream, Z_NO_FLUSH)
      }
      content.take(unpacked[..<(capacity - Int(stream.avail_out))])
      if result == Z_STREAM_END { return true }
      guard result == Z_OK || result == Z_BUF_ERROR else { throw .incomplete }
    } while stream.avail_out == 0
    return false
  }
}

/// Checks the bytes of one part while they are unpacked.
struct PartContent {
  private let rowBytes: Int64?
  private var count: Int64 = 0
  private var head: [UInt8] = []
  private var tail: [UInt8] = []
  /// Where the rows of a sheet begin.
  private var rowsStart: Int64?
  /// The bytes directly after the rows.
  private var behindRows: [UInt8] = []

  /// Enough for the bytes before the rows, and for the name of the first element.
  private static let headBytes = 16 << 10
  private static let begin = Array("<sheetData>".utf8)
  private static let end = Array("</sheetData>".utf8)

  init(rowBytes: Int64?) { self.rowBytes = rowBytes }

  mutating func take(_ bytes: ArraySlice<UInt8>) {
    if head.count < PartContent.headBytes {
      head += bytes.prefix(PartContent.headBytes - head.count)
      if rowBytes != nil, rowsStart == nil { findRows() }
    }
    if let rowsStart, let rowBytes {
      let first = rowsStart + rowBytes + Int64(behindRows.count)
      let last = rowsStart + rowBytes + Int64(PartContent.end.count)
      let there = (first..<last).clamped(to: count..<(count + Int64(bytes.count)))
      behindRows += bytes.dropFirst(Int(there.lowerBound - count)).prefix(there.count)
    }
    count += Int64(bytes.count)
    tail = Array((tail + bytes.suffix(64)).suffix(64))
  }

  private mutating func findRows() {
    let pattern = PartContent.begin
    guard head.count >= pattern.count else { return }
    for position in 0...(head.count - pattern.count)
    where head[position] == pattern[0] && head[position...].starts(with: pattern) {
      rowsStart = Int64(position + pattern.count)
      return
    }
  }

  var isWhole: Bool {
    let text = head.prefix(512)
    guard text.starts(with: "<?xml".utf8),
      let declaration = text.firstIndex(of: UInt8(ascii: ">")),
      let start = text[declaration...].firstIndex(of: UInt8(ascii: "<"))
    else { return false }
    let name = text[(start + 1)...].prefix { byte in
      ![UInt8(ascii: " "), UInt8(ascii: ">"), UInt8(ascii: "/")].contains(byte)
    }
    let closing = Array("</".utf8) + name + [UInt8(ascii: ">")]
    // The theme ends with a line feed.
    let isClosed =
      tail.suffix(closing.count + 1).elementsEqual(closing + [0x0A])
      || tail.suffix(closing.count).elementsEqual(closing)
    guard isClosed else { return false }
    return rowBytes == nil || behindRows == PartContent.end
  }
}

extension [UInt8] {
  /// Reads a number, least significant byte first, as in archives.
  fileprivate func integer(_ offset: Int, _ width: Int) -> Int64 {
    (0..<width).reversed().reduce(0) { $0 << 8 | Int64(self[offset + $1]) }
  }
}
