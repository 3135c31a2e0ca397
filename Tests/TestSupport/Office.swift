import Glibc

/// Reads a workbook with LibreOffice, which shares no code with the writer.
public enum Office {
  public struct Cell: Hashable, Sendable, CustomStringConvertible {
    /// The text as LibreOffice shows it.
    public let text: String
    /// Whether the cell is a text and not a number or a date.
    public let isText: Bool

    public init(_ text: String, isText: Bool) {
      self.text = text
      self.isText = isText
    }

    public var description: String { isText ? "\"\(text)\"" : text }
  }

  public struct NotReadable: Error, CustomStringConvertible {
    public let description: String
  }

  /// The sheets of a workbook by name, each as rows of cells.
  public static func sheets(of path: String) throws -> [String: [[Cell]]] {
    let folder = try temporaryFolder("office")
    defer { _ = try? sh("rm -rf '\(folder)'") }
    // Tab-separated, texts in quotes, numbers as shown, every sheet in a file of its own. A
    // separate profile lets several instances run at once.
    let filter = "csv:Text - txt - csv (StarCalc):9,34,76,1,,1033,true,false,true,false,false,-1"
    let said = try sh(
      """
      command -v soffice >/dev/null || { echo 'LibreOffice is missing: make test installs it'; exit 1; }
      HOME='\(folder)' soffice -env:UserInstallation='file://\(folder)/profile' --headless \
        --convert-to '\(filter)' --outdir '\(folder)/sheets' '\(path)'
      """)
    let prefix = path.split(separator: "/").last.map { "\($0.dropLast(".xlsx".count))-" } ?? ""
    let names = try sh("ls '\(folder)/sheets'").split(separator: "\n").map(String.init)
    guard !names.isEmpty else { throw NotReadable(description: "no sheets: \(said)") }
    var sheets: [String: [[Cell]]] = [:]
    for name in names {
      guard name.hasPrefix(prefix), name.hasSuffix(".csv") else {
        throw NotReadable(description: "a sheet is called \(name): \(said)")
      }
      let text = try sh("cat '\(folder)/sheets/\(name)'")
      sheets[String(name.dropFirst(prefix.count).dropLast(4))] = rows(Array(text.utf8))
    }
    return sheets
  }

  private static func rows(_ text: [UInt8]) -> [[Cell]] {
    var rows: [[Cell]] = []
    var row: [Cell] = []
    var field: [UInt8] = []
    var (isText, isQuoted) = (false, false)
    var position = 0
    func cell() -> Cell { Cell(String(decoding: field, as: UTF8.self), isText: isText) }
    while position < text.count {
      let byte = text[position]
      position += 1
      switch (byte, isQuoted) {
      case (UInt8(ascii: "\""), true):
        if position < text.count, text[position] == byte {
          field.append(byte)
          position += 1
        } else {
          isQuoted = false
        }
      case (UInt8(ascii: "\""), false): (isText, isQuoted) = (true, true)
      case (UInt8(ascii: "\t"), false), (UInt8(ascii: "\n"), false):
        row.append(cell())
        (field, isText) = ([], false)
        if byte == UInt8(ascii: "\n") {
          rows.append(row)
          row = []
        }
      default: field.append(byte)
      }
    }
    return rows
  }
}
