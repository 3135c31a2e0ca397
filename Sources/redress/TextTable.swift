/// Rows and columns aligned for a terminal.
struct TextTable {
  private let titles: [String]
  /// Numbers stand to the right.
  private let isRight: [Bool]
  private(set) var rows: [[String]] = []

  /// - Parameter columns: those of numbers begin with `>`, which is not shown.
  init(_ columns: [String]) {
    titles = columns.map { $0.hasPrefix(">") ? String($0.dropFirst()) : $0 }
    isRight = columns.map { $0.hasPrefix(">") }
  }

  mutating func append(_ row: [String]) {
    precondition(row.count == titles.count, "a row has a cell for each column")
    rows.append(row.map(PlainText.oneLine))
  }

  /// One line each, indented.
  var lines: [String] {
    let all = [titles] + rows
    let widths = titles.indices.map { column in
      all.map { TextTable.width(of: $0[column]) }.max() ?? 0
    }
    return all.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        let padding = String(repeating: " ", count: widths[column] - TextTable.width(of: cell))
        line += "  " + (isRight[column] ? padding + cell : cell + padding)
      }
      while line.last == " " { line.removeLast() }
      return line
    }
  }

  /// How many columns of a terminal a text takes: wide characters two, marks on others none.
  static func width(of text: String) -> Int {
    text.unicodeScalars.reduce(0) { $0 + width(of: $1) }
  }

  private static func width(of scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case 0..<0x300: 1
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
      0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F,
      0x1F680...0x1F6FF, 0x1F900...0x1FAFF, 0x20000...0x3FFFD:
      2
    default:
      switch scalar.properties.generalCategory {
      case .nonspacingMark, .enclosingMark, .format: 0
      default: 1
      }
    }
  }
}
