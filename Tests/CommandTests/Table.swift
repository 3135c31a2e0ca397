/// A table of texts with named columns, from a scenario, from psql or from a run's CSV file.
struct Table: Equatable, Sendable {
  var columns: [String]
  var rows: [[String]]

  /// Reads aligned text: cells are at least two spaces apart, the first line has the names of the
  /// columns, `-` is an empty cell.
  init?(aligned lines: [Substring]) {
    var cells = lines.map(Table.cells)
    guard let columns = cells.first else { return nil }
    cells.removeFirst()
    guard cells.allSatisfy({ $0.count == columns.count }) else { return nil }
    self.init(columns: columns, rows: cells)
  }

  init(columns: [String], rows: [[String]]) {
    self.columns = columns
    self.rows = rows
  }

  /// Reads RFC 4180 with CR LF or LF at line ends; `nil` if the text is malformed.
  init?(csv: String) {
    var records: [[String]] = []
    var record: [String] = []
    var field: [UInt8] = []
    var isQuoted = false
    var bytes = Array(csv.utf8)[...]
    while let byte = bytes.popFirst() {
      switch (byte, isQuoted) {
      case (UInt8(ascii: "\""), true):
        if bytes.first == UInt8(ascii: "\"") {
          field.append(byte)
          bytes.removeFirst()
        } else {
          isQuoted = false
        }
      case (_, true): field.append(byte)
      case (UInt8(ascii: "\""), false):
        guard field.isEmpty else { return nil }
        isQuoted = true
      case (UInt8(ascii: ","), false):
        record.append(String(decoding: field, as: UTF8.self))
        field = []
      case (UInt8(ascii: "\n"), false):
        if field.last == UInt8(ascii: "\r") { field.removeLast() }
        records.append(record + [String(decoding: field, as: UTF8.self)])
        record = []
        field = []
      default: field.append(byte)
      }
    }
    guard !isQuoted, field.isEmpty, record.isEmpty, let columns = records.first,
      records.allSatisfy({ $0.count == columns.count })
    else { return nil }
    self.init(columns: columns, rows: Array(records.dropFirst()))
  }

  private static func cells(_ line: Substring) -> [String] {
    var cells: [String] = []
    var cell = ""
    var spaces = 0
    for character in line {
      if character == " " {
        spaces += 1
        continue
      }
      if spaces > 1, !cell.isEmpty {
        cells.append(cell)
        cell = ""
      } else if spaces == 1, !cell.isEmpty {
        cell.append(" ")
      }
      spaces = 0
      cell.append(character)
    }
    if !cell.isEmpty { cells.append(cell) }
    return cells.map { $0 == "-" ? "" : $0 }
  }

  /// Only these columns, in this order; `nil` if one does not exist.
  func selecting(_ names: [String]) -> Table? {
    var positions: [Int] = []
    for name in names {
      guard let position = columns.firstIndex(of: name) else { return nil }
      positions.append(position)
    }
    return Table(columns: names, rows: rows.map { row in positions.map { row[$0] } })
  }

  /// The table with every decimal in its shortest form, so that 100.00 equals 100.
  var normalized: Table {
    Table(columns: columns, rows: rows.map { $0.map(Table.shortest) })
  }

  private static func shortest(_ cell: String) -> String {
    let digits = cell.drop { $0 == "-" }
    guard cell.contains("."), digits.allSatisfy({ $0.isNumber || $0 == "." }),
      digits.count(where: { $0 == "." }) == 1
    else { return cell }
    var text = cell[...]
    while text.last == "0" { text.removeLast() }
    if text.last == "." { text.removeLast() }
    return String(text)
  }

  /// The table as aligned text, as in a scenario.
  var aligned: String {
    let lines = ([columns] + rows).map { $0.map { $0.isEmpty ? "-" : $0 } }
    let widths = columns.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    return lines.map { line in
      let padded = zip(line, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
      let text = padded.joined(separator: "  ")
      return "  " + String(text.reversed().drop { $0 == " " }.reversed())
    }.joined(separator: "\n")
  }
}
