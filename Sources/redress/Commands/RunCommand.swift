import ArgumentParser
import CreditLedger
import CreditRun
import Documents
import Glibc
import LedgerReports
import OutputFiles
import ProcedureAudits
import ServiceCredits
import Synchronization

extension LogFormat: ExpressibleByArgument {}

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Reconciles the ledger with what the incidents owe, and writes the files of the run.",
    usage: "redress run [<options>]",
    discussion: """
      Example, from a timer at night:
        redress run --database service=billing --output /var/lib/redress

      Without a terminal, a run that is done leaves one line on standard error.
      """)

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var policy: PolicyOptions

  @OptionGroup var night: PeriodOptions

  @Option(name: [.long, .short], help: ArgumentHelp("Folder for the files.", valueName: "folder"))
  var output = "."

  @Flag(help: "Do everything, write the files as dry-run files, and roll back.")
  var dryRun = false

  @Flag(
    help: "Afterwards say what was kept of the response procedures, in audit-run-ID.csv.")
  var audit = false

  @OptionGroup var approval: ApprovalOptions

  @Option(
    help: ArgumentHelp(
      "Divide the customers into so many parts, which are worked on at once.",
      discussion:
        "The results are the same. Each part takes a core and up to ten connections; the page Scale says when it is faster.",
      valueName: "n"))
  var jobs = 1

  @Flag(
    help:
      "Begin the CSVs with a byte order mark, by which Excel knows that they are UTF-8. It is in their digests."
  )
  var csvBom = false

  @Flag(name: [.long, .short], help: "Print nothing unless the run fails or is held.")
  var quiet = false

  @Flag(name: [.long, .short], help: "Also print the beginning, the stages and the files.")
  var verbose = false

  @Option(help: "Lines to read, or one JSON object a line.")
  var logFormat = LogFormat.text

  @Option(
    help: ArgumentHelp(
      "Write the outcome there in the text format of Prometheus.",
      discussion:
        "For the textfile collector of the node exporter. The file is replaced as a whole.",
      valueName: "file"))
  var metricsFile: String?

  func validate() throws {
    guard !(quiet && verbose) else {
      throw ValidationError("--quiet and --verbose contradict each other.")
    }
    guard approval.approve == nil || !dryRun else {
      throw ValidationError("--dry-run commits nothing, and --approve is to commit.")
    }
    guard RunCommand.possibleJobs.contains(jobs) else {
      throw ValidationError(
        "--jobs takes \(RunCommand.possibleJobs.lowerBound) to \(RunCommand.possibleJobs.upperBound) parts, and not \(jobs)."
      )
    }
  }

  private static let possibleJobs = 1...64

  func run() throws {
    let observer = RunObserver(format: logFormat, isQuiet: quiet, isVerbose: verbose)
    do {
      if let metricsFile { try MetricsFile.check(path: metricsFile) }
    } catch {
      throw ExitCode(observer.failed(error))
    }
    var metrics = RunMetrics(isDryRun: dryRun)
    var isBesideAnother = false
    noteEndBySignal(observer)
    do {
      let summary = try reconcile(observer)
      observer.ended(summary)
      metrics.summary = summary
      metrics.isSuccess = summary.verdict == .committed
      metrics.exitCode = ExitStatus.code(of: summary)
    } catch {
      metrics.exitCode = observer.failed(error)
      if case RunError.anotherRunIsActive = error { isBesideAnother = true }
      metrics.isSuccess = if case RunError.committedWithoutFiles = error { true } else { false }
    }
    if audit, metrics.isSuccess, let summary = metrics.summary {
      do {
        AuditMetrics(try writeAudit(beside: summary)).append(to: &metrics.further)
      } catch {
        // The run has committed, and this error does not change it.
        _ = observer.failed(error)
        metrics.exitCode = ExitStatus.filesMissing
      }
    }
    var code = metrics.exitCode
    // If another run is active, the metrics file is that run's.
    if let metricsFile, !isBesideAnother {
      do {
        try RunCommand.write(metrics, path: metricsFile, observer)
      } catch {
        _ = observer.failed(error)
        if code == 0 || code == ExitStatus.findings { code = ExitStatus.filesMissing }
      }
    }
    if code != 0 { throw ExitCode(code) }
  }

  /// Whether the metrics of this run are written. A signal can arrive while they are being written.
  private static let areMetricsWritten = Mutex(false)

  private static func write(
    _ metrics: RunMetrics, path: String, _ observer: RunObserver
  ) throws {
    try areMetricsWritten.withLock { isWritten in
      guard !isWritten else { return }
      isWritten = true
      var metrics = metrics
      metrics.stages = observer.stages
      metrics.endedAt = Instant.now.microseconds / 1_000_000
      try metrics.write(path: path)
    }
  }

  /// Writes metrics for a run that a signal ends before it has a connection, or that does not stop
  /// in time.
  private func noteEndBySignal(_ observer: RunObserver) {
    guard let metricsFile else { return }
    let isDryRun = dryRun
    SignalWatch.atEnd { signal in
      var metrics = RunMetrics(isDryRun: isDryRun)
      metrics.exitCode = ExitStatus.signal + signal
      do {
        try RunCommand.write(metrics, path: metricsFile, observer)
      } catch {
        _ = observer.failed(error)
      }
    }
  }

  private func writeAudit(beside summary: RunSummary) throws -> AuditSummary {
    let interruption = Interruption()
    SignalWatch.start { interruption.request(signal: $0) }
    return try ProcedureAudit(
      target: database.target("audit"), policy: try policy.given(), asOf: summary.asOf,
      interruption: interruption
    ).write(
      beside: summary.runId, folder: output, months: summary.months)
  }

  private func reconcile(_ observer: RunObserver) throws -> RunSummary {
    let interruption = Interruption()
    SignalWatch.start { interruption.request(signal: $0) }
    let target = database.target("run")
    let approved = try approval.proposal(target, interruption)
    var request = ReconciliationRequest(
      target: target, policy: try policy.given() ?? approved?.policy,
      asOf: night.asOf?.instant, lastMonth: night.month?.month, months: night.months)
    if let approved { night.fill(&request, from: approved.proposal) }
    var options = RunOptions(
      request, outputFolder: output, isDryRun: dryRun, approvesLimits: approval.approveLimits,
      countsCustomers: observer.hasBar)
    options.approval = approved
    options.approvedBy = approval.approvedBy
    options.approvalReason = approval.reason
    options.jobs = jobs
    options.byteOrderMark = csvBom
    var nightlyRun = NightlyRun(options: options, interruption: interruption)
    nightlyRun.report = { observer.receive($0) }
    return try nightlyRun.run { observer.progress(customers: $0, rows: $1) }
  }
}
