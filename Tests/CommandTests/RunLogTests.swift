import Documents
import FoundationEssentials
import Logging
import ServiceCredits
import Synchronization
import Testing

@testable import PlainText
@testable import redress

/// What the log's handlers write.
struct RunLogTests {
  private static let hostile = "a\nb\r\u{1B}[31mred\u{9B}2J\u{2028}\u{202E}\"\\\t\0é"

  private func lines(
    _ format: LogFormat, level: Logger.Level = .debug, _ body: (Logger) -> Void
  ) -> String {
    let written = Written()
    body(
      Logger(label: "test") { _ in
        LineLogHandler(
          format: format, write: { line in written.text.withLock { $0 += line } },
          clock: { Instant(iso8601: "2026-11-05T02:00:00Z")! }, logLevel: level)
      })
    return written.text.withLock { $0 }
  }

  private final class Written: Sendable {
    let text = Mutex("")
  }

  @Test func textIsTheMessageAlone() {
    let text = lines(.text) { log in
      log.notice("run 1: done", metadata: ["run_id": .stringConvertible(Int64(1))])
      log.warning("again")
      log.error("failed")
    }
    #expect(text == "run 1: done\nredress: warning: again\nredress: failed\n")
  }

  @Test func jsonHasEveryField() {
    let text = lines(.json) { log in
      log.notice(
        "done",
        metadata: [
          "run_id": .stringConvertible(Int64(7)), "seconds": .stringConvertible(0.25),
          "files": .array(["a", "b"]), "granted": ["USD": .stringConvertible(Int64(100))],
        ])
    }
    #expect(
      text == """
        {"time":"2026-11-05T02:00:00Z","level":"notice","message":"done","files":["a","b"],\
        "granted":{"USD":100},"run_id":7,"seconds":0.25}

        """)
  }

  @Test(arguments: LogFormat.allCases)
  func nothingStartsALineOfItsOwn(_ format: LogFormat) {
    let text = lines(format) { log in
      log.error(
        "\(RunLogTests.hostile)", metadata: ["\(RunLogTests.hostile)": "\(RunLogTests.hostile)"])
    }
    #expect(text.filter { $0.isNewline }.count == 1 && text.hasSuffix("\n"))
    let controls = text.dropLast().unicodeScalars.filter(Printable.isControl)
    #expect(controls.isEmpty, "\(controls.map(\.value))")
    #expect(text.contains("é"))
  }

  @Test func jsonGivesTheTextBack() throws {
    let text = lines(.json) { log in
      log.error("\(RunLogTests.hostile)", metadata: ["key": "\(RunLogTests.hostile)"])
    }
    let fields = try JSONDecoder().decode([String: String].self, from: Data(text.utf8))
    #expect(fields["message"] == RunLogTests.hostile)
    #expect(fields["key"] == RunLogTests.hostile)
  }

  @Test func levelsAreKept() {
    let text = lines(.text, level: .notice) { log in
      log.debug("debug")
      log.info("info")
      log.notice("notice")
    }
    #expect(text == "notice\n")
  }
}
