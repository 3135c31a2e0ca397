import Templates

/// Appends HTML and SVG as bytes.
///
/// Markup must be a `StaticString`, which only a literal can be. Everything else is escaped. So no
/// value from the database can become markup by mistake.
public struct HTMLWriter {
  public private(set) var bytes: [UInt8] = []
  private var lastId = 0

  public init() {}

  /// Appends markup.
  public mutating func raw(_ markup: StaticString) {
    bytes.append(
      contentsOf: UnsafeRawBufferPointer(start: markup.utf8Start, count: markup.utf8CodeUnitCount))
  }

  /// Appends text, or the value of an attribute between quotes.
  public mutating func text(_ text: some Sequence<UInt8>) {
    HTMLBytes.append(text, to: &bytes)
  }

  public mutating func text(_ text: String) {
    HTMLBytes.append(text.utf8, to: &bytes)
  }

  public mutating func integer(_ value: Int) {
    appendInteger(Int64(value), to: &bytes)
  }

  /// Appends digits, points and letters that need no escaping. `body` must use only the functions
  /// that write numbers and times.
  mutating func plain(_ body: (inout [UInt8]) -> Void) {
    body(&bytes)
  }

  /// A number that is unique in the page, for an element's `id`.
  mutating func nextId() -> Int {
    lastId += 1
    return lastId
  }
}
