import CreditLedger
package import Documents
import LedgerReports
import OutputFiles
package import ServiceCredits

extension ProcedureAudit {
  /// Runs an audit and writes it as a section of a page.
  /// - Parameter onlyMisses: leaves out rows that were kept or are pending.
  package func section(
    _ query: AuditQuery, onlyMisses: Bool = false
  ) throws -> (PageSection, AuditSummary) {
    try interruption.reading { _ in
      var section: AuditSection?
      let summary = try look(query) { summary in
        section = AuditSection(timeZone: summary.timeZone, onlyMisses: onlyMisses)
      } _: { incident, clock in
        section?.add(incident, clock)
      }
      guard let section else { preconditionFailure("an audit begins before it ends") }
      return (section.section(summary), summary)
    }
  }

  /// Runs an audit and writes it as lines of text.
  /// - Parameter onlyMisses: leaves out rows that were kept or are pending.
  package func text(
    _ query: AuditQuery, onlyMisses: Bool = false
  ) throws -> ([String], AuditSummary) {
    try interruption.reading { _ in
      var text: AuditText?
      let summary = try look(query) { summary in
        text = AuditText(timeZone: summary.timeZone, onlyMisses: onlyMisses)
      } _: { incident, clock in
        text?.add(incident, clock)
      }
      guard let text else { preconditionFailure("an audit begins before it ends") }
      return (text.lines(summary), summary)
    }
  }

  /// Audits the months of a run and writes the rows as a file beside the run's own files. The file
  /// appears whole or not at all.
  /// - Returns: the totals of the audit.
  package func write(
    beside runId: Int64, folder: String, months: ClosedRange<BillingMonth>
  ) throws -> AuditSummary {
    try AtomicFile.prepareFolder(folder)
    let count = Int(months.upperBound.index - months.lowerBound.index) + 1
    let query = AuditQuery(lastMonth: months.upperBound, months: count, trendMonths: count)
    return try interruption.reading { _ in
      var file = try AtomicFile(folder: folder, name: "audit-run-\(runId).csv")
      try file.append { AuditLines.appendCSVHeader(to: &$0) }
      let summary = try look(query) { incident, _ in
        for row in incident.rows { try file.append { AuditLines.appendCSV(row, to: &$0) } }
      }
      _ = try file.publishAlone(.keeping)
      return summary
    }
  }
}
