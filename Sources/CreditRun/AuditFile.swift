public import CreditReports
public import ServiceCredits

extension ProcedureAudit {
  /// What an audit came to, as a section of a page.
  public func section(_ query: AuditQuery) throws -> (PageSection, AuditSummary) {
    try interruption.reading { _ in
      var section = AuditSection()
      let summary = try look(query) { incident, _ in section.add(incident) }
      return (section.section(summary), summary)
    }
  }

  /// Says what was kept of the procedures in the months of a run, as a file beside the run's own.
  /// - Returns: what came of it as a whole; the file appears whole or not at all.
  public func write(
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
