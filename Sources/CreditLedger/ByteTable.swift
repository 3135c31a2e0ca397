/// A map from byte strings to small integers: ids and names of which there are few, met in rows of which there are
/// many.
///
/// Open addressing over one arena. A look-up allocates nothing and hashes once.
public struct ByteTable: Sendable {
  private var bytes: [UInt8] = []
  /// The end of each entry's bytes; entry `n` starts where `n - 1` ends.
  private var ends: [Int] = []
  private var slots: [Int32]

  public init() {
    slots = [Int32](repeating: -1, count: 16)
  }

  public init(_ keys: some Sequence<[UInt8]>) {
    self.init()
    for key in keys { _ = key.withUnsafeBytes { insert($0) } }
  }

  public var count: Int { ends.count }

  /// The bytes of entry `index`.
  public subscript(_ index: Int) -> ArraySlice<UInt8> {
    bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
  }

  /// The number of `key`, in the order of insertion; `nil` where it is not there.
  @inline(__always)
  public func find(_ key: UnsafeRawBufferPointer) -> Int32? {
    let found = slots[slot(of: key)]
    return found < 0 ? nil : found
  }

  /// The number of `key`, which is added where it is new.
  public mutating func insert(_ key: UnsafeRawBufferPointer) -> Int32 {
    let slot = slot(of: key)
    if slots[slot] >= 0 { return slots[slot] }
    let number = Int32(ends.count)
    bytes.append(contentsOf: key)
    ends.append(bytes.count)
    slots[slot] = number
    if ends.count * 2 > slots.count { grow() }
    return number
  }

  /// The slot that holds `key` or, where none does, the free one in which it belongs.
  private func slot(of key: UnsafeRawBufferPointer) -> Int {
    let mask = slots.count - 1
    var slot = ByteTable.hash(key) & mask
    while slots[slot] >= 0 {
      if equals(Int(slots[slot]), key) { return slot }
      slot = (slot + 1) & mask
    }
    return slot
  }

  private func equals(_ index: Int, _ key: UnsafeRawBufferPointer) -> Bool {
    let start = index == 0 ? 0 : ends[index - 1]
    guard ends[index] - start == key.count else { return false }
    return bytes.withUnsafeBytes {
      UnsafeRawBufferPointer(rebasing: $0[start..<ends[index]]).elementsEqual(key)
    }
  }

  private mutating func grow() {
    slots = [Int32](repeating: -1, count: slots.count * 2)
    let mask = slots.count - 1
    for index in ends.indices {
      var slot = self[index].withUnsafeBytes { ByteTable.hash($0) } & mask
      while slots[slot] >= 0 { slot = (slot + 1) & mask }
      slots[slot] = Int32(index)
    }
  }

  /// FNV-1a. The keys are the operator's own, not a stranger's.
  @inline(__always)
  private static func hash(_ key: UnsafeRawBufferPointer) -> Int {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in key {
      hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
    }
    return Int(truncatingIfNeeded: hash >> 1)
  }
}
