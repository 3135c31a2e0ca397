/// A checksum of ledger rows in any order: the sum of the hashes of the rows, modulo 2 to the power
/// of 64.
///
/// A row is hashed in the binary format of COPY, with the length of each value. So every column
/// counts, also a column that is added later, and the server returns the same bytes that it
/// received. The checksum finds changes made by hand. It does not find
/// changes by somebody who also calculates a new checksum, because the hash is not secret. Each
/// pair of words is mixed by a product of 128 bits, so that an exchange of values between two rows
/// changes the sum.
public struct RowChecksum: Equatable, Sendable {
  /// The value that `redress.run` stores.
  public private(set) var value: Int64 = 0

  public init() {}

  /// - Parameter row: the bytes of `CopyRowBuffer.lastRow` or `CopyReader.row`; read during the
  ///   call only.
  @inline(__always)
  public mutating func add(row: UnsafeRawBufferPointer) {
    value &+= Int64(bitPattern: RowChecksum.hash(row))
  }

  /// Adds the rows of another checksum.
  public mutating func add(_ other: RowChecksum) { value &+= other.value }

  /// Adds a row of `redress.credit_revision` with the decision that it refers to, and without that decision's number, which
  /// may be any.
  /// - Parameters:
  ///   - credit: the row's columns before the number.
  ///   - decision: `RowChecksum.hash(decision:)` of it.
  @inline(__always)
  public mutating func add(credit: UnsafeRawBufferPointer, decision: UInt64) {
    value &+= Int64(bitPattern: RowChecksum.hash(credit, seed: decision))
  }

  /// The hash of a decision.
  /// - Parameter fields: its columns after the number.
  public static func hash(decision fields: UnsafeRawBufferPointer) -> UInt64 { hash(fields) }

  /// Adds a row of `redress.carried_forward` without its last column, the run, because several runs
  /// may carry the same forward.
  /// - Parameter row: as for `add(row:)`.
  public mutating func add(carriedRow row: UnsafeRawBufferPointer) {
    // A length and eight bytes.
    add(row: UnsafeRawBufferPointer(rebasing: row.dropLast(12)))
  }

  /// Digits of pi: constants without a pattern.
  private static let first: UInt64 = 0x243F_6A88_85A3_08D3
  private static let second: UInt64 = 0x1319_8A2E_0370_7344
  private static let third: UInt64 = 0xA409_3822_299F_31D0

  static func hash(_ row: UnsafeRawBufferPointer, seed: UInt64 = 0) -> UInt64 {
    var state = first ^ seed
    var position = 0
    while position + 16 <= row.count {
      state = mix(word(row, position) ^ second, word(row, position + 8) ^ state)
      position += 16
    }
    state = mix(tail(row, position) ^ second, tail(row, position + 8) ^ state)
    return mix(state ^ third, UInt64(row.count) ^ second)
  }

  @inline(__always)
  private static func mix(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let (high, low) = left.multipliedFullWidth(by: right)
    return high ^ low
  }

  @inline(__always)
  private static func word(_ row: UnsafeRawBufferPointer, _ position: Int) -> UInt64 {
    UInt64(littleEndian: row.loadUnaligned(fromByteOffset: position, as: UInt64.self))
  }

  /// The eight bytes from `position` on; those behind the end are zero.
  @inline(__always)
  private static func tail(_ row: UnsafeRawBufferPointer, _ position: Int) -> UInt64 {
    if position + 8 <= row.count { return word(row, position) }
    var word: UInt64 = 0
    var shift: UInt64 = 0
    var index = position
    while index < row.count {
      word |= UInt64(row[index]) << shift
      shift += 8
      index += 1
    }
    return word
  }
}
