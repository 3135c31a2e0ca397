/// A map from byte strings to small integers, for few ids and names that occur in many rows.
///
/// Open addressing over one arena. A look-up allocates nothing, counts no references and hashes
/// once. It is a class, because it owns its memory. Two threads must not use it at once.
public final class ByteTable {
  private struct Entry {
    var key: ByteSlice
    var hash: UInt32
  }

  private let arena = ByteArena()
  private var entries: UnsafeMutablePointer<Entry>
  private var entryCapacity: Int
  /// Entry numbers; -1 for a free slot. Their count is a power of two and at least twice `entries`.
  private var slots: UnsafeMutablePointer<Int32>
  private var slotMask: Int
  public private(set) var count = 0

  public init() {
    entryCapacity = 8
    entries = .allocate(capacity: entryCapacity)
    slotMask = entryCapacity * 2 - 1
    slots = .allocate(capacity: slotMask + 1)
    slots.initialize(repeating: -1, count: slotMask + 1)
  }

  public convenience init(_ keys: some Sequence<[UInt8]>) {
    self.init()
    for key in keys { _ = key.withUnsafeBytes { insert($0) } }
  }

  deinit {
    entries.deallocate()
    slots.deallocate()
  }

  /// The bytes of entry `index`, valid until the next insertion.
  public subscript(_ index: Int) -> UnsafeRawBufferPointer {
    precondition(index >= 0 && index < count, "no such entry")
    return arena[entries[index].key]
  }

  /// The bytes of entry `index` as text.
  public func text(_ index: Int) -> String {
    String(decoding: self[index], as: UTF8.self)
  }

  /// The number of `key`, in the order of insertion; `nil` if it is not in the table.
  public func find(_ key: UnsafeRawBufferPointer) -> Int32? {
    let found = slots[slot(of: key, hash: ByteTable.hash(key))]
    return found < 0 ? nil : found
  }

  /// The number of `key`, which is added if it is new. The bytes are copied.
  public func insert(_ key: UnsafeRawBufferPointer) -> Int32 {
    let hash = ByteTable.hash(key)
    let slot = slot(of: key, hash: hash)
    if slots[slot] >= 0 { return slots[slot] }
    if count == entryCapacity {
      grow()
      return insert(key)
    }
    entries[count] = Entry(key: arena.append(key), hash: hash)
    slots[slot] = Int32(count)
    count += 1
    return slots[slot]
  }

  /// The slot that holds `key`, or else the free slot in which it belongs.
  private func slot(of key: UnsafeRawBufferPointer, hash: UInt32) -> Int {
    var slot = Int(hash) & slotMask
    while slots[slot] >= 0 {
      let entry = entries[Int(slots[slot])]
      if entry.hash == hash, compareBytes(arena[entry.key], key) == 0 { return slot }
      slot = (slot + 1) & slotMask
    }
    return slot
  }

  private func grow() {
    let larger = UnsafeMutablePointer<Entry>.allocate(capacity: entryCapacity * 2)
    larger.moveInitialize(from: entries, count: count)
    entries.deallocate()
    entries = larger
    entryCapacity *= 2
    slots.deallocate()
    slotMask = entryCapacity * 2 - 1
    slots = .allocate(capacity: slotMask + 1)
    slots.initialize(repeating: -1, count: slotMask + 1)
    for index in 0..<count {
      var slot = Int(entries[index].hash) & slotMask
      while slots[slot] >= 0 { slot = (slot + 1) & slotMask }
      slots[slot] = Int32(index)
    }
  }

  /// FNV-1a, folded to 32 bits. The operator's own data gives the keys, so they are not chosen to
  /// collide.
  @inline(__always)
  private static func hash(_ key: UnsafeRawBufferPointer) -> UInt32 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    if let start = key.baseAddress {
      for offset in 0..<key.count {
        hash =
          (hash ^ UInt64(start.load(fromByteOffset: offset, as: UInt8.self)))
          &* 0x100_0000_01b3
      }
    }
    return UInt32(truncatingIfNeeded: hash ^ hash >> 32)
  }
}
