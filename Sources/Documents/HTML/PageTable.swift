public import ServiceCredits

/// A table of a page. The page's script lets readers sort the columns and filter the rows of a long
/// table. Without the script it is a plain table.
public struct PageTable: Sendable {
  public struct Column: Sendable {
    public enum Alignment: Sendable { case text, number }

    public let title: String
    public let alignment: Alignment

    public static func text(_ title: String) -> Column {
      Column(title: title, alignment: .text)
    }

    public static func number(_ title: String) -> Column {
      Column(title: title, alignment: .number)
    }
  }

  /// Whether the table may be narrower than the page.
  var isSlim: Bool {
    columns.count < 7 && columns.count { $0.alignment == .text } < 4
  }

  public let caption: String
  /// Hides the caption from view, because the heading above says the same.
  public let hasQuietCaption: Bool
  public let columns: [Column]
  /// The first cell of a row names the row.
  public var rows: [[PageCell]]
  /// Rows with sums at the end. They stay there when the rows are sorted.
  public var totals: [[PageCell]]

  public init(
    caption: String, columns: [Column], rows: [[PageCell]] = [], totals: [[PageCell]] = [],
    hasQuietCaption: Bool = false
  ) {
    precondition(
      (rows + totals).allSatisfy { $0.count == columns.count }, "a cell for each column")
    self.caption = caption
    self.columns = columns
    self.rows = rows
    self.totals = totals
    self.hasQuietCaption = hasQuietCaption
  }
}

/// A value in a table, written as in the CSV. The groups of digits are set apart only visually, so
/// that copying gives the plain number.
public enum PageCell: Sendable {
  /// An empty cell.
  case none
  case text(String)
  /// An id, digest or code, in a font of fixed width.
  case code(String)
  case count(Int64)
  /// Millionths, written with the decimals that they need.
  case decimal(Int128, atLeast: Int)
  /// Without the currency's code: another column has it.
  case amount(Money)
  /// With the currency's code.
  case money(Money)
  /// Amounts of several currencies, one on each line.
  case moneys([Money])
  /// Invoices, one on each line. If there are several, each has its amount.
  case invoices([(id: String, placed: Money)])
  /// A share of a whole, as a number and a bar.
  case share(BasisPoints)
  case percent(BasisPoints)
  case time(Instant)
  /// A time as the clocks of a time zone show it.
  case moment(Instant, String)
  /// An id that links to the row about it in another table.
  case link(String, anchor: String)
  /// An id that is the target of such links.
  case anchor(String, anchor: String)
  /// In microseconds.
  case duration(Int64)
  case month(BillingMonth)
}

extension HTMLWriter {
  /// Tables with at least this many rows get a filter.
  private static let longTable = 13

  public mutating func append(_ table: PageTable) {
    let id = nextId()
    raw("<div class=\"rows\" role=\"group\" tabindex=\"0\" aria-labelledby=\"c")
    integer(id)
    raw("\"><table class=\"sort")
    if table.rows.count >= HTMLWriter.longTable { raw(" filter") }
    if table.isSlim { raw(" slim") }
    raw("\" aria-labelledby=\"c")
    integer(id)
    raw(
      table.hasQuietCaption
        ? "\"><caption class=\"same\"><div><span id=\"c" : "\"><caption><div><span id=\"c")
    integer(id)
    raw("\">")
    text(table.caption)
    raw("</span></div></caption><thead><tr>")
    for column in table.columns {
      raw(column.alignment == .number ? "<th scope=\"col\" class=\"n\">" : "<th scope=\"col\">")
      text(column.title)
      raw("</th>")
    }
    raw("</tr></thead><tbody>\n")
    for row in table.rows { append(row, table.columns) }
    raw("</tbody>")
    if !table.totals.isEmpty {
      raw("<tfoot>\n")
      for row in table.totals { append(row, table.columns) }
      raw("</tfoot>")
    }
    raw("</table></div>\n")
  }

  private mutating func append(_ row: [PageCell], _ columns: [PageTable.Column]) {
    raw("<tr>")
    for (index, cell) in row.enumerated() {
      raw(index == 0 ? "<th scope=\"row\"" : "<td")
      if columns[index].alignment == .number { raw(" class=\"n\"") }
      appendSortKey(cell)
      raw(">")
      append(cell)
      raw(index == 0 ? "</th>" : "</td>")
    }
    raw("</tr>\n")
  }

  /// Writes the number that the row is sorted by. A text is sorted by itself.
  private mutating func appendSortKey(_ cell: PageCell) {
    let key: Int64
    switch cell {
    case .none, .text, .code, .link, .anchor, .moneys, .invoices: return
    case .count(let count): key = count
    case .decimal(let micros, _): key = Int64(clamping: micros)
    case .amount(let money), .money(let money): key = money.amountMinor
    case .share(let share), .percent(let share): key = Int64(share.value)
    case .time(let instant), .moment(let instant, _): key = instant.microseconds
    case .duration(let microseconds): key = microseconds
    case .month(let month): key = Int64(month.daysSinceUnixEpoch)
    }
    raw(" data-v=\"")
    plain { appendInteger(key, to: &$0) }
    raw("\"")
  }

  mutating func append(_ cell: PageCell) {
    switch cell {
    case .none: raw("<span class=\"none\">–</span>")
    case .text(let text): isolated(text)
    case .code(let text): code(text)
    case .link(let id, let anchor):
      raw("<a href=\"#")
      text(anchor)
      raw("\">")
      code(id)
      raw("</a>")
    case .anchor(let id, let anchor):
      raw("<span id=\"")
      text(anchor)
      raw("\">")
      code(id)
      raw("</span>")
    case .count(let count): grouped(count, decimals: 0)
    case .decimal(let micros, let decimals): grouped(DecimalText.micros(micros, atLeast: decimals))
    case .amount(let money): amount(money)
    case .money(let money): self.money(money)
    case .moneys(let moneys):
      if moneys.isEmpty { raw("<span class=\"none\">–</span>") }
      for (number, money) in moneys.enumerated() {
        if number > 0 { raw("<br>") }
        self.money(money)
      }
    case .invoices(let invoices):
      if invoices.isEmpty { raw("<span class=\"none\">–</span>") }
      for (number, invoice) in invoices.enumerated() {
        if number > 0 { raw("<br>") }
        code(invoice.id)
        guard invoices.count > 1 else { break }
        raw("&#160;")
        amount(invoice.placed)
      }
    case .share(let share):
      plain { appendDecimal(Int64(share.value), decimals: 2, atLeast: 2, to: &$0) }
      raw("&#160;%")
      raw("<svg class=\"bar\" viewBox=\"0 0 100 8\" aria-hidden=\"true\" focusable=\"false\"><rect")
      raw(" class=\"rest\" width=\"100\" height=\"8\"/><rect class=\"s1\" height=\"8\" width=\"")
      plain {
        appendDecimal(Int64(min(max(share.value, 0), 10_000)), decimals: 2, atLeast: 0, to: &$0)
      }
      raw("\"/></svg>")
    case .percent(let percent): self.percent(percent)
    case .time(let instant): time(instant)
    case .moment(let instant, let local):
      raw("<time datetime=\"")
      text(instant.text)
      raw("\">")
      text(local)
      raw("</time>")
    case .duration(let microseconds): duration(microseconds)
    case .month(let month): plain { month.appendText(to: &$0) }
    }
  }

  private mutating func code(_ text: String) {
    // An id of the usual length is not broken at a hyphen.
    raw(text.utf8.count <= 24 ? "<code class=\"id\">" : "<code>")
    isolated(text)
    raw("</code>")
  }

  /// Text from the database. Its writing direction must not affect the text around it.
  mutating func isolated(_ text: String) {
    raw("<bdi>")
    self.text(text)
    raw("</bdi>")
  }

  /// Writes the amount with the currency's decimals.
  mutating func amount(_ money: Money) {
    grouped(money.amountMinor, decimals: Int(money.currency.exponent))
  }

  mutating func money(_ money: Money) {
    amount(money)
    raw("&#160;<span class=\"cur\">")
    text(money.currency.codeBytes)
    raw("</span>")
  }

  private mutating func percent(_ share: BasisPoints) {
    plain { share.appendPercent(to: &$0) }
    raw("&#160;%")
  }

  private mutating func time(_ instant: Instant) {
    raw("<time datetime=\"")
    text(instant.text)
    raw("\">")
    // 2026-10-31T22:00:00Z
    let text = instant.text
    let bytes = Array(text.utf8)
    if bytes.count == 20, bytes[10] == UInt8(ascii: "T") {
      self.text(bytes[..<10])
      raw(" <span class=\"cur\">")
      self.text(bytes[11..<(bytes[17...18].elementsEqual("00".utf8) ? 16 : 19)])
      raw("</span>")
    } else {
      self.text(text)
    }
    raw("</time>")
  }

  private mutating func duration(_ microseconds: Int64) {
    plain { appendDuration(microseconds, to: &$0) }
  }

  mutating func grouped(_ value: Int64, decimals: Int) {
    var number: [UInt8] = []
    appendDecimal(value, decimals: decimals, atLeast: decimals, to: &number)
    grouped(number)
  }

  /// Writes a number with gaps between its thousands. The gaps come from the style, so that copying
  /// gives the plain number.
  private mutating func grouped(_ number: [UInt8]) {
    let sign = number.first == UInt8(ascii: "-") ? 1 : 0
    let whole = number.dropFirst(sign).prefix { $0 != UInt8(ascii: ".") }
    let head = whole.count % 3 == 0 ? min(3, whole.count) : whole.count % 3
    plain { $0.append(contentsOf: number.prefix(sign + head)) }
    for start in stride(from: sign + head, to: sign + whole.count, by: 3) {
      raw("<span class=\"g\">")
      plain { $0.append(contentsOf: number[start..<start + 3]) }
      raw("</span>")
    }
    plain { $0.append(contentsOf: number.dropFirst(sign + whole.count)) }
  }
}

/// Writes decimals wider than `Int64`.
enum DecimalText {
  /// Millionths as text, with the decimals that they need and at least `minimum`.
  static func micros(_ micros: Int128, atLeast minimum: Int) -> [UInt8] {
    let (whole, fraction) = micros.magnitude.quotientAndRemainder(dividingBy: 1_000_000)
    var text = Array((micros < 0 ? "-" : "").utf8)
    text.append(contentsOf: String(whole).utf8)
    // The fraction as "0.450000"; its first zero is dropped.
    var decimals: [UInt8] = []
    appendDecimal(Int64(fraction), decimals: 6, atLeast: minimum, to: &decimals)
    text.append(contentsOf: decimals.dropFirst())
    return text
  }
}
