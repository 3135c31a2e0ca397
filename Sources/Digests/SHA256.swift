internal import CLibCrypto

/// A SHA-256 digest: 32 bytes.
///
/// - Source: FIPS 180-4.
public struct SHA256Digest: Hashable, Sendable, CustomStringConvertible {
  /// The length of every digest, in bytes.
  public static let byteCount = 32

  /// Exactly `byteCount` bytes.
  public let bytes: [UInt8]

  /// Returns `nil` unless there are exactly 32 bytes.
  public init?(_ bytes: some Collection<UInt8>) {
    guard bytes.count == SHA256Digest.byteCount else { return nil }
    self.bytes = Array(bytes)
  }

  /// Reads hexadecimal digits in either case; `nil` unless there are exactly 64.
  public init?(hex: String) {
    let digits = Array(hex.utf8)
    guard digits.count == 2 * SHA256Digest.byteCount else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(SHA256Digest.byteCount)
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let high = SHA256Digest.value(ofHexDigit: digits[index]),
        let low = SHA256Digest.value(ofHexDigit: digits[index + 1])
      else { return nil }
      bytes.append(high << 4 | low)
    }
    self.bytes = bytes
  }

  /// 64 lower-case hexadecimal digits, most significant first.
  public var hex: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(unsafeUninitializedCapacity: 2 * bytes.count) { buffer in
      for (index, byte) in bytes.enumerated() {
        buffer[2 * index] = digits[Int(byte >> 4)]
        buffer[2 * index + 1] = digits[Int(byte & 15)]
      }
      return 2 * bytes.count
    }
  }

  public var description: String { hex }

  private static func value(ofHexDigit digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}

/// SHA-256 over bytes that arrive in pieces. The sizes of the pieces do not matter.
///
/// OpenSSL's libcrypto does the work: libpq needs it anyway, and it uses the processor's own
/// instructions. libcrypto fails here only if it is out of memory or has no SHA-256. Both end the
/// program, because a wrong digest must not be recorded.
public struct SHA256: ~Copyable {
  private let context: OpaquePointer

  public init() {
    guard let context = EVP_MD_CTX_new() else {
      preconditionFailure("libcrypto has no memory for a digest")
    }
    self.context = context
    let started = EVP_DigestInit_ex(context, EVP_sha256(), nil)
    precondition(started == 1, "libcrypto does not offer SHA-256")
  }

  deinit {
    EVP_MD_CTX_free(context)
  }

  /// Adds `bytes` after everything added before.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress else { return }
    let taken = EVP_DigestUpdate(context, start, bytes.count)
    precondition(taken == 1, "libcrypto refused to digest")
  }

  /// Adds `bytes` after everything added before.
  public mutating func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { update($0) }
  }

  /// The digest of everything added.
  public consuming func finalize() -> SHA256Digest {
    let bytes = [UInt8](unsafeUninitializedCapacity: SHA256Digest.byteCount) { buffer, count in
      var length: UInt32 = 0
      let finished = EVP_DigestFinal_ex(context, buffer.baseAddress, &length)
      precondition(
        finished == 1 && length == SHA256Digest.byteCount, "libcrypto did not finish a digest")
      count = SHA256Digest.byteCount
    }
    guard let digest = SHA256Digest(bytes) else { preconditionFailure("a digest has 32 bytes") }
    return digest
  }

  /// The digest of `bytes` alone.
  public static func hash(_ bytes: [UInt8]) -> SHA256Digest {
    bytes.withUnsafeBytes { hash($0) }
  }

  /// The digest of `bytes` alone.
  public static func hash(_ bytes: UnsafeRawBufferPointer) -> SHA256Digest {
    var hash = SHA256()
    hash.update(bytes)
    return hash.finalize()
  }
}
