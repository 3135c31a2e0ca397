import FoundationEssentials
import Glibc
import Subprocess

/// A real browser without a screen.
enum Browser {
  struct Cell: Decodable, Sendable {
    /// The text as it is shown.
    let text: String
    /// The text as it is in the page.
    let exact: String
    /// The value that the row is sorted by; empty if it is the text.
    let value: String
  }

  struct ShownTable: Decodable, Sendable {
    let caption: String
    let section: String
    let columns: [String]
    let rows: [[Cell]]

    /// The cells of a column.
    func column(_ name: String) -> [Cell]? {
      columns.firstIndex(of: name).map { index in rows.map { $0[index] } }
    }
  }

  /// The results of `page-test.js`.
  struct Findings: Decodable, Sendable {
    let problems: [String]
    let tables: [ShownTable]
    let texts: Int
    let worst: Double
    let sorted: Int
    let filtered: Int
    let isDark: Bool
    let ground: String

    func table(_ section: String, _ caption: String) -> ShownTable? {
      tables.first { $0.section == section && $0.caption == caption }
    }
  }

  /// Opens a copy of the page with the test's script at its end.
  static func examine(
    _ page: String, in folder: URL, isDark: Bool = false, width: Int = 1280
  ) async throws -> Findings {
    let script = try String(
      contentsOf: Checkout.root.appending(path: "Tests/CommandTests/Browser/page-test.js"),
      encoding: .utf8)
    // The page's policy allows only its own script. The copy also allows the test's.
    var copy = page.split(separator: "script-src '", omittingEmptySubsequences: false)
      .joined(separator: "script-src 'nonce-test' '")
    copy += "<script nonce=\"test\">\(script)</script>"
    let file = folder.appending(path: "copy-\(UUID()).html")
    try Data(copy.utf8).write(to: file)
    let finished = try await open(
      file,
      ["--dump-dom", "--window-size=\(width),900"]
        + (isDark ? ["--blink-settings=preferredColorScheme=0"] : []))
    let parts = finished.output.split(separator: "@@@", omittingEmptySubsequences: false)
    guard parts.count == 3, let json = Data(base64Encoded: String(parts[1])) else {
      throw SourceDatabase.SetupError(
        description: "the script left nothing: \(finished.errors.suffix(4000))")
    }
    return try JSONDecoder().decode(Findings.self, from: json)
  }

  /// What the browser's console prints for the unchanged page.
  static func console(of page: URL) async throws -> [Substring] {
    let finished = try await open(page, ["--dump-dom", "--enable-logging=stderr", "--v=0"])
    return finished.errors.split(separator: "\n").filter { $0.contains("CONSOLE") }
  }

  private static func open(_ file: URL, _ options: [String]) async throws -> Finished {
    let profile = file.deletingLastPathComponent().appending(path: "profile-\(UUID())")
    defer { try? FileManager.default.removeItem(at: profile) }
    // Chromium refuses to use its sandbox as root. It needs no network here and opens only our
    // pages.
    let asRoot = geteuid() == 0 ? ["--no-sandbox"] : []
    let finished = try await run(
      "chromium",
      [
        "--headless", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
        "--disable-background-networking", "--disable-extensions",
        "--user-data-dir=\(profile.path())",
      ] + asRoot + options + ["file://\(file.path())"])
    guard finished.exitCode == 0 else {
      throw SourceDatabase.SetupError(
        description: "chromium ended with \(finished.exitCode): \(finished.errors.suffix(4000))")
    }
    return finished
  }
}
