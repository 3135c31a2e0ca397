/// Rows and columns aligned for a terminal.
package struct TextTable {
  private let titles: [String]?
  /// Columns of numbers are aligned to the right.
  private let isRight: [Bool]
  package private(set) var rows: [[String]] = []
  /// Lines below each row, indented to its second column.
  private var notes: [[String]] = []

  /// - Parameter columns: the titles. A leading `>` marks a column of numbers and is not shown.
  package init(_ columns: [String]) {
    titles = columns.map { $0.hasPrefix(">") ? String($0.dropFirst()) : $0 }
    isRight = columns.map { $0.hasPrefix(">") }
  }

  /// A table of texts without titles.
  package init(untitled columns: Int) {
    titles = nil
    isRight = [Bool](repeating: false, count: columns)
  }

  package mutating func append(_ row: [String], notes: [String] = []) {
    precondition(row.count == isRight.count, "a row has a cell for each column")
    rows.append(row.map(Printable.oneLine))
    self.notes.append(notes.map(Printable.oneLine))
  }

  /// The table indented, with one line for each row and its notes below it.
  package var lines: [String] {
    let all = (titles.map { [$0] } ?? []) + rows
    let widths = isRight.indices.map { column in
      all.map { TextWidth.columns(of: $0[column]) }.max() ?? 0
    }
    let second = String(repeating: " ", count: 4 + (widths.first ?? 0))
    var lines = titles.map { [line($0, widths)] } ?? []
    for (row, notes) in zip(rows, notes) {
      lines.append(line(row, widths))
      lines += notes.map { second + $0 }
    }
    return lines
  }

  private func line(_ row: [String], _ widths: [Int]) -> String {
    var line = ""
    for (column, cell) in row.enumerated() {
      let padding = String(
        repeating: " ", count: widths[column] - TextWidth.columns(of: cell))
      line += "  " + (isRight[column] ? padding + cell : cell + padding)
    }
    while line.last == " " { line.removeLast() }
    return line
  }
}
