import FoundationEssentials
import Testing

@testable import redress

struct SecretsTests {
  @Test(arguments: [
    ("postgresql://night:geheim@db/billing", ["geheim"]),
    ("postgres://night:ge%20heim@db/billing", ["ge%20heim", "ge heim"]),
    ("postgres://night:a@b/c@db/billing", ["a@b/c"]),
    ("postgresql://db/billing?user=night&password=geheim&sslmode=require", ["geheim"]),
    ("host=db password=geheim dbname=billing", ["geheim"]),
    ("host=db PASSWORD = 'ge heim' dbname=billing", ["ge heim"]),
    (#"password='ge\'heim'"#, [#"ge\'heim"#, "ge'heim"]),
    ("sslpassword=geheim", ["geheim"]),
    ("--database=password=geheim", ["geheim"]),
    ("password=", []), ("password", []), ("host=db user=night", []),
    ("postgresql://night@db/billing", []), ("postgresql://db:5432/billing", []),
    ("https://db/x", []),
  ])
  func isFound(_ argument: String, _ expected: [String]) {
    #expect(Set(Secrets.passwords(in: argument)) == Set(expected))
  }

  @Test func isTakenOut() {
    let secrets = Secrets(
      arguments: ["run", "--database", "password=geheim"], environment: ["geheimnis"])
    #expect(secrets.removed(from: "geheim, geheimnis, geheim") == "***, ***, ***")
    #expect(Secrets(arguments: ["run"]).removed(from: "geheim") == "geheim")
  }

  /// The password is not in the program's output, its files or the process list.
  @Test(arguments: [
    ["run", "--output", "FOLDER", "--database", "CONNECTION", "--verbose"],
    ["run", "--output", "FOLDER", "--database=CONNECTION", "--verbose", "--log-format", "json"],
    ["run", "--output", "FOLDER", "--database", "CONNECTION host=/nowhere"],
    ["run", "--output", "FOLDER", "--database", "CONNECTION hots=db"],
    ["run", "CONNECTION"], ["run", "--datbase=CONNECTION"], ["run", "--month", "CONNECTION"],
    ["migrate", "--database", "CONNECTION"], ["check", "--database", "CONNECTION"],
    ["report", "--run", "9", "--database", "CONNECTION"], ["CONNECTION"],
  ])
  func isNowhere(_ arguments: [String]) async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let database = try await SourceDatabase()
        let metrics = folder.appending(path: "redress.prom").path()
        var filled = arguments.map {
          $0.replacing("FOLDER", with: folder.path())
            .replacing("CONNECTION", with: "password=geheimnis-1 dbname=\(database.name)")
        }
        if filled[0] == "run" { filled += ["--metrics-file", metrics] }
        let finished = try await run(
          "redress", filled,
          environment: database.environment.merging(["PGPASSWORD": "geheimnis-2"]) { $1 })
        #expect(!(finished.output + finished.errors).contains("geheimnis"), "\(finished.errors)")
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path()) {
          let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
          #expect(!text.contains("geheimnis"), "\(name)")
        }
      }
    }
  }

  /// Other users can see the arguments of a process. Soon after the start of a run they contain no
  /// connection string.
  @Test(arguments: ["--database CONNECTION", "--database=CONNECTION"])
  func isNotInTheProcessList(_ option: String) async throws {
    let words = option.split(separator: " ").map { "\"\($0)\"" }.joined(separator: " ")
      .replacing(
        "CONNECTION", with: "host=127.0.0.1 port=$port connect_timeout=30 password=geheimnis")
    let finished = try await run(
      "bash",
      [
        "-c",
        #"""
        coproc listener { python3 -c 'import socket, time; s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(); print(s.getsockname()[1], flush=True); c = s.accept(); print("connected", flush=True); time.sleep(600)'; }
        read -r port <&"${listener[0]}"
        redress run --output /tmp WORDS --months 7 &
        run=$!
        read -r connected <&"${listener[0]}"
        tr '\0' ' ' < /proc/$run/cmdline
        kill -TERM $run
        wait $run
        kill "$listener_PID"
        """#.replacing("WORDS", with: words),
      ])
    #expect(finished.output.contains("redress run --output /tmp --database"))
    #expect(finished.output.contains("--months 7"))
    #expect(!finished.output.contains("geheimnis") && !finished.errors.contains("geheimnis"))
  }
}
