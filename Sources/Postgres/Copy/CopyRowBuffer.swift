import Glibc

/// Rows in the binary format of COPY, for a ``CopyWriter``.
///
/// Begin a row with ``beginRow(columns:)``, then append exactly that many values. The buffer grows
/// as needed and keeps its memory when it is emptied, so no row allocates. Not for use by two
/// threads at once.
public final class CopyRowBuffer {
  /// Behind a pointer, so that appending needs no exclusivity check for a class.
  @usableFromInline
  struct Region {
    @usableFromInline var start: UnsafeMutableRawPointer
    @usableFromInline var count: Int
    @usableFromInline var capacity: Int
    @usableFromInline var rows: Int
    /// The start of the last row.
    @usableFromInline var rowStart = 0
    /// How many values the last row still lacks.
    @usableFromInline var missing: Int
  }

  @usableFromInline let region: UnsafeMutablePointer<Region>

  public init(capacity: Int = 1 << 16) {
    let room = max(capacity, 64)
    region = .allocate(capacity: 1)
    region.initialize(
      to: Region(
        start: Self.allocate(room), count: 0, capacity: room, rows: 0, missing: 0))
  }

  deinit {
    free(region.pointee.start)
    region.deallocate()
  }

  /// The number of bytes.
  @inlinable public var count: Int { region.pointee.count }

  /// The number of rows begun since the buffer was empty.
  @inlinable public var rows: Int { region.pointee.rows }

  @inlinable public var isEmpty: Bool { region.pointee.count == 0 }

  /// Whether the last row has all its values.
  @inlinable public var isComplete: Bool { region.pointee.missing == 0 }

  public func removeAll(keepingCapacity: Bool = true) {
    region.pointee.count = 0
    region.pointee.rows = 0
    region.pointee.missing = 0
    if !keepingCapacity {
      free(region.pointee.start)
      region.pointee.start = Self.allocate(64)
      region.pointee.capacity = 64
    }
  }

  /// The rows. Valid only inside `body`.
  @inlinable
  public func withUnsafeBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeRawBufferPointer(start: region.pointee.start, count: region.pointee.count))
  }

  /// The last row, with its number of columns and the length of each value. Valid until the next
  /// change.
  /// - Precondition: the row has all its values.
  @inlinable public var lastRow: UnsafeRawBufferPointer {
    precondition(isComplete && rows > 0, "there is no row, or it lacks values")
    let start = region.pointee.rowStart
    return UnsafeRawBufferPointer(
      start: region.pointee.start + start, count: region.pointee.count - start)
  }

  /// Appends the rows of `other`. Both must be complete.
  public func append(rowsOf other: CopyRowBuffer) {
    precondition(isComplete && other.isComplete, "a row lacks values")
    let size = other.count
    let target = reserve(size)
    target.copyMemory(from: other.region.pointee.start, byteCount: size)
    region.pointee.rowStart = region.pointee.count + other.region.pointee.rowStart
    region.pointee.count += size
    region.pointee.rows += other.rows
  }

  /// Swaps the rows with those of `other`, without copying.
  public func exchange(with other: CopyRowBuffer) {
    swap(&region.pointee, &other.region.pointee)
  }

  // MARK: Values

  @inlinable
  public func beginRow(columns: Int) {
    precondition(region.pointee.missing == 0, "the row before lacks values")
    precondition(columns >= 0 && columns <= Int(Int16.max), "a row has 0 to 32,767 columns")
    let target = reserve(2)
    target.storeBytes(of: Int16(truncatingIfNeeded: columns).bigEndian, as: Int16.self)
    region.pointee.rowStart = region.pointee.count
    region.pointee.count += 2
    region.pointee.rows += 1
    region.pointee.missing = columns
  }

  @inlinable
  public func appendNull() {
    let target = reserve(4)
    target.storeBytes(of: Int32(-1).bigEndian, as: Int32.self)
    finishValue(4)
  }

  @inlinable
  public func append(bool value: Bool) {
    let target = reserve(5)
    target.storeBytes(of: Int32(1).bigEndian, as: Int32.self)
    target.storeBytes(of: value ? 1 : 0, toByteOffset: 4, as: UInt8.self)
    finishValue(5)
  }

  @inlinable
  public func append(int16 value: Int16) {
    let target = reserve(6)
    target.storeBytes(of: Int32(2).bigEndian, as: Int32.self)
    target.storeBytes(of: value.bigEndian, toByteOffset: 4, as: Int16.self)
    finishValue(6)
  }

  @inlinable
  public func append(int32 value: Int32) {
    let target = reserve(8)
    target.storeBytes(of: Int32(4).bigEndian, as: Int32.self)
    target.storeBytes(of: value.bigEndian, toByteOffset: 4, as: Int32.self)
    finishValue(8)
  }

  @inlinable
  public func append(int64 value: Int64) {
    let target = reserve(12)
    target.storeBytes(of: Int32(8).bigEndian, as: Int32.self)
    target.storeBytes(of: value.bigEndian, toByteOffset: 4, as: Int64.self)
    finishValue(12)
  }

  /// A `timestamptz`: microseconds since 1970-01-01 00:00 UTC; `Int64.min` and `Int64.max` are the
  /// infinities.
  ///
  /// The server refuses a value that PostgreSQL cannot hold. It is never changed on the way.
  @inlinable
  public func append(timestamp unixMicros: Int64) {
    append(int64: postgresTimestamp(unixMicros))
  }

  /// A `date`: days since 1970-01-01; `Int32.min` and `Int32.max` are the infinities.
  @inlinable
  public func append(date daysSinceUnixEpoch: Int32) {
    append(int32: postgresDate(daysSinceUnixEpoch))
  }

  /// `text`, `varchar` or `json`. The bytes must be UTF-8 without a NUL, or the server refuses the
  /// row.
  @inlinable
  public func append(text bytes: UnsafeRawBufferPointer) {
    appendBytes(bytes)
  }

  @inlinable
  public func append(text bytes: [UInt8]) {
    bytes.withUnsafeBytes { appendBytes($0) }
  }

  public func append(text string: String) {
    var string = string
    string.withUTF8 { appendBytes(UnsafeRawBufferPointer($0)) }
  }

  @inlinable
  public func append(bytea bytes: UnsafeRawBufferPointer) {
    appendBytes(bytes)
  }

  @inlinable
  public func append(bytea bytes: [UInt8]) {
    bytes.withUnsafeBytes { appendBytes($0) }
  }

  /// Appends values that are already encoded, each with its length in front, as in a row of another
  /// buffer.
  /// - Parameter columns: the number of values.
  @inlinable
  public func append(fields bytes: UnsafeRawBufferPointer, columns: Int) {
    precondition(region.pointee.missing >= columns, "the row has more values than columns")
    let target = reserve(bytes.count)
    if let base = bytes.baseAddress { target.copyMemory(from: base, byteCount: bytes.count) }
    region.pointee.count += bytes.count
    region.pointee.missing -= columns
  }

  /// `jsonb`, which has a version byte before its text.
  public func append(jsonb bytes: UnsafeRawBufferPointer) {
    precondition(bytes.count < Int(Int32.max), "a value has at most 2 GiB")
    let target = reserve(5 + bytes.count)
    target.storeBytes(of: Int32(truncatingIfNeeded: bytes.count + 1).bigEndian, as: Int32.self)
    target.storeBytes(of: 1, toByteOffset: 4, as: UInt8.self)
    if let base = bytes.baseAddress {
      (target + 5).copyMemory(from: base, byteCount: bytes.count)
    }
    finishValue(5 + bytes.count)
  }

  /// A `numeric` of `value` millionths, with at least `minimumDecimals` decimals: 1000.00,
  /// 83.333333.
  @inlinable
  public func append(numericMicros value: Int64, minimumDecimals: Int = 2) {
    append(numeric: value, decimals: 6, minimumDecimals: minimumDecimals)
  }

  /// A `numeric` of exactly `value` times 10 to the power of minus `decimals`.
  ///
  /// It has as many decimals as it needs, and at least `minimumDecimals`.
  /// - Parameter decimals: 0 to 18.
  public func append(numeric value: Int64, decimals: Int, minimumDecimals: Int) {
    let target = reserve(4 + maximumNumericBytes)
    let size = encodeNumeric(
      value, decimals: decimals, minimumDecimals: minimumDecimals, into: target + 4)
    target.storeBytes(of: Int32(truncatingIfNeeded: size).bigEndian, as: Int32.self)
    finishValue(4 + size)
  }

  // MARK: Room

  @inlinable
  func appendBytes(_ bytes: UnsafeRawBufferPointer) {
    precondition(bytes.count <= Int(Int32.max), "a value has at most 2 GiB")
    let target = reserve(4 + bytes.count)
    target.storeBytes(of: Int32(truncatingIfNeeded: bytes.count).bigEndian, as: Int32.self)
    if let base = bytes.baseAddress {
      (target + 4).copyMemory(from: base, byteCount: bytes.count)
    }
    finishValue(4 + bytes.count)
  }

  @inlinable
  func finishValue(_ size: Int) {
    precondition(region.pointee.missing > 0, "the row has more values than columns")
    region.pointee.count += size
    region.pointee.missing -= 1
  }

  /// Makes room for the next `size` bytes and returns its start.
  @inlinable
  func reserve(_ size: Int) -> UnsafeMutableRawPointer {
    if region.pointee.capacity - region.pointee.count < size { grow(size) }
    return region.pointee.start + region.pointee.count
  }

  @usableFromInline @inline(never)
  func grow(_ size: Int) {
    let capacity = max(region.pointee.capacity * 2, region.pointee.count + size)
    guard let start = realloc(region.pointee.start, capacity) else {
      preconditionFailure("out of memory")
    }
    region.pointee.start = start
    region.pointee.capacity = capacity
  }

  private static func allocate(_ size: Int) -> UnsafeMutableRawPointer {
    guard let start = malloc(size) else { preconditionFailure("out of memory") }
    return start
  }
}

// MARK: Encoding

@inlinable
func postgresTimestamp(_ unixMicros: Int64) -> Int64 {
  if unixMicros == .max || unixMicros == .min { return unixMicros }
  let (difference, overflow) = unixMicros.subtractingReportingOverflow(postgresEpochMicros)
  // The earliest value that is not -infinity. The server answers "timestamp out of range".
  return overflow || difference == .min ? .min + 1 : difference
}

@inlinable
func postgresDate(_ daysSinceUnixEpoch: Int32) -> Int32 {
  if daysSinceUnixEpoch == .max || daysSinceUnixEpoch == .min { return daysSinceUnixEpoch }
  let (difference, overflow) =
    daysSinceUnixEpoch.subtractingReportingOverflow(postgresEpochDays)
  return overflow || difference == .min ? .min + 1 : difference
}

/// Eight bytes before the digits, and room for twelve digits of two bytes each. A value of 19
/// decimal digits needs at most six.
let maximumNumericBytes = 8 + 2 * 12

/// Writes the binary form of `numeric` and returns its size.
func encodeNumeric(
  _ value: Int64, decimals: Int, minimumDecimals: Int, into target: UnsafeMutableRawPointer
) -> Int {
  precondition((0...18).contains(decimals), "decimals are 0 to 18")
  precondition((0...decimals).contains(minimumDecimals), "more decimals than there are")
  let unit = powerOfTen(decimals)
  let (whole, fraction) = value.magnitude.quotientAndRemainder(dividingBy: unit)

  // Groups of four decimal digits, most significant first. The groups of the whole part end at the
  // decimal point, those of the fraction begin there.
  var groups: InlineArray<12, UInt16> = .init(repeating: 0)
  var rest = whole
  var wholeGroups = 0
  while rest > 0 {
    wholeGroups += 1
    rest /= 10_000
  }
  rest = whole
  for index in stride(from: wholeGroups - 1, through: 0, by: -1) {
    groups[index] = UInt16(truncatingIfNeeded: rest % 10_000)
    rest /= 10_000
  }
  let fractionGroups = (decimals + 3) / 4
  let padding = 4 * fractionGroups - decimals
  // The last group is padded with zeros. It is split off first, so that the multiplication cannot
  // overflow.
  var left = fraction
  if fractionGroups > 0 {
    let last = powerOfTen(4 - padding)
    groups[wholeGroups + fractionGroups - 1] = UInt16(
      truncatingIfNeeded: left % last * powerOfTen(padding))
    left /= last
    for index in stride(from: wholeGroups + fractionGroups - 2, through: wholeGroups, by: -1) {
      groups[index] = UInt16(truncatingIfNeeded: left % 10_000)
      left /= 10_000
    }
  }

  var first = 0
  var end = wholeGroups + fractionGroups
  while end > first, groups[end - 1] == 0 { end -= 1 }
  while first < end, groups[first] == 0 { first += 1 }

  let scale = decimalsNeeded(fraction, decimals)
  let isZero = first == end
  func store(_ half: UInt16, _ offset: Int) {
    target.storeBytes(of: half.bigEndian, toByteOffset: offset, as: UInt16.self)
  }
  store(UInt16(truncatingIfNeeded: end - first), 0)
  store(UInt16(truncatingIfNeeded: isZero ? 0 : wholeGroups - 1 - first), 2)
  store(value < 0 ? 0x4000 : 0, 4)
  store(UInt16(truncatingIfNeeded: max(scale, minimumDecimals)), 6)
  for index in first..<end { store(groups[index], 8 + 2 * (index - first)) }
  return 8 + 2 * (end - first)
}

/// How many decimals are needed if zeros at the end are not written.
@inline(__always)
private func decimalsNeeded(_ fraction: UInt64, _ decimals: Int) -> Int {
  guard fraction != 0 else { return 0 }
  var scale = decimals
  var digits = fraction
  while digits % 10 == 0 {
    digits /= 10
    scale -= 1
  }
  return scale
}
