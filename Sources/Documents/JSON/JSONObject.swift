/// Writes one JSON object on one line, member by member.
public struct JSONObject {
  private var isFirst = true

  public init(_ buffer: inout [UInt8]) {
    buffer.append(UInt8(ascii: "{"))
  }

  public func end(_ buffer: inout [UInt8]) {
    buffer.append(UInt8(ascii: "}"))
  }

  /// - Parameter name: must contain nothing that needs escaping.
  private mutating func append(name: String, to buffer: inout [UInt8]) {
    if isFirst { isFirst = false } else { buffer.append(UInt8(ascii: ",")) }
    buffer.append(UInt8(ascii: "\""))
    buffer.append(contentsOf: name.utf8)
    buffer.append(contentsOf: "\":".utf8)
  }

  /// Appends a string; null if it is empty.
  public mutating func append(
    _ name: String, text: some Collection<UInt8>, to buffer: inout [UInt8]
  ) {
    append(name: name, to: &buffer)
    if text.isEmpty {
      buffer.append(contentsOf: "null".utf8)
    } else {
      JSONText.append(string: text, to: &buffer)
    }
  }

  public mutating func append(_ name: String, text: String, to buffer: inout [UInt8]) {
    append(name, text: text.utf8, to: &buffer)
  }

  public mutating func append(_ name: String, integer: Int64, to buffer: inout [UInt8]) {
    append(name: name, to: &buffer)
    appendInteger(integer, to: &buffer)
  }

  public mutating func append(_ name: String, isTrue: Bool, to buffer: inout [UInt8]) {
    append(name: name, to: &buffer)
    buffer.append(contentsOf: (isTrue ? "true" : "false").utf8)
  }

  /// Appends a string that needs no escaping, such as a time, or a decimal that a JSON number would
  /// not keep exactly.
  public mutating func append(
    _ name: String, to buffer: inout [UInt8], plain body: (inout [UInt8]) -> Void
  ) {
    append(name: name, to: &buffer)
    buffer.append(UInt8(ascii: "\""))
    body(&buffer)
    buffer.append(UInt8(ascii: "\""))
  }

  public mutating func appendNull(_ name: String, to buffer: inout [UInt8]) {
    append(name: name, to: &buffer)
    buffer.append(contentsOf: "null".utf8)
  }
}
