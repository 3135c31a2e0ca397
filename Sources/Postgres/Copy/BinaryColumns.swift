/// The columns of one row in PostgreSQL's binary format.
///
/// Readers of numbers, dates and times do not allocate. They throw `decoding` if a value is null or
/// has another width than its type: a view can have another type than expected.
public protocol BinaryColumns: ~Copyable {
  var columnCount: Int { get }

  /// Whether `column`, counted from 0, is null.
  func isNull(_ column: Int) -> Bool

  /// The value's bytes; empty if it is null. Valid only while the row is the current one.
  func bytes(_ column: Int) -> UnsafeRawBufferPointer
}

/// A numeric value as a whole number of a decimal fraction, or why it cannot be one.
public enum NumericValue: Hashable, Sendable {
  /// Exactly the value times 1,000,000, or times ten to the power of the decimals that were asked
  /// for.
  case micros(Int64)
  /// There are digits other than 0 after the last decimal that was asked for.
  case tooPrecise
  /// The magnitude exceeds `Int64`, or the value is infinite.
  case outOfRange
  case notANumber
}

/// Microseconds from 1970-01-01 to 2000-01-01, PostgreSQL's epoch.
@usableFromInline let postgresEpochMicros: Int64 = 946_684_800_000_000
/// Days from 1970-01-01 to 2000-01-01.
@usableFromInline let postgresEpochDays: Int32 = 10_957

extension BinaryColumns where Self: ~Copyable {
  /// - Throws: `decoding` unless the value is `width` bytes wide and not null.
  @inlinable
  func fixed(_ column: Int, _ width: Int) throws(PostgresError) -> UnsafeRawPointer {
    let value = bytes(column)
    guard value.count == width, let base = value.baseAddress else {
      throw .wrongWidth(
        column: column, expected: width, found: value.count, isNull: isNull(column))
    }
    return base
  }

  @inlinable
  public func bool(_ column: Int) throws(PostgresError) -> Bool {
    try fixed(column, 1).load(as: UInt8.self) != 0
  }

  @inlinable
  public func int16(_ column: Int) throws(PostgresError) -> Int16 {
    Int16(bigEndian: try fixed(column, 2).loadUnaligned(as: Int16.self))
  }

  @inlinable
  public func int32(_ column: Int) throws(PostgresError) -> Int32 {
    Int32(bigEndian: try fixed(column, 4).loadUnaligned(as: Int32.self))
  }

  @inlinable
  public func int64(_ column: Int) throws(PostgresError) -> Int64 {
    Int64(bigEndian: try fixed(column, 8).loadUnaligned(as: Int64.self))
  }

  /// A `timestamptz` or `timestamp` as microseconds since 1970-01-01 00:00 UTC.
  ///
  /// `-infinity` is `Int64.min` and `infinity` is `Int64.max`. The last 30 years that PostgreSQL
  /// can hold (294247 to 294276) exceed `Int64` and are `Int64.max` too.
  @inlinable
  public func timestamp(_ column: Int) throws(PostgresError) -> Int64 {
    let value = try int64(column)
    if value == .min { return .min }
    let (sum, overflow) = value.addingReportingOverflow(postgresEpochMicros)
    return overflow ? .max : sum
  }

  /// A `date` as days since 1970-01-01; `-infinity` is `Int32.min` and `infinity` is `Int32.max`.
  @inlinable
  public func date(_ column: Int) throws(PostgresError) -> Int32 {
    let value = try int32(column)
    if value == .min { return .min }
    let (sum, overflow) = value.addingReportingOverflow(postgresEpochDays)
    return overflow ? .max : sum
  }

  /// A `numeric` as millionths of its unit. See ``numeric(_:decimals:)``.
  @inlinable
  public func numericMicros(_ column: Int) throws(PostgresError) -> NumericValue {
    try numeric(column, decimals: 6)
  }

  /// A `numeric` as an exact whole number of 10 to the power of minus `decimals`.
  ///
  /// A value that is both too large and too precise is `outOfRange`.
  /// - Parameter decimals: 0 to 18.
  /// - Throws: `decoding` if the bytes are not a numeric, or null.
  @inlinable
  public func numeric(_ column: Int, decimals: Int) throws(PostgresError) -> NumericValue {
    let value = bytes(column)
    guard let result = decodeNumeric(value, decimals: decimals) else {
      throw .malformed(isNull(column) ? "null" : "not a numeric", column: column)
    }
    return result
  }

  /// A `text`, `varchar`, `name` or `json` value as a String.
  /// - Throws: `decoding` if it is null or not UTF-8.
  public func string(_ column: Int) throws(PostgresError) -> String {
    guard !isNull(column) else { throw .malformed("null", column: column) }
    guard let string = String(validating: bytes(column), as: UTF8.self) else {
      throw .malformed("not UTF-8", column: column)
    }
    return string
  }

  /// Like ``string(_:)``, with nil for null.
  public func optionalString(_ column: Int) throws(PostgresError) -> String? {
    isNull(column) ? nil : try string(column)
  }

  /// A copy of a `uuid`, `bytea` or any other value as bytes; nil if it is null.
  public func array(_ column: Int) -> [UInt8]? {
    isNull(column) ? nil : [UInt8](bytes(column))
  }
}

/// Ten to the power of `exponent`, which must be 0 to 19.
@inlinable
func powerOfTen(_ exponent: Int) -> UInt64 {
  switch exponent {
  case 0: 1
  case 1: 10
  case 2: 100
  case 3: 1_000
  case 4: 10_000
  case 5: 100_000
  case 6: 1_000_000
  case 7: 10_000_000
  case 8: 100_000_000
  case 9: 1_000_000_000
  case 10: 10_000_000_000
  case 11: 100_000_000_000
  case 12: 1_000_000_000_000
  case 13: 10_000_000_000_000
  case 14: 100_000_000_000_000
  case 15: 1_000_000_000_000_000
  case 16: 10_000_000_000_000_000
  case 17: 100_000_000_000_000_000
  case 18: 1_000_000_000_000_000_000
  default: 10_000_000_000_000_000_000
  }
}

/// Reads the binary form of `numeric`: the number of base 10,000 digits, the weight of the first,
/// sign, display scale, digits. Each has two bytes, most significant first.
/// - Returns: nil if the bytes do not have this form.
@usableFromInline
func decodeNumeric(_ bytes: UnsafeRawBufferPointer, decimals: Int) -> NumericValue? {
  precondition((0...18).contains(decimals), "decimals are 0 to 18")
  guard bytes.count >= 8, let base = bytes.baseAddress else { return nil }
  func half(_ offset: Int) -> UInt16 {
    UInt16(bigEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }
  let digits = Int(half(0))
  let weight = Int(Int16(bitPattern: half(2)))
  let isNegative: Bool
  switch half(4) {
  case 0x0000: isNegative = false
  case 0x4000: isNegative = true
  case 0xC000: return .notANumber
  case 0xD000, 0xF000: return .outOfRange
  default: return nil
  }
  guard bytes.count == 8 + 2 * digits else { return nil }

  // At most six digits have an exponent from 0 to 19, so the sum is far below 128 bits.
  var magnitude: UInt128 = 0
  var isTooPrecise = false
  var isTooLarge = false
  for index in 0..<digits {
    let digit = half(8 + 2 * index)
    guard digit < 10_000 else { return nil }
    if digit == 0 { continue }
    let exponent = 4 * (weight - index) + decimals
    if exponent > 19 {
      isTooLarge = true
    } else if exponent >= 0 {
      magnitude += UInt128(digit) * UInt128(powerOfTen(exponent))
    } else if exponent > -4 {
      let (quotient, remainder) = UInt64(digit).quotientAndRemainder(
        dividingBy: powerOfTen(-exponent))
      magnitude += UInt128(quotient)
      if remainder != 0 { isTooPrecise = true }
    } else {
      isTooPrecise = true
    }
  }
  if isTooLarge { return .outOfRange }
  guard let value = Int64(exactly: isNegative ? -Int128(magnitude) : Int128(magnitude)) else {
    return .outOfRange
  }
  return isTooPrecise ? .tooPrecise : .micros(value)
}
