import Glibc

/// The progress of a run, on one line of a terminal. The line is cleared when the run ends.
struct ProgressBar {
  private let style: Style
  private let start: ContinuousClock.Instant
  private var lastDrawn: ContinuousClock.Instant?
  private var isShown = false
  /// `nil` until the number is known.
  var customerCount: Int?

  /// What the terminal supports.
  struct Style {
    var hasColour = true
    var hasBlocks = true

    /// From the environment: https://no-color.org, and the locale's encoding.
    init(environment: (String) -> String?) {
      hasColour = (environment("NO_COLOR") ?? "").isEmpty
      let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap(environment).first { !$0.isEmpty }
      let encoding = (locale ?? "").lowercased()
      hasBlocks = encoding.contains("utf-8") || encoding.contains("utf8")
    }
  }

  init(style: Style, start: ContinuousClock.Instant = .now) {
    self.style = style
    self.start = start
  }

  /// The bar for standard error; `nil` if that is not a terminal or if the terminal cannot move its
  /// cursor.
  static func onTerminal() -> ProgressBar? {
    func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
    guard StandardError.isTerminal, environment("TERM") != "dumb" else { return nil }
    return ProgressBar(style: Style(environment: environment))
  }

  /// Clears the line, so that other text can be printed.
  mutating func clear() {
    if isShown { StandardError.write("\r\u{1B}[K") }
    isShown = false
  }

  mutating func show(customers: Int, rows: Int) {
    // The first customers come only after the server has sorted for some seconds.
    let now = ContinuousClock.now
    if let lastDrawn, now - lastDrawn < .milliseconds(100), customers != customerCount { return }
    lastDrawn = now
    isShown = true
    let elapsed = Int((now - start) / .milliseconds(1))
    let line = line(
      customers: customers, rows: rows, milliseconds: elapsed, width: ProgressBar.width())
    StandardError.write("\r\(line)\u{1B}[K")
  }

  private static func width() -> Int {
    var size = winsize()
    guard ioctl(2, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// ` 42 % ██████▌         420,000 of 1,000,000 customers, 12,345 rows/s, 0:42 left`
  ///
  /// - Parameter width: in columns. The line is one shorter, because a terminal may wrap a full
  ///   line.
  func line(customers: Int, rows: Int, milliseconds: Int, width: Int) -> String {
    let rate = rows * 1000 / max(1, milliseconds)
    guard let all = customerCount, all > 0 else {
      return fitting(
        ["\(grouped(customers)) customers", "\(grouped(rate)) rows/s"], in: width - 1)
    }
    let done = min(customers, all)
    let percent = "\(done * 100 / all) %"
    // In the first second an estimate would change too much.
    let left =
      done > 0 && milliseconds >= 1000
      ? ["\(clock((milliseconds * (all - done) / done + 999) / 1000)) left"] : []
    let facts = ["\(grouped(customers)) of \(grouped(all)) customers", "\(grouped(rate)) rows/s"]
    let head = String(repeating: " ", count: max(0, 5 - percent.count)) + percent
    // On a narrow terminal, the least important facts are left out first.
    for facts in [facts + left, left + Array(facts.suffix(1)), left, []] {
      let tail = facts.joined(separator: ", ")
      let space = width - 1 - head.count - tail.count - 2
      guard space >= 8 else { continue }
      let bar = bar(done, of: all, columns: min(space, 40))
      return tail.isEmpty ? "\(head) \(bar)" : "\(head) \(bar) \(tail)"
    }
    return fitting([percent], in: width - 1)
  }

  private func fitting(_ parts: [String], in columns: Int) -> String {
    var parts = parts
    while let text = Optional(parts.joined(separator: ", ")), text.count > columns {
      if parts.count > 1 { parts.removeLast() } else { return String(text.prefix(max(0, columns))) }
    }
    return parts.joined(separator: ", ")
  }

  private func bar(_ done: Int, of all: Int, columns: Int) -> String {
    let full = style.hasBlocks ? "█" : "#"
    let empty = style.hasBlocks ? "░" : "."
    let filled = done * columns / all
    let bar = String(repeating: full, count: filled)
    let rest = String(repeating: empty, count: columns - filled)
    return style.hasColour ? "\u{1B}[32m\(bar)\u{1B}[0m\(rest)" : bar + rest
  }

  /// `1,234,567`
  private func grouped(_ number: Int) -> String {
    var text = ""
    for (index, digit) in String(number).reversed().enumerated() {
      if index > 0, index % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return String(text.reversed())
  }

  /// `0:42`, `1:02:03`
  private func clock(_ seconds: Int) -> String {
    let whole = min(seconds, 359_999)
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return whole < 3600
      ? "\(whole / 60):\(two(whole % 60))"
      : "\(whole / 3600):\(two(whole / 60 % 60)):\(two(whole % 60))"
  }
}
