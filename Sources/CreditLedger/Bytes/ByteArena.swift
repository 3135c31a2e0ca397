import Glibc

/// A place in a `ByteArena`.
public struct ByteSlice: Hashable, Sendable {
  public var offset: UInt32
  public var count: UInt32

  public static let empty = ByteSlice(offset: 0, count: 0)
}

/// The bytes of one customer's ids and names. They are copied, because the wire buffers are valid
/// only until the next row.
///
/// Between customers the memory is kept for the next one.
public final class ByteArena {
  private var base: UnsafeMutableRawPointer
  private var capacity: Int
  private var used = 0

  public init() {
    capacity = 4096
    base = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 8)
  }

  deinit {
    base.deallocate()
  }

  public func removeAll() {
    used = 0
  }

  @inline(__always)
  public func append(_ bytes: UnsafeRawBufferPointer) -> ByteSlice {
    let count = bytes.count
    if used + count > capacity { grow(toHold: used + count) }
    if count > 0 {
      (base + used).copyMemory(from: bytes.baseAddress!, byteCount: count)
    }
    let slice = ByteSlice(offset: UInt32(used), count: UInt32(count))
    used += count
    return slice
  }

  /// The bytes, valid until the next `append` or `removeAll`.
  @inline(__always)
  public subscript(_ slice: ByteSlice) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: base + Int(slice.offset), count: Int(slice.count))
  }

  @inline(__always)
  public func equal(_ left: ByteSlice, _ right: ByteSlice) -> Bool {
    left.count == right.count
      && memcmp(base + Int(left.offset), base + Int(right.offset), Int(left.count)) == 0
  }

  private func grow(toHold needed: Int) {
    precondition(needed <= Int(UInt32.max), "one customer's rows exceed 4 GiB")
    capacity = max(needed, capacity * 2)
    let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 8)
    larger.copyMemory(from: base, byteCount: used)
    base.deallocate()
    base = larger
  }
}

/// Byte order, as `COLLATE "C"` sorts: negative, zero or positive.
@inline(__always)
public func compareBytes(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
  let shared = min(left.count, right.count)
  if shared > 0 {
    let order = memcmp(left.baseAddress!, right.baseAddress!, shared)
    if order != 0 { return Int(order) }
  }
  return left.count - right.count
}
