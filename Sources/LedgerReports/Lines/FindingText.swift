import Documents

/// Writes the lines of the findings file.
public enum FindingText {
  /// The last three are empty where nobody has accepted the finding.
  public static let columns = [
    "code", "relation", "key", "what is wrong", "what to do", "accepted by", "accepted until",
    "reason",
  ]
  /// How many of the columns say what was found.
  public static let ownColumns = 5

  public static func appendCSVHeader(to buffer: inout [UInt8]) {
    buffer.append(contentsOf: columns.joined(separator: ",").utf8)
    buffer.append(contentsOf: "\r\n".utf8)
  }

  /// Appends a finding as a line.
  /// - Parameter cells: the cells in the order of `columns`.
  public static func appendCSV(cells: [UnsafeRawBufferPointer], to buffer: inout [UInt8]) {
    var csv = CSVText()
    for cell in cells { csv.append(text: cell, to: &buffer) }
    csv.endLine(&buffer)
  }

  /// Appends a recorded finding as an object on a line of its own.
  public static func appendJSONLine(cells: [UnsafeRawBufferPointer], to buffer: inout [UInt8]) {
    var object = JSONObject(&buffer)
    for (column, cell) in zip(columns, cells) { object.append(column, text: cell, to: &buffer) }
    object.end(&buffer)
    buffer.append(UInt8(ascii: "\n"))
  }
}
