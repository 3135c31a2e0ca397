public import Mustache

/// Escapes HTML byte by byte.
///
/// Swift joins a quote and a following combining mark into one `Character`, which does not equal a
/// quote, so an escape that compares characters would miss it. In UTF-8, no byte of a longer
/// sequence is ASCII, so comparing bytes misses nothing.
public struct HTMLBytes: MustacheContentType {
  public init() {}

  public func escapeText(_ text: String) -> String {
    var escaped: [UInt8] = []
    escaped.reserveCapacity(text.utf8.count + 16)
    HTMLBytes.append(text.utf8, to: &escaped)
    return String(decoding: escaped, as: UTF8.self)
  }

  /// Appends `text` so that it is safe in text and in quoted attributes.
  public static func append(_ text: some Sequence<UInt8>, to buffer: inout [UInt8]) {
    for byte in text {
      switch byte {
      case UInt8(ascii: "&"): buffer.append(contentsOf: "&amp;".utf8)
      case UInt8(ascii: "<"): buffer.append(contentsOf: "&lt;".utf8)
      case UInt8(ascii: ">"): buffer.append(contentsOf: "&gt;".utf8)
      case UInt8(ascii: "\""): buffer.append(contentsOf: "&quot;".utf8)
      case UInt8(ascii: "'"): buffer.append(contentsOf: "&#39;".utf8)
      case UInt8(ascii: "`"): buffer.append(contentsOf: "&#96;".utf8)
      // HTML forbids these characters.
      case 0..<0x09, 0x0B, 0x0C, 0x0E..<0x20, 0x7F:
        buffer.append(contentsOf: "\u{FFFD}".utf8)
      default: buffer.append(byte)
      }
    }
  }
}
