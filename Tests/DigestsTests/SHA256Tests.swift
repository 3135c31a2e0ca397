import Digests
import Testing

@Suite("SHA-256")
struct SHA256Tests {
  struct Vector: CustomTestStringConvertible, Sendable {
    let name: String
    let message: [UInt8]
    let hex: String

    var testDescription: String { name }
  }

  /// From the examples of FIPS 180-4 and NIST's byte-oriented short message vectors. At lengths
  /// around 55, 56 and 64 bytes the padding takes another block.
  static let vectors = [
    Vector(
      name: "nothing", message: [],
      hex: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    Vector(
      name: "abc", message: Array("abc".utf8),
      hex: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    Vector(
      name: "one byte 0xbd", message: [0xbd],
      hex: "68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b"),
    Vector(
      name: "55 zero bytes", message: Array(repeating: 0, count: 55),
      hex: "02779466cdec163811d078815c633f21901413081449002f24aa3e80f0b88ef7"),
    Vector(
      name: "56 zero bytes", message: Array(repeating: 0, count: 56),
      hex: "d4817aa5497628e7c77e6b606107042bbba3130888c5f47a375e6179be789fbb"),
    Vector(
      name: "64 zero bytes", message: Array(repeating: 0, count: 64),
      hex: "f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b"),
    Vector(
      name: "two blocks",
      message: Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8),
      hex: "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
    Vector(
      name: "a million a", message: Array(repeating: UInt8(ascii: "a"), count: 1_000_000),
      hex: "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
  ]

  @Test("known messages", arguments: vectors)
  func knownMessages(vector: Vector) {
    #expect(SHA256.hash(vector.message).hex == vector.hex)
  }

  @Test("how the bytes are cut makes no difference", arguments: [1, 3, 63, 64, 65, 1000])
  func pieces(size: Int) {
    let message = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    var hash = SHA256()
    for start in stride(from: 0, to: message.count, by: size) {
      hash.update(Array(message[start..<min(start + size, message.count)]))
      hash.update([])
    }
    #expect(hash.finalize() == SHA256.hash(message))
  }

  @Test("hexadecimal is read in either case and nothing else is")
  func hexadecimal() {
    let digest = SHA256.hash([])
    #expect(SHA256Digest(hex: digest.hex) == digest)
    #expect(SHA256Digest(hex: digest.hex.uppercased()) == digest)
    #expect(SHA256Digest(hex: String(digest.hex.dropLast())) == nil)
    #expect(SHA256Digest(hex: digest.hex + "0") == nil)
    #expect(SHA256Digest(hex: "g" + digest.hex.dropFirst()) == nil)
    #expect(SHA256Digest(digest.bytes) == digest)
    #expect(SHA256Digest(digest.bytes.dropLast()) == nil)
  }
}
