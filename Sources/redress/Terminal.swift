import CreditRun
import Glibc
import ServiceCredits

enum StandardError {
  static func write(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      var offset = 0
      while offset < bytes.count {
        let written = Glibc.write(2, bytes.baseAddress! + offset, bytes.count - offset)
        if written < 0 && errno != EINTR { return }
        offset += max(0, written)
      }
    }
  }
}

enum StandardOutput {
  /// - Throws: `FileError` where nobody takes it.
  static func write(_ text: String) throws(FileError) {
    let bytes = Array(text.utf8)
    var offset = 0
    while offset < bytes.count {
      let written = bytes.withUnsafeBytes {
        Glibc.write(1, $0.baseAddress! + offset, $0.count - offset)
      }
      if written < 0 && errno != EINTR { throw FileError(.write, "standard output", errno) }
      offset += max(0, written)
    }
  }
}

/// Hands SIGINT and SIGTERM to a thread of their own, so that a handler may do what a signal handler may not.
enum SignalWatch {
  static func start(_ body: @escaping @Sendable (Int32) -> Void) {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    sigaddset(&signals, SIGTERM)
    // Threads that are started later inherit the mask.
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    let watcher = SignalWatcher(signals: signals, body: body)
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { context in
        let watcher = Unmanaged<SignalWatcher>.fromOpaque(context!).takeRetainedValue()
        watcher.wait()
        return nil
      }, Unmanaged.passRetained(watcher).toOpaque())
    pthread_detach(thread)
  }
}

private final class SignalWatcher {
  private var signals: sigset_t
  private let body: @Sendable (Int32) -> Void

  init(signals: sigset_t, body: @escaping @Sendable (Int32) -> Void) {
    self.signals = signals
    self.body = body
  }

  func wait() {
    while true {
      var number: Int32 = 0
      guard sigwait(&signals, &number) == 0 else { return }
      body(number)
    }
  }
}

/// The process list shows a program's arguments to everybody.
enum ProcessTitle {
  /// Writes over `argument` where it stands in the arguments of this process.
  static func hide(_ argument: String) {
    let secret = Array(argument.utf8)
    guard !secret.isEmpty else { return }
    for index in 1..<Int(CommandLine.argc) {
      guard let pointer = CommandLine.unsafeArgv[index] else { continue }
      let length = strlen(pointer)
      let start = length - secret.count
      guard start >= 0, memcmp(pointer + start, secret, secret.count) == 0 else { continue }
      memset(pointer + start, Int32(UInt8(ascii: "x")), secret.count)
    }
  }
}

/// The one line that a run leaves.
struct SummaryText {
  let summary: RunSummary

  init(_ summary: RunSummary) { self.summary = summary }

  var line: String {
    var parts: [String] = []
    switch summary.verdict {
    case .committed: parts.append("run \(summary.runId):")
    case .dryRun: parts.append("dry run \(summary.runId), rolled back:")
    case .held: parts.append("run \(summary.runId) held by limits, nothing written:")
    }
    parts.append("\(summary.revisions) revisions, \(summary.lines) invoice lines")
    for total in summary.currencies where total.grantedMinor != 0 || total.takenBackMinor != 0 {
      let granted = Money(amountMinor: total.grantedMinor, currency: total.currency).text
      var text = ", granted \(granted)"
      if total.takenBackMinor != 0 {
        text +=
          ", taken back \(Money(amountMinor: total.takenBackMinor, currency: total.currency).text)"
      }
      parts[parts.count - 1] += text
    }
    if summary.findingCount > 0 { parts[parts.count - 1] += ", \(summary.findingCount) findings" }
    return parts.joined(separator: " ")
  }
}
