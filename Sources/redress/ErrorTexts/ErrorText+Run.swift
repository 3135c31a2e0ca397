import CreditLedger
import CreditRun
import FrozenEvidence
import Glibc
import LedgerReports
import OutputFiles
import PlainText
import Postgres
import ServiceCredits

extension ErrorText {
  init(_ error: RunError) {
    switch error {
    case .noSuchProposal, .severalProposals, .proposalUsed, .proposalWithoutPolicy,
      .proposalNotAdopted, .proposalWithoutMark, .mayNotApprove, .ownProposal, .twoPersonsForLimits:
      self.init(approval: error)
    case .asOfToCome(let asOf, let now):
      self.init(
        "--as-of \(asOf.text) is to come, and the server's clock says \(now.text); nothing was written",
        "Leave --as-of out, or look at what that night would do with --dry-run. The owner of the ledger may commit it, to "
          + "rehearse.")
    case .anotherRunIsActive:
      self.init(
        "another run is active on this database; this one did nothing",
        "Wait for it. pg_stat_activity shows it as 'redress run', or as 'redress migrate' where the schema is being "
          + "changed.")
    case .invoicingIsBusy(let seconds):
      self.init(
        "an invoicing transaction has kept the ledger locked for \(seconds) seconds; nothing was written",
        "End the session that called place_on_invoice or release_invoice without COMMIT, and run again."
      )
    case .lastRunHidden(let runId):
      self.init(
        "run \(runId), the last one, is not yet visible on every node; nothing was written",
        "The database is still bringing its commit to an end. Run again in a minute; if it stays so, look for prepared "
          + "transactions with `redress check`.")
    case .committedHidden(let runId):
      self.init(
        "run \(runId) is committed, but not yet visible on every node; its files were not written",
        "Run again in a minute with the same --output: that makes its files once the database has brought the commit to "
          + "an end.")
    case .committedWithoutFiles(let runId, let error) where error.isNameTaken:
      self.init(
        "run \(runId) is committed, but its files are not all there: \(ErrorText.sentence(error))",
        "The ledger is right and complete. The file that is there is of another database, or somebody has edited it. "
          + "Give each database a folder of its own, and write the files of this run into it: "
          + "redress report --run \(runId) --output FOLDER")
    case .committedWithoutFiles(let runId, let error):
      self.init(
        "run \(runId) is committed, but its files are not all there: \(ErrorText.sentence(error))",
        "The ledger is right and complete. Write the files with: redress report --run \(runId) --output "
          + ShellWord.quoted(ErrorText.folder(of: error.path)))
    case .commitUnknown(let runId):
      self.init(
        "the connection was lost while run \(runId) was committed, and the server could not be asked",
        "Run again with the same --output. If run \(runId) is in redress.run, that makes its files; if not, it does the "
          + "work anew. It does no harm either way.")
    }
  }

  /// A single problem has the text of `redress check`. Several are listed.
  init(_ error: ContractError) {
    let texts = error.violations.map { ContractText($0) }
    if let text = texts.first, texts.count == 1 {
      self.init("\(text.subject): \(text.statement)", text.remedy)
    } else {
      self.init(
        "the database is not what this command needs; nothing was calculated",
        details: texts.map { "\($0.subject): \($0.statement). \($0.remedy)" }, "")
    }
  }

  init(_ error: Interrupted) {
    self.init(
      "stopped by signal \(error.signal) (\(Signals.name(error.signal))); nothing was written", "")
  }

  init(_ error: RecordError) {
    switch error {
    case .noSuchRun(let runId, newest: 0):
      self.init(
        "there is no run \(runId): nothing has been committed here yet",
        "Name the database of the run with --database.")
    case .noSuchRun(let runId, let newest):
      self.init("there is no run \(runId)", "The newest is run \(newest).")
    case .evidenceMissing(let runId):
      self.init(
        "the frozen evidence of run \(runId) is not in redress.incident_evidence",
        "The ledger was changed by other hands. Run `redress verify`, and restore the rows that it names."
      )
    case .evidenceUnreadable(let runId):
      self.init(
        "the frozen evidence of run \(runId) is not what a run writes",
        "The ledger was changed by other hands, or by a newer Redress. Run `redress verify`.")
    case .policyFileMissing(let runId):
      self.init(
        "the policy file that run \(runId) read is not in redress.policy_file",
        "The ledger was changed by other hands. Run `redress verify`, and restore the row that it names."
      )
    case .policyFileUnreadable(let runId):
      self.init(
        "the policy file that run \(runId) read is not one that this program understands",
        "The ledger was changed by other hands, or by a newer Redress. Run `redress verify`.")
    }
  }

  init(_ error: ReportError) {
    switch error {
    case .workbookIncomplete(let path):
      self.init(
        "\(path) cannot be written: a part of it was lost on its way to the disk",
        "The disk was full, or a file could not grow. While a workbook is made its folder needs about 3 kB a line: "
          + "free some space, or name another folder.")
    case .filesOfAnotherLedger(let runId, let path):
      self.init(
        "\(path) is of run \(runId) of another ledger, and would be written over",
        "Name another folder with --output, or the database that the file is of with --database.")
    case .filesOfLaterRuns(let runId, let path, let count):
      self.init(
        "\(path)\(count > 1 ? " and \(count - 1) more" : "") would be of run \(runId) or later, which this database "
          + "does not have; nothing was written",
        "They are of another database, or of runs that were lost when this one was restored from a backup. Move them "
          + "elsewhere, or give each database a folder of its own with --output.")
    }
  }

  init(_ error: ReadingError) {
    switch error {
    case .snapshotEnded(let error):
      self.init(
        "the session that holds this command's snapshot has ended, or is on another server; nothing was written: "
          + ErrorText.message(error),
        "See the server's log for why the session was ended, and run the command again. If a pooler stands between: all "
          + "connections of one command must reach one server.")
    case .brokenOff(let error):
      let text = ErrorText(error)
      self.init(
        text.problem, details: text.details,
        "What was printed before is not whole: do not use it. " + text.remedy)
    }
  }

  init(_ error: LedgerError) {
    switch error {
    case .notSorted(let relation):
      self.init(
        "the rows of \(relation) do not come in byte order of customer_id; nothing was written",
        "A view must not change while a run reads it, and its customer_id must be text: run `redress check`."
      )
    case .lineWithoutCredit(let customer, let subscription, let incident):
      self.init(
        "redress.invoice_adjustment has a line without a credit: customer \(customer), subscription "
          + "\(subscription), incident \(incident)",
        "The ledger was changed by other hands. Run `redress verify`, and restore the rows that it names."
      )
    case .unknownCurrency(let code):
      self.init(
        "the ledger has a credit in \(code), which is no currency of ISO 4217",
        "The ledger was changed by other hands, or by a newer Redress. Run `redress verify`.")
    case .unreadableCredit(let customer, let subscription, let incident, let column):
      self.init(
        "redress.credit has a row whose \(column) no run writes: customer \(customer), subscription "
          + "\(subscription), incident \(incident)",
        "The ledger was changed by other hands, or by a newer Redress. Run `redress verify`.")
    case .rewritten(let relation):
      self.init(
        "\(relation) was emptied, replaced or changed in its form while it was being read; nothing was written",
        "TRUNCATE, ALTER TABLE and a swap of tables are seen by those who began to read before them. Load the source "
          + "at another time than this program reads it, or load it with DELETE and INSERT in one transaction. Then run "
          + "again.")
    case .transferredMeanwhile:
      self.init(
        "subscriptions were moved to other customers while the source was being read; nothing was written",
        "A distributed database does not show all nodes as of one moment. Move subscriptions at another time than this "
          + "program reads them, and run again.")
    case .stagedRowsMissing(let relation):
      self.init(
        "rows that the run had staged for \(relation) are not there any more; nothing was written",
        "Somebody has deleted them. Leave the tables redress.staged_... alone, and run again.")
    case .noThread(let code):
      self.init(
        "the system starts no thread to work with: \(String(cString: strerror(code))); nothing was written",
        "Raise the limit of processes for this user (ulimit -u, TasksMax= of the unit), and run again."
      )
    }
  }

  init(_ error: FileError) {
    self.init(ErrorText.sentence(error), ErrorText.remedy(error))
  }

  static func sentence(_ error: FileError) -> String {
    if error.isNameTaken { return "\(error.path) is there already, with other content" }
    let what =
      switch error.operation {
      case .create: "cannot be created"
      case .write: "cannot be written"
      case .sync: "cannot be made durable"
      case .rename: "cannot be put in place"
      case .open, .read: "cannot be read"
      case .use: "cannot take files"
      }
    return "\(error.path) \(what): \(String(cString: strerror(error.code)))"
  }

  private static func remedy(_ error: FileError) -> String {
    switch error.code {
    case EEXIST where error.isNameTaken:
      "It is of another database, or somebody has edited it, and is not written over. Move it elsewhere and run the "
        + "command again, or name another folder."
    case ENOENT: "Create the folder, or name another one."
    case ENOTDIR where error.operation == .use:
      "--output names a folder; files get names of their own in it."
    case EACCES where error.operation == .open || error.operation == .read:
      "Let the user of this program read it, or name another one."
    case EEXIST: "It is there already, and may have been edited: name an empty folder."
    case EACCES, EPERM: "Let the user of this program write there, or name another folder."
    case EROFS: "The file system is mounted read-only: name another folder."
    case ENOSPC, EDQUOT: "Make room there, and run the command again."
    case EISDIR: "Name a file in it."
    case EBADF: "Standard output is closed: send it somewhere."
    default: "Check the path."
    }
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}

enum Signals {
  static func name(_ number: Int32) -> String {
    switch number {
    case SIGHUP: "hangup"
    case SIGINT: "interrupt"
    case SIGTERM: "termination"
    default: String(cString: strsignal(number))
    }
  }
}
