public import Mustache

/// HTML, escaped byte by byte.
///
/// Swift's `Character` joins a quote and a combining mark after it into one, which equals neither; an escape that looks
/// at characters lets the quote pass. No byte of a longer UTF-8 sequence is an ASCII one, so bytes cannot hide.
public struct HTMLBytes: MustacheContentType {
  public init() {}

  public func escapeText(_ text: String) -> String {
    var escaped: [UInt8] = []
    escaped.reserveCapacity(text.utf8.count + 16)
    HTMLBytes.append(text.utf8, to: &escaped)
    return String(decoding: escaped, as: UTF8.self)
  }

  /// Appends `text` so that it is harmless in text and in an attribute with quotes of either kind.
  public static func append(_ text: some Sequence<UInt8>, to buffer: inout [UInt8]) {
    for byte in text {
      switch byte {
      case UInt8(ascii: "&"): buffer.append(contentsOf: "&amp;".utf8)
      case UInt8(ascii: "<"): buffer.append(contentsOf: "&lt;".utf8)
      case UInt8(ascii: ">"): buffer.append(contentsOf: "&gt;".utf8)
      case UInt8(ascii: "\""): buffer.append(contentsOf: "&quot;".utf8)
      case UInt8(ascii: "'"): buffer.append(contentsOf: "&#39;".utf8)
      case UInt8(ascii: "`"): buffer.append(contentsOf: "&#96;".utf8)
      // HTML forbids these; a browser would put something of its own choice there.
      case 0..<0x09, 0x0B, 0x0C, 0x0E..<0x20, 0x7F:
        buffer.append(contentsOf: "\u{FFFD}".utf8)
      default: buffer.append(byte)
      }
    }
  }
}
