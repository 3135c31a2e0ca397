import Documents
package import LedgerReports
import OutputFiles
import ServiceCredits

/// The outcome of a run in the text format of Prometheus, for the textfile collector of the node
/// exporter.
///
/// The file is replaced as a whole after every run, whether it is done, held or failed. It is not
/// written if another run is active.
package struct RunMetrics {
  /// Seconds since 1970.
  package var endedAt: Int64 = 0
  package var exitCode: Int32 = 0
  /// Whether this run's results are in the ledger.
  package var isSuccess = false
  package let isDryRun: Bool
  /// Seconds by stage, in order; for a failed run only the stages that ended.
  package var stages: [(name: String, seconds: Double)] = []
  /// `nil` if the run failed.
  package var summary: RunSummary?
  /// Metrics of other work in the same command, in the same format.
  package var further: [UInt8] = []

  package init(isDryRun: Bool) {
    self.isDryRun = isDryRun
  }

  /// Replaces the file at `path`. The time of the last success is kept from the file that was
  /// there.
  package func write(path: String) throws {
    let lastSuccess =
      isSuccess ? endedAt : RunMetrics.lastSuccess(in: MetricsFile.contents(of: path))
    try MetricsFile.replace(path) { append(to: &$0, lastSuccess: lastSuccess) }
  }

  // MARK: What was there

  static let lastSuccessName = "redress_last_success_timestamp_seconds"

  /// The value in an earlier metrics file; 0 if there is none.
  static func lastSuccess(in text: String) -> Int64 {
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count == 2, words[0] == lastSuccessName, let value = Int64(words[1]), value >= 0 {
        return value
      }
    }
    return 0
  }

  // MARK: Text

  func append(to text: inout [UInt8], lastSuccess: Int64) {
    PrometheusText.gauge(
      RunMetrics.lastSuccessName,
      "When the last run ended whose results are in the ledger; 0 for never.", to: &text
    ) { $0(PrometheusText.Number(lastSuccess)) }
    PrometheusText.gauge(
      "redress_last_run_timestamp_seconds", "When the last run ended, however it did.", to: &text
    ) { $0(PrometheusText.Number(endedAt)) }
    PrometheusText.gauge(
      "redress_run_exit_code",
      "Exit code of the last run: 0 done, 3 done with findings, 4 held by limits, others failed.",
      to: &text
    ) { $0(PrometheusText.Number(Int64(exitCode))) }
    let isHeld = if case .held = summary?.verdict { true } else { false }
    PrometheusText.gauge("redress_run_held", "Whether the last run was held by limits.", to: &text)
    {
      $0(PrometheusText.Number(isHeld ? 1 : 0))
    }
    PrometheusText.gauge("redress_run_dry_run", "Whether the last run was a dry run.", to: &text) {
      $0(PrometheusText.Number(isDryRun ? 1 : 0))
    }
    PrometheusText.gauge(
      "redress_run_duration_seconds", "Wall time of the last run by stage.", to: &text
    ) { sample in
      for stage in stages {
        sample(PrometheusText.Number(microseconds: stage.seconds), ("stage", stage.name))
      }
    }
    if let summary { append(summary, to: &text) }
    text += further
  }

  private func append(_ summary: RunSummary, to text: inout [UInt8]) {
    PrometheusText.gauge(
      "redress_run_id", "Number of the last run; 0 where it was held or a dry run.", to: &text
    ) { $0(PrometheusText.Number(summary.verdict == .committed ? summary.runId : 0)) }
    if case .held = summary.verdict, !summary.isDryRun {
      PrometheusText.gauge(
        "redress_run_proposal", "The proposal of the last run, which waits to be approved.",
        to: &text
      ) { $0(PrometheusText.Number(1), ("digest", summary.proposalName)) }
    }
    PrometheusText.gauge("redress_run_customers", "Customers that the last run read.", to: &text) {
      $0(PrometheusText.Number(Int64(summary.customers)))
    }
    PrometheusText.gauge(
      "redress_run_subscriptions", "Subscriptions that the last run read.", to: &text
    ) {
      $0(PrometheusText.Number(Int64(summary.subscriptions)))
    }
    PrometheusText.gauge("redress_run_invoice_lines", "Invoice lines of the last run.", to: &text) {
      $0(PrometheusText.Number(Int64(summary.lines)))
    }
    PrometheusText.gauge(
      "redress_run_credits", "Ledger revisions of the last run by currency and kind.", to: &text
    ) { sample in
      forEachKind(summary) { total, kind in
        sample(
          PrometheusText.Number(total.rows[kind]), ("currency", total.currency.code),
          ("kind", kind.rawValue))
      }
    }
    PrometheusText.gauge(
      "redress_run_amount",
      "Signed sum of the last run's ledger revisions by currency and kind, in major units.",
      to: &text
    ) { sample in
      forEachKind(summary) { total, kind in
        sample(
          PrometheusText.Number(
            MoneyTotal(totalMinor: total.amountMinor[kind], currency: total.currency)),
          ("currency", total.currency.code), ("kind", kind.rawValue))
      }
    }
    append(
      "redress_run_findings", "Findings of the last run by code.", summary.findings, to: &text)
    append(
      "redress_findings_accepted", "Those of them that somebody has accepted.",
      summary.acceptedFindings, to: &text)
    append(
      "redress_findings_new",
      "Those of them that nobody has accepted and that the run before did not have, or had as accepted.",
      summary.newFindings, to: &text)
  }

  /// Of all codes, so that an alert rule can distinguish zero from unknown.
  private func append(
    _ name: String, _ help: String, _ counts: [FindingCode: Int], to text: inout [UInt8]
  ) {
    PrometheusText.gauge(name, help, to: &text) { sample in
      for code in FindingCode.allCases {
        sample(PrometheusText.Number(Int64(counts[code] ?? 0)), ("code", code.rawValue))
      }
    }
  }

  private func forEachKind(
    _ summary: RunSummary, _ body: (RunSummary.CurrencyTotal, RevisionKind) -> Void
  ) {
    for total in summary.currencies {
      for kind in RevisionKind.allCases { body(total, kind) }
    }
  }
}
