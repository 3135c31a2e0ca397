import CreditLedger
import FoundationEssentials
import Glibc
import Handover
import ServiceCredits
import Testing

@testable import CreditRun
@testable import FrozenEvidence
@testable import OutputFiles
@testable import Postgres
@testable import redress

/// The error catalogue: each message through the real binary, byte for byte as in
/// `fixtures/errors`.
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
      Set(names)
        == Set(
          ErrorCase.all.map { "\($0.name).txt" } + ["not-reproduced.txt", "server-trouble.txt"]))
    #expect(Set(ErrorCase.all.map(\.name)).count == ErrorCase.all.count)
  }

  /// Errors that need a crashing server, minutes of waiting or a broken library.
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
    let states = ["23514", "40001", "58030", "0A000"]
    let errors: [any Error] =
      [
        PostgresError(
          .connection, "server closed the connection unexpectedly", statement: "stream_terms"),
        PostgresError(.insecureAuthentication, "a password in clear text"),
        PostgresError(.timedOut, "no connection to db port 5432 within 10 seconds"),
        PostgresError(.protocolViolation, "malformed COPY data", statement: "outages"),
        PostgresError(.decoding, "column 3 is null where a value of 8 bytes was expected"),
        RunError.invoicingIsBusy(waitedSeconds: 60),
        RunError.commitUnknown(runId: 7),
        RunError.lastRunHidden(runId: 7),
        RunError.committedHidden(runId: 7),
        LedgerError.transferredMeanwhile,
        MigrationError.notCoordinator,
        MigrationError.notDistributed(table: "redress.credit_revision", refused("42501")),
        Interrupted(signal: SIGHUP),
        HandoverError.anotherSender,
        HandoverError.notAllowed(status: 401),
        HandoverError.noClient("no memory"),
        HandoverError.badSecret(.lago, .empty),
        HandoverError.badSecret(.lago, .unreadable),
        HandoverError.badSecret(.lago, .badHeader(line: 2)),
        HandoverError.badAddress(.noURL),
        HandoverError.badAddress(.notHTTP),
        HandoverError.badAddress(.hasQuery),
        RunError.committedWithoutFiles(
          runId: 7, FileError(.sync, "/mnt/it's here/credits-run-7.csv", EIO)),
        RunError.committedWithoutFiles(
          runId: 7, FileError(.rename, "/mnt/credits-run-7.csv", EEXIST)),
        MigrationError.serverTooOld(version: 120_020),
        MigrationError.ledgerIsBusy(waitedSeconds: 60),
        ReadingError.snapshotEnded(refused("22023")),
        ReadingError.brokenOff(refused("55P03")),
        LedgerError.rewritten(relation: "redress_source.outage"),
        LedgerError.notSorted(relation: "redress_source.outage"),
        LedgerError.unknownCurrency("XXQ"),
        LedgerError.unreadableCredit(
          customer: "C", subscription: "S\nredress: all is well", incident: "I", column: "severity"),
        LedgerError.noThread(code: EAGAIN),
        LedgerError.stagedRowsMissing(relation: "redress.credit_revision"),
        RecordError.evidenceMissing(runId: 7),
        RecordError.evidenceUnreadable(runId: 7),
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

  /// Messages of servers and poolers, as they arrive. There is no SQLSTATE before a session exists.
  private static let said: [(sqlState: String?, message: String)] = [
    ("28P01", "password authentication failed for user \"night\""),
    (nil, "fe_sendauth: no password supplied"),
    (nil, "FATAL:  no pg_hba.conf entry for host \"10.0.0.7\", user \"night\", no encryption"),
    (nil, "FATAL:  database \"biling\" does not exist"),
    (nil, "FATAL:  role \"nihgt\" does not exist"),
    (nil, "definition of service \"biling\" not found"),
    ("08P01", "transaction blocks not allowed in statement pooling mode"),
    ("08P01", "query_wait_timeout"),
    (nil, "FATAL:  no more connections allowed (max_client_conn)"),
    ("08P01", "idle transaction timeout"),
    (nil, "FATAL:  server login has been failing, try again later (server_login_retry)"),
    (nil, "FATAL:  unsupported startup parameter: options"),
    (nil, "FATAL:  too many connections for role \"night\""),
    (nil, "FATAL:  too many connections for database \"billing\""),
    (nil, "FATAL:  sorry, too many clients already"),
    ("53300", "trop de connexions"),
    ("53100", "could not extend file \"base/5/16384\": No space left on device"),
    ("53200", "out of shared memory"),
    ("53200", "out of memory"),
    ("53400", "temporary file size exceeds temp_file_limit (1024kB)"),
    ("53400", "a limit of another kind"),
    ("40001", "canceling statement due to conflict with recovery"),
    ("0A000", "cannot set transaction read-write mode during recovery"),
    ("25006", "cannot execute INSERT in a read-only transaction"),
    (nil, "FATAL:  the database system is starting up"),
    ("57P03", "le système de bases de données se lance"),
    ("57P01", "terminating connection due to administrator command"),
    ("57P02", "terminating connection because of crash of another server process"),
    ("57P04", "terminating connection due to database being dropped"),
    ("25P03", "terminating connection due to idle-in-transaction timeout"),
    ("57P05", "terminating connection due to idle-session timeout"),
    ("57014", "canceling statement due to statement timeout"),
    ("57014", "canceling statement due to user request"),
    ("40P01", "deadlock detected"),
    ("55P03", "canceling statement due to lock timeout"),
  ]

  @Test func theRemedyIsForTheCause() throws {
    var names: [String] = []
    let text = ErrorCatalogueTests.said.map { sqlState, message in
      // Without a SQLSTATE there is no session yet; after FATAL the session has ended.
      let isConnecting = sqlState == nil
      let isLost = message.hasPrefix("terminating")
      var fields = PostgresError.Fields(
        isConnecting || isLost ? .connection : sqlState == "57014" ? .cancelled : .server, message,
        statement: isConnecting ? nil : "redress_source.outage")
      fields.sqlState = sqlState
      let error = PostgresError(fields)
      names.append(ServerTrouble(error)?.name ?? message)
      let report = ErrorReport(error)
      return "\(report.text)exit code \(report.code)\n"
    }.joined(separator: "\n")
    // Every cause is tested, and no cause hides another.
    #expect(names == ServerTrouble.all.map(\.name))
    try ErrorCatalogueTests.compare(text, with: "server-trouble.txt")
  }

  /// No message contains the text of a Swift enum, and every message says what to do.
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
