import Templates

/// HTML and SVG, appended as bytes.
///
/// Markup is a `StaticString`, which only a literal can be; everything else is escaped. So no value of a database can
/// become markup by mistake, whoever adds a table or a chart.
public struct HTMLWriter {
  public private(set) var bytes: [UInt8] = []
  private var lastId = 0

  public init() {}

  /// Markup of our own.
  public mutating func raw(_ markup: StaticString) {
    bytes.append(
      contentsOf: UnsafeRawBufferPointer(start: markup.utf8Start, count: markup.utf8CodeUnitCount))
  }

  /// Text, or the value of an attribute between quotes.
  public mutating func text(_ text: some Sequence<UInt8>) {
    HTMLBytes.append(text, to: &bytes)
  }

  public mutating func text(_ text: String) {
    HTMLBytes.append(text.utf8, to: &bytes)
  }

  public mutating func integer(_ value: Int) {
    appendInteger(Int64(value), to: &bytes)
  }

  /// Digits, points and letters of our own, by one of the functions that append numbers and times.
  mutating func plain(_ body: (inout [UInt8]) -> Void) {
    body(&bytes)
  }

  /// A number that no other element of the page has, for its `id`.
  mutating func nextId() -> Int {
    lastId += 1
    return lastId
  }
}
