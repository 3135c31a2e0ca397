import Documents
import OutputFiles
import ResponseProcedures
import ServiceCredits

/// The result of an audit in the text format of Prometheus, for the textfile collector of the node
/// exporter.
package struct AuditMetrics {
  private let summary: AuditSummary

  package init(_ summary: AuditSummary) {
    self.summary = summary
  }

  /// Replaces the file at `path`.
  package func write(path: String) throws {
    try MetricsFile.replace(path) { append(to: &$0) }
  }

  package func append(to text: inout [UInt8]) {
    PrometheusText.gauge(
      "redress_audit_as_of_timestamp_seconds", "The instant that the last audit took for now.",
      to: &text
    ) { $0(PrometheusText.Number(summary.asOf.microseconds / 1_000_000)) }
    PrometheusText.gauge(
      "redress_audit_incidents", "Incidents that the last audit listed.", to: &text
    ) { $0(PrometheusText.Number(Int64(summary.incidents))) }
    PrometheusText.gauge(
      "redress_audit_overdue", "Requirements that are past due and still to be done.", to: &text
    ) { $0(PrometheusText.Number(Int64(summary.overdue))) }
    PrometheusText.gauge(
      "redress_audit_kept_incidents",
      "Incidents of which nothing was missed and nothing is without a record.", to: &text
    ) { $0(PrometheusText.Number(Int64(summary.keptIncidents))) }
    PrometheusText.gauge(
      "redress_audit_omitted_incidents", "Incidents that were left out as void or for a bad row.",
      to: &text
    ) { sample in
      sample(PrometheusText.Number(Int64(summary.void.count)), ("reason", "void"))
      sample(PrometheusText.Number(Int64(summary.parked.count)), ("reason", "bad_row"))
    }
    PrometheusText.gauge(
      "redress_audit_findings", "Other rows with something wrong, which are not applied.", to: &text
    ) { sample in
      for code in FindingCode.allCases {
        let count = summary.findings.count { $0.code == code }
        sample(PrometheusText.Number(Int64(count)), ("code", code.rawValue))
      }
    }
    PrometheusText.gauge(
      "redress_audit_requirements",
      "Requirements of the listed incidents by requirement, severity and verdict.", to: &text
    ) { sample in
      // Writes all combinations, so that a rule can tell zero from unknown.
      for requirement in Requirement.allCases {
        for severity in Severity.allCases {
          let score = summary.listed.total {
            $0.step.requirement == requirement && $0.severity == severity
          }
          for verdict in Verdict.allCases {
            sample(
              PrometheusText.Number(Int64(score.count(of: verdict))),
              ("requirement", requirement.rawValue), ("severity", severity.code),
              ("verdict", verdict.rawValue))
          }
        }
      }
    }
  }
}
