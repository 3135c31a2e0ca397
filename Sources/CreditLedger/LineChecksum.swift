/// A checksum of invoice lines, whatever their order: the sum, modulo 2 to the power of 64, of one for each.
///
/// It finds what was changed by hand, not who forges it too: FNV-1a is no secret, and fast enough for every line.
public struct LineChecksum: Equatable {
  /// What `redress.run` keeps.
  public private(set) var value: Int64 = 0

  public init() {}

  @inline(__always)
  public mutating func add(
    customerId: UnsafeRawBufferPointer, subscriptionId: UnsafeRawBufferPointer,
    incidentId: UnsafeRawBufferPointer, currency: UnsafeRawBufferPointer, number: Int32,
    invoiceId: UnsafeRawBufferPointer, amountMinor: Int64
  ) {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    func add(_ bytes: UnsafeRawBufferPointer) {
      for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
      // No text of PostgreSQL holds a zero byte, so that one keeps them apart.
      hash = hash &* 0x100_0000_01B3
    }
    add(customerId)
    add(subscriptionId)
    add(incidentId)
    add(currency)
    add(invoiceId)
    withUnsafeBytes(of: number.littleEndian) { add($0) }
    withUnsafeBytes(of: amountMinor.littleEndian) { add($0) }
    value &+= Int64(bitPattern: hash)
  }
}
