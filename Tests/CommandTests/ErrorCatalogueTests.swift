import CreditLedger
import FoundationEssentials
import Glibc
import Testing

@testable import CreditRun
@testable import Postgres
@testable import redress

/// The error catalogue: each message through the real binary, byte for byte as in `fixtures/errors`.
struct ErrorCatalogueTests {
  @Test(arguments: ErrorCase.all)
  func saysWhatIsExpected(_ errorCase: ErrorCase) async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let database = try await SourceDatabase()
        let transcript = try await errorCase.transcript(on: database, in: folder)
        try await errorCase.cleanUp(database)
        try ErrorCatalogueTests.compare(transcript, with: "\(errorCase.name).txt")
      }
    }
  }

  @Test func everyExpectationHasItsCase() throws {
    let names = try FileManager.default.contentsOfDirectory(
      atPath: ErrorCatalogueTests.folder.path())
    #expect(
      Set(names) == Set(ErrorCase.all.map { "\($0.name).txt" } + ["not-reproduced.txt"]))
    #expect(Set(ErrorCase.all.map(\.name)).count == ErrorCase.all.count)
  }

  /// What takes a dying server, minutes of waiting or a broken library to see.
  @Test func theOthersReadWellToo() throws {
    var server = PostgresError.Fields(.server, "the message", statement: "the statement")
    server.detail = "the detail\nin two lines"
    server.hint = "the hint"
    server.context = "COPY credit, line 3"
    func refused(_ sqlState: String) -> PostgresError {
      var fields = server
      fields.sqlState = sqlState
      return PostgresError(fields)
    }
    let states = [
      "23514", "40001", "40P01", "53100", "53300", "55P03", "57P01", "58030", "0A000",
    ]
    let errors: [any Error] =
      [
        PostgresError(.connection, "password authentication failed for user \"night\""),
        PostgresError(.connection, "fe_sendauth: no password supplied"),
        PostgresError(.connection, "FATAL: sorry, too many clients already"),
        PostgresError(
          .connection, "server closed the connection unexpectedly", statement: "stream_terms"),
        PostgresError(.insecureAuthentication, "a password in clear text"),
        PostgresError(.timedOut, "no connection to db port 5432 within 10 seconds"),
        PostgresError(.protocolViolation, "malformed COPY data", statement: "outages"),
        PostgresError(.decoding, "column 3 is null where a value of 8 bytes was expected"),
        RunError.invoicingIsBusy(waitedSeconds: 60),
        RunError.commitUnknown(runId: 7),
        RunError.interrupted(signal: SIGHUP),
        RunError.committedWithoutFiles(
          runId: 7, FileError(.sync, "/mnt/it's here/credits-run-7.csv", EIO)),
        RunError.committedWithoutFiles(
          runId: 7, FileError(.rename, "/mnt/credits-run-7.csv", EEXIST)),
        MigrationError.serverTooOld(version: 120_020),
        LedgerError.notSorted(relation: "redress_source.outage"),
        LedgerError.unknownCurrency("XXQ"),
        LedgerError.unreadableCredit(
          customer: "C", subscription: "S\nredress: all is well", incident: "I", column: "severity"),
        LedgerError.noThread(code: EAGAIN),
        ReportError.evidenceMissing(runId: 7),
        ReportError.evidenceUnreadable(runId: 7),
        FileError(.write, "/mnt/credits-run-7.csv", ENOSPC),
        FileError(.create, "/mnt/credits-run-7.csv", EROFS),
        FileError(.rename, "/mnt/credits-run-7.csv", EACCES),
        FileError(.rename, "/mnt/credits-run-7.csv", EEXIST),
      ] + states.map(refused)
    let text = errors.map { error in
      let report = ErrorReport(error)
      return "\(report.text)exit code \(report.code)\n"
    }.joined(separator: "\n")
    try ErrorCatalogueTests.compare(text, with: "not-reproduced.txt")
  }

  /// Nobody sees a Swift enum, and nobody is left without knowing what to do.
  @Test(arguments: ErrorCase.all)
  func isForPeople(_ errorCase: ErrorCase) throws {
    let file = ErrorCatalogueTests.folder.appending(path: "\(errorCase.name).txt")
    let text = try String(contentsOf: file, encoding: .utf8)
    for fragment in ["(relation:", "Error(", "Optional(", "geheim\nexit", ":***@***"] {
      #expect(!text.contains(fragment), "\(text)")
    }
    let lines = text.split(separator: "\n")
    #expect(lines.count >= 4 || errorCase.name == "held-by-limits", "\(text)")
    for line in lines.dropFirst() { #expect(!line.contains("geheim"), "\(text)") }
  }

  private static let folder = Checkout.fixtures.appending(path: "errors")

  private static func compare(_ text: String, with name: String) throws {
    let file = folder.appending(path: name)
    if ScenarioRun.renewsExpectedFiles {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    let expected = try String(contentsOf: file, encoding: .utf8)
    #expect(
      text == expected,
      "fixtures/errors/\(name) is now\n\(text)\n`make golden` renews it; read the diff.")
  }
}
