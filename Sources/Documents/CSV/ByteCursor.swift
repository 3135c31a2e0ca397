/// Writes bytes into room that was reserved before, so that an array is resized at most once for a
/// whole line.
///
/// Traps if a value does not fit. Never writes outside the room.
///
/// Inlined into the module that writes lines: a call for each field would cost more than the field.
@frozen
public struct ByteCursor {
  @usableFromInline let start: UnsafeMutablePointer<UInt8>
  @usableFromInline let room: Int
  @usableFromInline var count = 0

  @inlinable
  init(start: UnsafeMutablePointer<UInt8>, room: Int) {
    self.start = start
    self.room = room
  }

  /// Reserves the next `size` bytes.
  @inlinable @inline(__always)
  mutating func take(_ size: Int) -> UnsafeMutablePointer<UInt8> {
    precondition(size >= 0 && size <= room - count, "the room was measured wrongly")
    let place = start + count
    count += size
    return place
  }

  @inlinable @inline(__always)
  public mutating func put(_ byte: UInt8) {
    take(1).pointee = byte
  }

  @inlinable @inline(__always)
  public mutating func put(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress else { return }
    UnsafeMutableRawPointer(take(bytes.count)).copyMemory(from: source, byteCount: bytes.count)
  }

  @inlinable @inline(__always)
  public mutating func put(_ text: StaticString) {
    put(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  @inlinable
  public mutating func put(integer value: Int64) {
    if value < 0 { put(UInt8(ascii: "-")) }
    put(digits: value.magnitude, atLeast: 1)
  }

  @inlinable
  public mutating func put(digits value: UInt64, atLeast width: Int) {
    var size = 1
    var rest = value / 10
    while rest > 0 {
      size += 1
      rest /= 10
    }
    size = max(size, width)
    let place = take(size)
    rest = value
    for position in stride(from: size - 1, through: 0, by: -1) {
      let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
      place[position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit)
      rest = quotient
    }
  }

  /// See `appendDecimal(_:decimals:atLeast:to:)`.
  @inlinable
  public mutating func put(_ value: Int64, decimals: Int, atLeast minimum: Int) {
    if value < 0 { put(UInt8(ascii: "-")) }
    var scale: UInt64 = 1
    for _ in 0..<decimals { scale *= 10 }
    let whole: UInt64
    var fraction: UInt64
    (whole, fraction) = value.magnitude.quotientAndRemainder(dividingBy: scale)
    put(digits: whole, atLeast: 1)
    var shown = decimals
    while shown > minimum, fraction % 10 == 0 {
      fraction /= 10
      shown -= 1
    }
    if shown > 0 {
      put(UInt8(ascii: "."))
      put(digits: fraction, atLeast: shown)
    }
  }

  /// A text cell; see `CSVText.append(text:to:)`.
  public mutating func put(cell text: UnsafeRawBufferPointer) {
    guard CSVText.needsQuotes(text) else {
      if CSVText.startsFormula(text) { put(UInt8(ascii: "'")) }
      put(text)
      return
    }
    put(UInt8(ascii: "\""))
    if CSVText.startsFormula(text) { put(UInt8(ascii: "'")) }
    for byte in text {
      if byte == UInt8(ascii: "\"") { put(byte) }
      put(byte)
    }
    put(UInt8(ascii: "\""))
  }

  /// The most bytes that a text cell needs: every byte doubled, two quotes, an apostrophe.
  @inlinable @inline(__always)
  public static func room(forCell text: UnsafeRawBufferPointer) -> Int { 2 * text.count + 3 }

  /// The most bytes that a number needs: a sign, twenty digits, a point.
  @inlinable public static var roomForNumber: Int { 22 }
}

extension [UInt8] {
  /// Appends what `body` writes, at most `room` bytes. The cursor is valid only during the call.
  @inlinable @inline(__always)
  public mutating func append(room: Int, _ body: (inout ByteCursor) -> Void) {
    append(addingCapacity: room) { (span: inout OutputSpan<UInt8>) in
      span.withUnsafeMutableBufferPointer { buffer, count in
        guard let start = buffer.baseAddress else { return }
        var cursor = ByteCursor(start: start + count, room: Swift.min(room, buffer.count - count))
        body(&cursor)
        count += cursor.count
      }
    }
  }
}
