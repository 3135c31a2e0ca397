/// Appends JSON values as bytes.
public enum JSONText {
  /// Appends a string with its quotes. Escapes what RFC 8259 requires. Also escapes `<`, `>` and
  /// `&`, so that the string is safe inside HTML.
  public static func append(string: some Collection<UInt8>, to buffer: inout [UInt8]) {
    buffer.append(UInt8(ascii: "\""))
    for byte in string {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        buffer.append(UInt8(ascii: "\\"))
        buffer.append(byte)
      case UInt8(ascii: "\n"): buffer.append(contentsOf: "\\n".utf8)
      case UInt8(ascii: "\r"): buffer.append(contentsOf: "\\r".utf8)
      case UInt8(ascii: "\t"): buffer.append(contentsOf: "\\t".utf8)
      case 0..<0x20, UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"):
        buffer.append(contentsOf: "\\u00".utf8)
        buffer.append(hexadecimalDigit(byte >> 4))
        buffer.append(hexadecimalDigit(byte & 15))
      default: buffer.append(byte)
      }
    }
    buffer.append(UInt8(ascii: "\""))
  }

  public static func append(string: String, to buffer: inout [UInt8]) {
    append(string: string.utf8, to: &buffer)
  }

  /// `"name":`
  public static func append(key: StaticString, to buffer: inout [UInt8]) {
    append(
      string: UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount), to: &buffer)
    buffer.append(UInt8(ascii: ":"))
  }

  /// Appends the elements between brackets, separated by commas.
  public static func append<Element>(
    array: some Sequence<Element>, to buffer: inout [UInt8],
    _ element: (Element, inout [UInt8]) -> Void
  ) {
    buffer.append(UInt8(ascii: "["))
    var isFirst = true
    for item in array {
      if !isFirst { buffer.append(UInt8(ascii: ",")) }
      isFirst = false
      element(item, &buffer)
    }
    buffer.append(UInt8(ascii: "]"))
  }

  private static func hexadecimalDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
  }
}
