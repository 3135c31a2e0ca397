import ArgumentParser
import CreditLedger
import CreditRun
import Explanations
import FindingReviews
import FrozenEvidence
import Glibc
import Handover
import LedgerReports
import Notices
import Observations
import OutputFiles
import PolicyFiles
import Postgres
import SourceMappings

enum ProgramVersion {
  static let text = RedressVersion.current
}

/// Turns every error into its text and its exit code.
struct ErrorReport {
  /// The text to print, with its line end; empty if the error was already reported.
  let text: String
  let code: Int32
  /// The same for programs; `nil` for help and for wrong arguments.
  private(set) var content: ErrorText?
  /// The SQLSTATE, if the error is a server's.
  private(set) var sqlState: String?
  private let goesToStandardOutput: Bool

  init(_ error: any Error) {
    if let policy = error as? PolicyErrors {
      // Editors look for `file:line:column:` at the beginning of a line.
      self.init(code: ExitStatus.usage, text: policy.description + "\n")
      content = ErrorText(
        "\(policy.file) has \(policy.errors.count == 1 ? "an error" : "\(policy.errors.count) errors")",
        details: policy.description.split(separator: "\n").map(String.init), "")
    } else if let templates = error as? TemplateProblems {
      let text = TemplateProblemsText(templates)
      self.init(code: ExitStatus.usage, text: text.text)
      content = ErrorText(
        "the templates in \(templates.folder) have errors", details: text.lines, "")
    } else if let file = error as? FileError, file.operation == .write, file.code == EPIPE {
      // The reader of standard output has closed it, as `head` does. That needs no message.
      self.init(code: ExitStatus.signal + SIGPIPE, text: "")
    } else if let (content, code) = ErrorReport.content(of: error) {
      let lines = content.lines.map { Secrets.known.removed(from: $0) }
      self.init(code: code, text: "redress: " + lines.joined(separator: "\n") + "\n")
      self.content = content
      sqlState = ErrorReport.postgresError(in: error)?.sqlState
    } else {
      self.init(parserError: error)
    }
  }

  private init(code: Int32, text: String, goesToStandardOutput: Bool = false) {
    self.code = code
    self.text = text
    self.goesToStandardOutput = goesToStandardOutput
  }

  /// What the argument parser prints: help, the version, a completion script, or an error in the
  /// arguments.
  private init(parserError: any Error) {
    let code = Redress.exitCode(for: parserError).rawValue
    let message = Redress.fullMessage(for: parserError)
    if code == 0 {
      self.init(code: 0, text: message.isEmpty ? "" : message + "\n", goesToStandardOutput: true)
    } else {
      let text = Secrets.known.removed(from: message)
      self.init(code: code, text: text.isEmpty ? "" : text + "\n")
    }
  }

  private static func content(of error: any Error) -> (ErrorText, Int32)? {
    switch error {
    case let error as PostgresError: (ErrorText(error), ExitStatus.code(of: error))
    case let error as RunError: (ErrorText(error), ExitStatus.code(of: error))
    case let error as ClosingError: (ErrorText(error), ExitStatus.usage)
    case let error as MigrationError: (ErrorText(error), ExitStatus.code(of: error))
    case let error as MappingError: (ErrorText(error), ExitStatus.failed)
    case let error as ContractError: (ErrorText(error), ExitStatus.failed)
    case let error as PolicyRewrite: (ErrorText(error), ExitStatus.usage)
    case let error as PolicyNotAdopted: (ErrorText(error), ExitStatus.usage)
    case let error as AdoptionError: (ErrorText(error), ExitStatus.code(of: error))
    case let error as LedgerError: (ErrorText(error), ExitStatus.failed)
    case let error as Interrupted: (ErrorText(error), ExitStatus.signal + error.signal)
    case let error as RecordError: (ErrorText(error), ExitStatus.failed)
    case let error as ReportError: (ErrorText(error), ExitStatus.failed)
    case let error as NoSuchId: (ErrorText(error), ExitStatus.failed)
    case let error as ReadingError: (ErrorText(error), ExitStatus.failed)
    case let error as NoticeError: (ErrorText(error), ExitStatus.failed)
    case let error as ExplanationError: (ErrorText(error), ExitStatus.failed)
    case let error as FindingReviewError: (ErrorText(error), ExitStatus.failed)
    case let error as ObservationError: (ErrorText(error), ExitStatus.failed)
    case let error as HandoverError: (ErrorText(error), ExitStatus.code(of: error))
    case let error as FileError: (ErrorText(error), ExitStatus.failed)
    default: nil
    }
  }

  private static func postgresError(in error: any Error) -> PostgresError? {
    switch error {
    case let error as PostgresError: error
    case MigrationError.postgres(let error), MigrationError.refused(_, let error): error
    case MappingError.postgres(let error), MappingError.refused(_, let error),
      MappingError.serverUnusable(_, let error):
      error
    case ReadingError.snapshotEnded(let error), ReadingError.brokenOff(let error): error
    case ObservationError.mayNotObserve(let error): error
    default: nil
    }
  }

  func exit() -> Never {
    var code = code
    if goesToStandardOutput {
      do throws(FileError) {
        try StandardOutput.write(text)
      } catch {
        let report = ErrorReport(error)
        report.write()
        code = report.code
      }
    } else {
      write()
    }
    Glibc.exit(code)
  }

  func write() {
    StandardError.write(text)
  }
}

/// The program's exit codes.
enum ExitStatus {
  static let failed: Int32 = 1
  static let differs: Int32 = 2
  static let findings: Int32 = 3
  static let held: Int32 = 4
  static let usage: Int32 = 64
  static let commitUnknown: Int32 = 69
  static let filesMissing: Int32 = 74
  static let tryAgain: Int32 = 75
  static let signal: Int32 = 128

  /// Code and meaning, for help and manual.
  static let meanings: [(code: String, meaning: String)] = [
    ("0", "done"),
    ("1", "failed, nothing written"),
    ("2", "verify: the ledger differs from its evidence"),
    ("3", "done, with findings to review"),
    ("4", "held by limits, or not what was approved; nothing written"),
    ("64", "usage or policy error"),
    ("69", "the server was lost at COMMIT and cannot be asked what became of it"),
    ("74", "committed, but files could not be written"),
    ("75", "a run or sender is active, or a run is not visible on every node yet"),
    ("128+n", "stopped by signal n, nothing written"),
  ]

  static func code(of summary: RunSummary) -> Int32 {
    switch summary.verdict {
    case .held: held
    case .committed, .dryRun: summary.openFindingCount > 0 ? findings : 0
    }
  }

  static func code(of error: PostgresError) -> Int32 {
    error.kind == .connectionString ? usage : failed
  }

  static func code(of error: RunError) -> Int32 {
    switch error {
    case .anotherRunIsActive, .lastRunHidden, .committedHidden: tryAgain
    case .committedWithoutFiles: filesMissing
    case .commitUnknown: commitUnknown
    case .asOfToCome: usage
    case .invoicingIsBusy, .noSuchProposal, .severalProposals, .proposalUsed,
      .proposalWithoutPolicy, .proposalNotAdopted, .proposalWithoutMark,
      .mayNotApprove, .ownProposal, .twoPersonsForLimits:
      failed
    }
  }

  static func code(of error: HandoverError) -> Int32 {
    switch error {
    case .anotherSender: tryAgain
    case .badLine, .noCreditNotes, .badAddress, .badSecret: usage
    case .notAllowed, .noClient: failed
    }
  }

  static func code(of error: AdoptionError) -> Int32 {
    switch error {
    case .unknownPlans, .nothingToRestate: usage
    case .ledgerIsBusy, .adoptedMeanwhile: tryAgain
    case .changed, .fileChanged, .notAllowed: failed
    }
  }

  static func code(of error: MigrationError) -> Int32 {
    switch error {
    case .postgres(let error), .refused(_, let error), .notDistributed(_, let error):
      code(of: error)
    case .serverTooOld, .serverEncoding, .standby, .edited, .unknown, .gap, .ledgerIsBusy,
      .sourceTablesInTheWay, .citusMissing, .notCoordinator:
      failed
    }
  }
}
