public import CreditReports
import Glibc
import ServiceCredits

/// The outcome of a run in the text format of Prometheus, for the textfile collector of the node exporter.
///
/// The file is replaced as a whole, after every run that did something: one that is done, held or failed.
public struct RunMetrics {
  /// Seconds since 1970.
  public var endedAt: Int64 = 0
  public var exitCode: Int32 = 0
  /// Whether this run's results are in the ledger.
  public var isSuccess = false
  public let isDryRun: Bool
  /// Seconds by stage, in order; of a failed run those that ended.
  public var stages: [(name: String, seconds: Double)] = []
  /// `nil` where the run failed.
  public var summary: RunSummary?
  /// `nil` where there was none.
  public var audit: AuditSummary?

  public init(isDryRun: Bool) {
    self.isDryRun = isDryRun
  }

  /// Refuses a path at which no file can appear, before any work is done for it.
  public static func check(path: String) throws(FileError) {
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      throw FileError(.create, path, EISDIR)
    }
    try AtomicFile.prepareFolder(folder(of: path))
  }

  /// Replaces the file at `path`. The time of the last success is kept from the file that was there.
  public func write(path: String) throws {
    let lastSuccess =
      isSuccess ? endedAt : RunMetrics.lastSuccess(in: RunMetrics.contents(of: path))
    try RunMetrics.replace(path) { append(to: &$0, lastSuccess: lastSuccess) }
  }

  /// Replaces the file at `path` by what `body` appends.
  static func replace(_ path: String, _ body: (inout [UInt8]) -> Void) throws {
    let folder = RunMetrics.folder(of: path)
    let name = path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    // The collector is another user.
    var file = try AtomicFile(folder: folder, name: name, mode: 0o644)
    try file.append { body(&$0) }
    _ = try file.finishContent()
    try file.publish(.replacing)
    try AtomicFile.syncFolder(folder)
  }

  // MARK: What was there

  static let lastSuccessName = "redress_last_success_timestamp_seconds"

  /// The value in an earlier file of ours; 0, which is long ago, where there is none.
  static func lastSuccess(in text: String) -> Int64 {
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count == 2, words[0] == lastSuccessName, let value = Int64(words[1]), value >= 0 {
        return value
      }
    }
    return 0
  }

  /// The file's text, as far as a file of ours can be long; empty where it cannot be read.
  private static func contents(of path: String) -> String {
    // A pipe would keep a run waiting.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    var count = 0
    while count < bytes.count {
      let size = bytes.withUnsafeMutableBytes {
        read(descriptor, $0.baseAddress! + count, $0.count - count)
      }
      if size < 0 && errno == EINTR { continue }
      guard size > 0 else { break }
      count += size
    }
    return String(decoding: bytes[..<count], as: UTF8.self)
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  // MARK: Text

  func append(to text: inout [UInt8], lastSuccess: Int64) {
    RunMetrics.gauge(
      RunMetrics.lastSuccessName,
      "When the last run ended whose results are in the ledger; 0 for never.", to: &text
    ) { $0(Number(lastSuccess)) }
    RunMetrics.gauge(
      "redress_last_run_timestamp_seconds", "When the last run ended, however it did.", to: &text
    ) { $0(Number(endedAt)) }
    RunMetrics.gauge(
      "redress_run_exit_code",
      "Exit code of the last run: 0 done, 3 done with findings, 4 held by limits, others failed.",
      to: &text
    ) { $0(Number(Int64(exitCode))) }
    let isHeld = if case .held = summary?.verdict { true } else { false }
    RunMetrics.gauge("redress_run_held", "Whether the last run was held by limits.", to: &text) {
      $0(Number(isHeld ? 1 : 0))
    }
    RunMetrics.gauge("redress_run_dry_run", "Whether the last run was a dry run.", to: &text) {
      $0(Number(isDryRun ? 1 : 0))
    }
    RunMetrics.gauge(
      "redress_run_duration_seconds", "Wall time of the last run by stage.", to: &text
    ) { sample in
      for stage in stages {
        sample(Number(microseconds: stage.seconds), ("stage", stage.name))
      }
    }
    if let summary { append(summary, to: &text) }
    if let audit { AuditMetrics(audit).append(to: &text) }
  }

  private func append(_ summary: RunSummary, to text: inout [UInt8]) {
    RunMetrics.gauge("redress_run_id", "Number of the last run.", to: &text) {
      $0(Number(summary.runId))
    }
    RunMetrics.gauge("redress_run_customers", "Customers that the last run read.", to: &text) {
      $0(Number(Int64(summary.customers)))
    }
    RunMetrics.gauge(
      "redress_run_subscriptions", "Subscriptions that the last run read.", to: &text
    ) {
      $0(Number(Int64(summary.subscriptions)))
    }
    RunMetrics.gauge("redress_run_invoice_lines", "Invoice lines of the last run.", to: &text) {
      $0(Number(Int64(summary.lines)))
    }
    RunMetrics.gauge(
      "redress_run_credits", "Ledger revisions of the last run by currency and kind.", to: &text
    ) { sample in
      forEachKind(summary) { total, kind in
        sample(
          Number(total.rows[kind]), ("currency", total.currency.code),
          ("kind", kind.rawValue))
      }
    }
    RunMetrics.gauge(
      "redress_run_amount",
      "Signed sum of the last run's ledger revisions by currency and kind, in major units.",
      to: &text
    ) { sample in
      forEachKind(summary) { total, kind in
        sample(
          Number(
            MoneyTotal(totalMinor: total.amountMinor[kind], currency: total.currency)),
          ("currency", total.currency.code), ("kind", kind.rawValue))
      }
    }
    RunMetrics.gauge(
      "redress_run_findings", "Findings of the last run by code.", to: &text
    ) { sample in
      // All of them, so that a rule can tell none from unknown.
      for code in FindingCode.allCases {
        sample(Number(Int64(summary.findings[code] ?? 0)), ("code", code.rawValue))
      }
    }
  }

  private func forEachKind(
    _ summary: RunSummary, _ body: (RunSummary.CurrencyTotal, RevisionKind) -> Void
  ) {
    for total in summary.currencies {
      for kind in RevisionKind.allCases { body(total, kind) }
    }
  }

  /// A value as text, exact.
  struct Number {
    let bytes: [UInt8]

    init(_ value: Int64, decimals: Int = 0) {
      var bytes: [UInt8] = []
      appendDecimal(value, decimals: decimals, atLeast: decimals, to: &bytes)
      self.bytes = bytes
    }

    /// In major units.
    init(_ total: MoneyTotal) {
      bytes = Array(total.decimalText.utf8)
    }

    /// Seconds, to the microsecond.
    init(microseconds seconds: Double) {
      self.init(Int64((seconds * 1e6).rounded()), decimals: 6)
    }
  }

  /// One metric with its samples; nothing at all where there are none.
  static func gauge(
    _ name: String, _ help: String, to text: inout [UInt8],
    _ samples: ((Number, (name: String, value: String)...) -> Void) -> Void
  ) {
    var body: [UInt8] = []
    samples { number, labels in
      body.append(contentsOf: name.utf8)
      if !labels.isEmpty {
        for (index, label) in labels.enumerated() {
          body.append(UInt8(ascii: index == 0 ? "{" : ","))
          body.append(contentsOf: "\(label.name)=\"".utf8)
          RunMetrics.append(escaped: label.value, isLabel: true, to: &body)
          body.append(UInt8(ascii: "\""))
        }
        body.append(UInt8(ascii: "}"))
      }
      body.append(UInt8(ascii: " "))
      body.append(contentsOf: number.bytes)
      body.append(UInt8(ascii: "\n"))
    }
    guard !body.isEmpty else { return }
    text.append(contentsOf: "# HELP \(name) ".utf8)
    RunMetrics.append(escaped: help, isLabel: false, to: &text)
    text.append(contentsOf: "\n# TYPE \(name) gauge\n".utf8)
    text.append(contentsOf: body)
  }

  /// Escapes what the format demands: backslash and newline everywhere, the double quote in labels.
  static func append(escaped value: String, isLabel: Bool, to text: inout [UInt8]) {
    for byte in value.utf8 {
      switch byte {
      case UInt8(ascii: "\\"): text.append(contentsOf: "\\\\".utf8)
      case UInt8(ascii: "\n"): text.append(contentsOf: "\\n".utf8)
      case UInt8(ascii: "\"") where isLabel: text.append(contentsOf: "\\\"".utf8)
      default: text.append(byte)
      }
    }
  }
}
