import CreditLedger
package import Documents
import LedgerReports
import OutputFiles
package import ServiceCredits

extension ProcedureAudit {
  /// What an audit came to, as a section of a page.
  /// - Parameter onlyMisses: leaves out what was kept and what is pending.
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

  /// What an audit came to, as text.
  /// - Parameter onlyMisses: leaves out what was kept and what is pending.
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

  /// Says what was kept of the procedures in the months of a run, as a file beside the run's own.
  /// - Returns: what came of it as a whole; the file appears whole or not at all.
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
