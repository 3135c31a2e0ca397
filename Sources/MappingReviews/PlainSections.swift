import Documents
import PlainText

/// Sections of a page as text. A table that is too wide is written as one line for each cell.
struct PlainSections {
  private let sections: [PageSection]
  private static let width = 80
  /// Before each section.
  static let gap = "\n\n"

  init(_ sections: [PageSection]) { self.sections = sections }

  var text: String {
    sections.map { section in
      var lines = [section.title, String(repeating: "-", count: section.title.count)]
      if !section.introduction.isEmpty {
        lines += [""] + PlainSections.wrapped(section.introduction)
      }
      for content in section.content { lines += [""] + PlainSections.lines(of: content) }
      return PlainSections.gap + lines.joined(separator: "\n") + "\n"
    }.joined()
  }

  private static func lines(of content: PageContent) -> [String] {
    switch content {
    case .heading(let text): ["# " + text]
    case .paragraph(let text): wrapped(text)
    case .notice(let text, _): wrapped("! " + text, indentation: "  ")
    case .list(let items): items.flatMap { wrapped("- " + $0, indentation: "  ") }
    case .figures(let figures): lines(of: figures)
    case .table(let table): lines(of: table)
    case .chart(let chart): wrapped(chart.title)
    case .charts(let charts): charts.flatMap { wrapped($0.title) }
    case .lines(let labels):
      labels.flatMap { ["", $0 + String(repeating: " ", count: max(1, 12 - $0.count)) + rule] }
    }
  }

  private static let rule = String(repeating: "_", count: 50)

  private static func lines(of figures: [PageFigure]) -> [String] {
    var table = TextTable(untitled: 3)
    for figure in figures {
      let details = figure.details.map { "\($0.label) \($0.value.plainText)" }
      table.append([
        figure.label, figure.value.plainText, details.joined(separator: ", "),
      ])
    }
    return table.lines
  }

  private static func lines(of table: PageTable) -> [String] {
    guard !table.rows.isEmpty else { return wrapped(table.caption + ": none") }
    let caption = table.hasQuietCaption ? [] : wrapped(table.caption + ":")
    let rows = table.rows + table.totals
    // Prose is cut where that makes the table fit. Keys and numbers stay whole.
    for longest in table.columns.count == 2 ? [Int.max] : [Int.max, 24, 12] {
      var aligned = TextTable(
        table.columns.map { ($0.alignment == .number ? ">" : "") + $0.title })
      for row in rows { aligned.append(row.map { text(of: $0, atMost: longest) }) }
      let lines = aligned.lines
      if lines.allSatisfy({ TextWidth.columns(of: $0) <= width }) { return caption + lines }
    }
    let cells = rows.map { $0.map { text(of: $0) } }
    if table.columns.count == 2 { return caption + pairs(cells) }
    let titles = table.columns.map(\.title)
    return caption
      + cells.enumerated().flatMap { number, row in
        (number == 0 ? [] : [""])
          + pairs(zip(titles, row).filter { !$0.1.isEmpty }.map { [$0, $1] })
      }
  }

  /// A label and a value on each line, or on several.
  private static func pairs(_ rows: [[String]]) -> [String] {
    let label = rows.map { TextWidth.columns(of: $0[0]) }.max() ?? 0
    return rows.flatMap { row in
      let gap = String(repeating: " ", count: label - TextWidth.columns(of: row[0]) + 2)
      return wrapped(
        row[0] + gap + row[1], indentation: String(repeating: " ", count: label + 2))
    }
  }

  private static func text(of cell: PageCell, atMost longest: Int = .max) -> String {
    let text = Printable.oneLine(cell.plainText)
    guard case .text = cell, text.count > longest else { return text }
    return text.prefix(longest - 1) + "…"
  }

  /// Breaks a text at its spaces.
  private static func wrapped(_ text: String, indentation: String = "") -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
      let longer = line.isEmpty ? String(word) : line + " " + word
      if !line.isEmpty, TextWidth.columns(of: longer) > width {
        lines.append(line)
        line = indentation + word
      } else {
        line = longer
      }
    }
    lines.append(line)
    return lines
  }
}
