/// Reads the rows of `COPY … TO STDOUT (FORMAT binary)` from messages. Needs no server.
///
/// A message holds whole rows (the server sends one in each). The header comes before the first
/// row, the trailer after the last. Offsets are kept in one buffer, so no row allocates memory.
/// Malformed bytes never trap, and nothing outside the message is read.
public struct CopyRowDecoder: ~Copyable, BinaryColumns {
  @usableFromInline
  struct Field {
    @usableFromInline var offset: Int32
    /// -1 if the value is null.
    @usableFromInline var length: Int32
  }

  @usableFromInline let fields: UnsafeMutablePointer<Field>
  @usableFromInline var base: UnsafeRawPointer?
  private var count = 0
  private var position = 0
  private var rowStart = 0
  private var hasHeader = false

  /// The number of columns that every row must have.
  public let columnCount: Int

  /// Whether the trailer was read. No rows may follow it.
  public private(set) var isAtEnd = false

  public init(columns: Int) {
    precondition(columns >= 0 && columns <= Int(Int16.max), "a COPY has 0 to 32,767 columns")
    columnCount = columns
    fields = .allocate(capacity: max(columns, 1))
    fields.initialize(repeating: Field(offset: 0, length: -1), count: max(columns, 1))
  }

  deinit {
    fields.deallocate()
  }

  /// Takes the next message. Its bytes must stay valid until the next one is loaded.
  /// - Throws: `protocolViolation` if the message before was not read to its end.
  public mutating func load(_ message: UnsafeRawBufferPointer) throws(PostgresError) {
    guard position == count else { throw .malformedStream("a row was not read") }
    guard message.count <= Int(Int32.max) else { throw .malformedStream("a message over 2 GiB") }
    base = message.baseAddress
    count = message.count
    position = 0
    clearRow()
  }

  /// Makes the next row the current one. Returns false if the message has no more rows.
  public mutating func next() throws(PostgresError) -> Bool {
    if !hasHeader {
      if position == count { return false }
      try readHeader()
    }
    guard position < count else {
      clearRow()
      return false
    }
    guard !isAtEnd else { throw .malformedStream("data after the trailer") }
    guard let base, count - position >= 2 else {
      throw .malformedStream("a row ends inside its column count")
    }
    let found = Int16(bigEndian: base.loadUnaligned(fromByteOffset: position, as: Int16.self))
    if found == -1 {
      position += 2
      guard position == count else { throw .malformedStream("data after the trailer") }
      isAtEnd = true
      clearRow()
      return false
    }
    guard Int(found) == columnCount else { throw wrongColumnCount(found) }

    var cursor = position + 2
    for column in 0..<columnCount {
      guard count - cursor >= 4 else {
        clearRow()
        throw .malformedStream("a row ends before column \(column)")
      }
      let length = Int32(bigEndian: base.loadUnaligned(fromByteOffset: cursor, as: Int32.self))
      cursor += 4
      fields[column] = Field(offset: Int32(truncatingIfNeeded: cursor), length: length)
      if length > 0 {
        guard Int(length) <= count - cursor else {
          clearRow()
          throw .malformedStream("column \(column) is longer than its row")
        }
        cursor += Int(length)
      } else if length < -1 {
        clearRow()
        throw .malformedStream("column \(column) has a negative length")
      }
    }
    rowStart = position
    position = cursor
    return true
  }

  /// The current row, with its number of columns and the length of each value; empty if there is
  /// none. Valid until the next row or message.
  public var row: UnsafeRawBufferPointer {
    guard let base, position > rowStart else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    return UnsafeRawBufferPointer(start: base + rowStart, count: position - rowStart)
  }

  /// Columns of the current row, each with its length before it. Valid until the next row or message.
  /// - Precondition: the row has them.
  public func fields(_ columns: Range<Int>) -> UnsafeRawBufferPointer {
    precondition(
      columns.lowerBound >= 0 && columns.upperBound <= columnCount && !columns.isEmpty,
      "no such columns")
    guard let base, position > rowStart else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    let start = Int(fields[columns.lowerBound].offset) - 4
    let last = fields[columns.upperBound - 1]
    return UnsafeRawBufferPointer(
      start: base + start, count: Int(last.offset) + Int(max(last.length, 0)) - start)
  }

  @inlinable
  public func isNull(_ column: Int) -> Bool {
    precondition(column >= 0 && column < columnCount, "no such column")
    return fields[column].length < 0
  }

  @inlinable
  public func bytes(_ column: Int) -> UnsafeRawBufferPointer {
    precondition(column >= 0 && column < columnCount, "no such column")
    let field = fields[column]
    guard field.length > 0, let base else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    return UnsafeRawBufferPointer(start: base + Int(field.offset), count: Int(field.length))
  }

  /// Eleven bytes of signature, four of flags, four with the length of an extension, which is
  /// skipped.
  private mutating func readHeader() throws(PostgresError) {
    guard let base, count - position >= 19 else { throw .malformedStream("the header is cut off") }
    let signature: StaticString = "PGCOPY\n"
    for index in 0..<7
    where base.load(fromByteOffset: index, as: UInt8.self) != signature.utf8Start[index] {
      throw .malformedStream("no binary COPY signature")
    }
    let rest = UInt32(bigEndian: base.loadUnaligned(fromByteOffset: 7, as: UInt32.self))
    guard rest == 0xFF0D_0A00 else { throw .malformedStream("no binary COPY signature") }
    let flags = UInt32(bigEndian: base.loadUnaligned(fromByteOffset: 11, as: UInt32.self))
    guard flags == 0 else { throw .malformedStream("flags that are not known") }
    let extra = Int32(bigEndian: base.loadUnaligned(fromByteOffset: 15, as: Int32.self))
    guard extra >= 0, Int(extra) <= count - 19 else {
      throw .malformedStream("the header is longer than its message")
    }
    position = 19 + Int(extra)
    hasHeader = true
  }

  private mutating func clearRow() {
    for column in 0..<columnCount { fields[column].length = -1 }
    rowStart = position
  }

  @inline(never)
  private mutating func wrongColumnCount(_ found: Int16) -> PostgresError {
    clearRow()
    return .malformedStream("a row of \(found) columns where \(columnCount) were expected")
  }
}
