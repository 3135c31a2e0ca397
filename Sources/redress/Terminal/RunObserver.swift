import CreditLedger
import CreditRun
import Glibc
import LedgerReports
import Logging
import OutputFiles
import PlainText
import PolicyFiles
import Postgres
import ServiceCredits
import Synchronization

/// Shows the progress of a run, writes its log, and collects its stages for the metrics file.
final class RunObserver: Sendable {
  private struct State {
    var bar: ProgressBar?
    var stages: [(name: String, seconds: Double)] = []
    var runId: Int64?
  }

  private let state: Mutex<State>
  private let format: LogFormat
  private let isQuiet: Bool
  private let isVerbose: Bool

  init(format: LogFormat, isQuiet: Bool, isVerbose: Bool) {
    self.format = format
    self.isQuiet = isQuiet
    self.isVerbose = isVerbose
    let showsBar = !isQuiet && format == .text
    state = Mutex(State(bar: showsBar ? ProgressBar.onTerminal() : nil))
  }

  /// Whether a progress bar is shown.
  var hasBar: Bool { state.withLock { $0.bar != nil } }

  /// The stages that have ended.
  var stages: [(name: String, seconds: Double)] { state.withLock { $0.stages } }

  private var log: Logger {
    let level: Logger.Level = isQuiet ? .error : isVerbose ? .debug : .notice
    return Logger(label: "redress") { _ in
      LineLogHandler(
        format: self.format,
        write: { line in
          self.state.withLock { $0.bar?.clear() }
          StandardError.write(line)
        }, logLevel: level)
    }
  }

  // MARK: While it goes on

  func progress(customers: Int, rows: Int?) {
    state.withLock { $0.bar?.show(customers: customers, rows: rows ?? 0) }
  }

  func receive(_ event: RunEvent) {
    switch event {
    case .began(let beginning):
      state.withLock {
        $0.runId = beginning.runId
        $0.bar?.customerCount = beginning.customerCount
      }
      let months = "\(beginning.months.lowerBound.text) to \(beginning.months.upperBound.text)"
      log.info(
        """
        run \(beginning.runId) began as of \(beginning.asOf.text), for \(months), on database \
        \(beginning.database) at \(beginning.host) as \(beginning.user), under \(RunObserver.words(beginning))
        """,
        metadata: [
          "event": "began", "run_id": number(beginning.runId),
          "as_of": "\(beginning.asOf.text)", "month_from": "\(beginning.months.lowerBound.text)",
          "month_through": "\(beginning.months.upperBound.text)", "host": "\(beginning.host)",
          "database": "\(beginning.database)", "user": "\(beginning.user)",
          "policy": "\(beginning.policy.name)",
        ])
    case .sees(let moment): receive(moment)
    case .stageEnded(let name, let seconds):
      state.withLock { $0.stages.append((name, seconds)) }
      log.info(
        "stage \(name) took \(milliseconds(seconds)) ms",
        metadata: [
          "event": "stage", "stage": "\(name)", "seconds": number((seconds * 1e6).rounded() / 1e6),
        ].merging(runField) { $1 })
    case .beginsAgain(let error):
      state.withLock { $0.stages = [] }
      log.warning(
        "another transaction was in the way, the run begins again: \(RunObserver.reason(error))",
        metadata: [
          "event": "retry", "sqlstate": "\((error as? PostgresError)?.sqlState ?? "")",
        ].merging(runField) { $1 })
    case .takesMark(let digest):
      state.withLock { $0.stages = [] }
      log.notice(
        "proposal \(ProposalName.short(digest)) was held with --csv-bom, the run begins again with it",
        metadata: ["event": "takes_mark", "proposal": "\(ProposalName.whole(digest))"].merging(
          runField
        ) { $1 })
    case .earlierFiles(let event): receive(event)
    case .usesOneJob(let relation):
      let why =
        relation.map { "see `redress check` on \($0)" }
        ?? "so all nodes are seen as of one moment"
      var fields: Logger.Metadata = ["event": "one_job"]
      if let relation { fields["relation"] = "\(relation)" }
      log.notice(
        "one job does everything, because one session has to read the whole source: \(why)",
        metadata: fields.merging(runField) { $1 })
    }
  }

  /// `adopted policy 2`, or that nothing is adopted.
  private static func words(_ beginning: RunBeginning) -> String {
    guard case .builtIn = beginning.origin else { return beginning.policy.name }
    return "\(beginning.policy.name), because nothing is adopted"
  }

  private func receive(_ moment: NodeMoment) {
    guard let text = NodeMomentText(moment) else { return }
    var fields: Logger.Metadata = [
      "event": "nodes", "is_one_moment": .stringConvertible(moment.isProven),
    ]
    if case .held(let pause) = moment {
      fields["held_microseconds"] = number(pause.microseconds)
    }
    log.log(
      level: text.isFault ? .warning : .info,
      "\(text.statement)\(text.remedy.isEmpty ? "" : ". " + text.remedy)",
      metadata: fields.merging(runField) { $1 })
  }

  private func receive(_ event: EarlierFilesEvent) {
    switch event {
    case .finished(let runId, let paths):
      log.notice(
        "run \(runId) was ended before its files were there; they are now: \(paths.joined(separator: ", "))",
        metadata: [
          "event": "finished_files", "run_id": number(runId),
          "files": .array(paths.map { "\($0)" }),
        ])
    case .stillMissing(let runId, let folder, let error):
      let problem = ErrorReport(error).content?.problem ?? ""
      let advice =
        RunObserver.isInTheWay(error)
        ? "Move that file elsewhere, and write them with" : "Write them with"
      log.warning(
        """
        run \(runId) was ended before its files were there, and they cannot be made: \(problem). \(advice): \
        redress report --run \(runId) --output \(ShellWord.quoted(folder))
        """, metadata: ["event": "files_missing", "run_id": number(runId)])
    case .removed(let runId):
      log.info(
        "removed what run \(runId) had begun to write before it was ended without COMMIT",
        metadata: ["event": "removed_unfinished", "run_id": number(runId)])
    case .left(let path):
      log.warning(
        "\(path) was begun by an earlier run and cannot be dealt with: it is another user's, or still being written",
        metadata: ["event": "left_unfinished", "path": "\(path)"])
    }
  }

  // MARK: At its end

  func ended(_ summary: RunSummary) {
    state.withLock { $0.bar?.clear() }
    for file in summary.files {
      log.info(
        "wrote \(file)",
        metadata: ["event": "file", "path": "\(file)"].merging(runField) { $1 })
    }
    if summary.findingCount > 0 {
      let counts = summary.findings.map { ($0.key.rawValue, Int64($0.value)) }.sorted {
        $0.0 < $1.0
      }
      log.info(
        "findings: \(counts.map { "\($0.1) \($0.0)" }.joined(separator: ", "))",
        metadata: [
          "event": "findings",
          "codes": .dictionary(Dictionary(uniqueKeysWithValues: counts.map { ($0, number($1)) })),
        ].merging(runField) { $1 })
    }
    let isHeld = if case .held = summary.verdict { true } else { false }
    log.log(
      level: isHeld ? .error : .notice, "\(SummaryText(summary).line)",
      metadata: RunObserver.fields(summary))
  }

  /// Whether existing files have the names of the run's files.
  private static func isInTheWay(_ error: any Error) -> Bool {
    switch error {
    case let error as FileError: error.isNameTaken
    case ReportError.filesOfAnotherLedger: true
    default: false
    }
  }

  /// Reports an error in the log's format.
  /// - Returns: its exit code.
  func failed(_ error: any Error) -> Int32 {
    state.withLock { $0.bar?.clear() }
    let report = ErrorReport(error)
    guard format == .json, let content = report.content else {
      report.write()
      return report.code
    }
    var fields: Logger.Metadata = [
      "event": "failed", "exit_code": number(Int64(report.code)),
    ]
    if !content.remedy.isEmpty { fields["remedy"] = "\(content.remedy)" }
    if !content.details.isEmpty { fields["details"] = .array(content.details.map { "\($0)" }) }
    if let sqlState = report.sqlState { fields["sqlstate"] = "\(sqlState)" }
    log.error("\(content.problem)", metadata: fields.merging(runField) { $1 })
    return report.code
  }

  private static func reason(_ error: any Error) -> String {
    if let error = error as? PostgresError { return ErrorText.message(error) }
    return ErrorReport(error).content?.problem ?? ""
  }

  private var runField: Logger.Metadata {
    state.withLock { $0.runId }.map { ["run_id": number($0)] } ?? [:]
  }

  private static func fields(_ summary: RunSummary) -> Logger.Metadata {
    let verdict =
      switch summary.verdict {
      case .committed: "committed"
      case .dryRun: "dry_run"
      case .held: "held"
      }
    // The number of a run that was not committed is a later one's.
    let name: Logger.Metadata =
      summary.verdict == .committed
      ? ["run_id": number(summary.runId)]
      : ["proposal": "\(summary.proposal.map { ProposalName.whole($0) } ?? "")"]
    let fields: Logger.Metadata = [
      "event": "ended", "verdict": "\(verdict)",
      "as_of": "\(summary.asOf.text)", "customers": number(Int64(summary.customers)),
      "subscriptions": number(Int64(summary.subscriptions)),
      "revisions": number(Int64(summary.revisions)),
      "invoice_lines": number(Int64(summary.lines)),
      "findings": number(Int64(summary.findingCount)),
      "findings_new": number(Int64(summary.newFindingCount)),
      "findings_accepted": number(Int64(summary.acceptedFindingCount)),
      "granted": amounts(summary, \.grantedMinor),
      "taken_back": amounts(summary, \.takenBackMinor),
      "moved": amounts(summary, \.movedMinor),
      "set_off": amounts(summary, \.setOffMinor),
      "set_off_undone": amounts(summary, \.setOffUndoneMinor),
      "files": .array(summary.files.map { "\($0)" }),
    ]
    return fields.merging(name) { $1 }
  }

  /// The amounts in minor units, by currency.
  private static func amounts(
    _ summary: RunSummary, _ total: KeyPath<RunSummary.CurrencyTotal, Int128>
  ) -> Logger.MetadataValue {
    .dictionary(
      Dictionary(
        uniqueKeysWithValues: summary.currencies.filter { $0[keyPath: total] != 0 }.map {
          ($0.currency.code, number($0[keyPath: total]))
        }))
  }

  private func milliseconds(_ seconds: Double) -> Int64 { Int64((seconds * 1000).rounded()) }
}

private func number(_ value: Int64) -> Logger.MetadataValue { .stringConvertible(value) }
private func number(_ value: Int128) -> Logger.MetadataValue { .stringConvertible(value) }
private func number(_ value: Double) -> Logger.MetadataValue { .stringConvertible(value) }
