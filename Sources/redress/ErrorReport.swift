import ArgumentParser
import CreditLedger
import CreditRun
import Glibc
import Postgres

enum ProgramVersion {
  static let text = RedressVersion.current
}

/// The one place where an error becomes text and an exit code.
struct ErrorReport {
  private let text: String
  private let code: Int32
  private let parserError: (any Error)?

  init(_ error: any Error) {
    var parserError: (any Error)?
    switch error {
    case let error as PolicyErrors:
      (text, code) = (error.description, 64)
    case RunError.anotherRunIsActive:
      (text, code) = ("another run is active; this one did nothing", 75)
    case RunError.interrupted(let signal):
      (text, code) = ("stopped by signal \(signal); nothing was written", 128 + signal)
    case RunError.frozenVersionChanged(let name):
      (text, code) = (
        "policy version \(name) was used by a committed run with other content; give the changed version a name and "
          + "an effective_from of its own, and keep the old one as it was", 64
      )
    case let error as PostgresError:
      (text, code) = (error.description, 1)
    case let error as RunError:
      (text, code) = ("\(error)", 1)
    case let error as ReportError:
      (text, code) = (ErrorReport.text(error), 1)
    case let error as MigrationError:
      (text, code) = ("\(error)", 1)
    case let error as FileError:
      (text, code) = ("\(error)", 1)
    case let error as LedgerError:
      (text, code) = ("\(error)", 1)
    default:
      (text, code) = ("", 0)
      parserError = error
    }
    self.parserError = parserError
  }

  private static func text(_ error: ReportError) -> String {
    switch error {
    case .noSuchRun(let runId, 0):
      "there is no run \(runId): nothing has been committed yet"
    case .noSuchRun(let runId, let newest):
      "there is no run \(runId); the newest is run \(newest)"
    case .evidenceMissing(let runId):
      "the frozen evidence of run \(runId) is not in redress.incident_evidence; `redress verify` says what else is wrong"
    case .evidenceUnreadable(let runId):
      "the frozen evidence of run \(runId) is not what a run writes; `redress verify` says what else is wrong"
    }
  }

  func exit() -> Never {
    if let parserError { Redress.exit(withError: parserError) }
    StandardError.write("redress: \(text)\n")
    Glibc.exit(code)
  }
}
