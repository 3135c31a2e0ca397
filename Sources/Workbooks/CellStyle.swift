internal import CLibXLSXWriter

/// The format of a cell.
enum CellStyle: Hashable {
  case header
  /// Formatted as text, so that it stays text when it is edited.
  case text
  case number(decimals: Int, grouped: Bool)
  /// Of a row of sums.
  case sumText
  case sum(decimals: Int, grouped: Bool)
  case percent
  case month
  case time
  case timeWithMilliseconds
  case duration
  case durationWithMilliseconds

  func apply(to format: UnsafeMutablePointer<lxw_format>) {
    switch self {
    case .header:
      format_set_bold(format)
      format_set_bg_color(format, 0xD9E2EC)
      format_set_bottom(format, UInt8(LXW_BORDER_THIN.rawValue))
      format_set_num_format(format, "@")
    case .sumText, .sum:
      format_set_bold(format)
      format_set_top(format, UInt8(LXW_BORDER_THIN.rawValue))
      format_set_num_format(format, pattern)
    default: format_set_num_format(format, pattern)
    }
  }

  private var pattern: String {
    switch self {
    case .header, .text, .sumText: "@"
    case .number(let decimals, let grouped), .sum(let decimals, let grouped):
      (grouped ? "#,##0" : "0")
        + (decimals > 0 ? "." + String(repeating: "0", count: decimals) : "")
    case .percent: "0.00%"
    case .month: "yyyy\\-mm"
    case .time: "yyyy\\-mm\\-dd\\ hh:mm:ss"
    case .timeWithMilliseconds: "yyyy\\-mm\\-dd\\ hh:mm:ss.000"
    case .duration: "[h]:mm:ss"
    case .durationWithMilliseconds: "[h]:mm:ss.000"
    }
  }
}
