import CLibPQ

/// A value for `$1`, `$2`, … of a statement, sent in binary form with its type.
public enum Parameter: Sendable, Hashable {
  case text(String)
  case bool(Bool)
  case int16(Int16)
  case int32(Int32)
  case int64(Int64)
  /// `bytea`.
  case bytes([UInt8])
  /// Microseconds since 1970-01-01 00:00 UTC; `Int64.min` and `Int64.max` are the infinities.
  case timestamptz(Int64)
  /// Days since 1970-01-01; `Int32.min` and `Int32.max` are the infinities.
  case date(Int32)
  /// A `numeric` of so many millionths.
  case numericMicros(Int64)
  case textArray([String])
  case int64Array([Int64])
  /// Null. The server must be able to infer its type; otherwise the statement needs a cast.
  case null

  /// From `pg_type`; these never change.
  var typeOID: UInt32 {
    switch self {
    case .text: 25
    case .bool: 16
    case .int16: 21
    case .int32: 23
    case .int64: 20
    case .bytes: 17
    case .timestamptz: 1184
    case .date: 1082
    case .numericMicros: 1700
    case .textArray: 1009
    case .int64Array: 1016
    case .null: 0
    }
  }

  /// The binary form; nil for null.
  func encoded() -> [UInt8]? {
    switch self {
    case .text(let value): Array(value.utf8)
    case .bool(let value): [value ? 1 : 0]
    case .int16(let value): bigEndian(value)
    case .int32(let value): bigEndian(value)
    case .int64(let value): bigEndian(value)
    case .bytes(let value): value
    case .timestamptz(let value): bigEndian(postgresTimestamp(value))
    case .date(let value): bigEndian(postgresDate(value))
    case .numericMicros(let value):
      [UInt8](unsafeUninitializedCapacity: maximumNumericBytes) { buffer, count in
        guard let base = buffer.baseAddress else { return }
        count = encodeNumeric(
          value, decimals: 6, minimumDecimals: 0, into: UnsafeMutableRawPointer(base))
      }
    case .textArray(let values): array(values.map { Array($0.utf8) }, of: 25)
    case .int64Array(let values): array(values.map { bigEndian($0) }, of: 20)
    case .null: nil
    }
  }

  /// The binary form of a one-dimensional array: number of dimensions, null flag, element type,
  /// length, lower bound, elements.
  private func array(_ elements: [[UInt8]], of type: UInt32) -> [UInt8] {
    var bytes = bigEndian(Int32(elements.isEmpty ? 0 : 1)) + bigEndian(Int32(0)) + bigEndian(type)
    if elements.isEmpty { return bytes }
    bytes += bigEndian(Int32(elements.count)) + bigEndian(Int32(1))
    for element in elements { bytes += bigEndian(Int32(element.count)) + element }
    return bytes
  }
}

private func bigEndian<Integer: FixedWidthInteger>(_ value: Integer) -> [UInt8] {
  withUnsafeBytes(of: value.bigEndian) { Array($0) }
}

/// The parameters of one statement in the form that libpq needs.
struct EncodedParameters {
  private let types: [UInt32]
  private let lengths: [Int32]
  private let formats: [Int32]
  private let offsets: [Int?]
  private let bytes: [UInt8]

  init(_ parameters: [Parameter]) {
    var lengths: [Int32] = []
    var offsets: [Int?] = []
    // At least one byte, so that an empty value has an address: libpq takes a null pointer for
    // null.
    var bytes: [UInt8] = [0]
    for parameter in parameters {
      if let value = parameter.encoded() {
        offsets.append(bytes.count)
        lengths.append(Int32(value.count))
        bytes += value
      } else {
        offsets.append(nil)
        lengths.append(0)
      }
    }
    bytes.append(0)
    types = parameters.map(\.typeOID)
    formats = parameters.map { _ in 1 }
    self.lengths = lengths
    self.offsets = offsets
    self.bytes = bytes
  }

  func withPointers<Result>(
    _ body: (
      UnsafePointer<Oid>?, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?,
      UnsafePointer<Int32>?
    ) -> Result
  ) -> Result {
    bytes.withUnsafeBytes { region in
      let values = offsets.map { offset in
        offset.flatMap { region.baseAddress?.advanced(by: $0).assumingMemoryBound(to: CChar.self) }
      }
      return types.withUnsafeBufferPointer { types in
        values.withUnsafeBufferPointer { values in
          body(types.baseAddress, values.baseAddress, lengths, formats)
        }
      }
    }
  }
}
