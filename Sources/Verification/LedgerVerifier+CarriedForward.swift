import CreditLedger
import LedgerReports
import ServiceCredits

/// What later nights rely on when they do not read all months.
extension LedgerVerifier {
  /// Checks what runs have carried forward, and in which months credit has revisions of which incident.
  func auditCarriedForward() throws {
    let more = reader.more
    let first = verifiedRuns.map(\.carriedBy).min() ?? 0
    let carried = try VerifiedCarried(since: first - 1) { try more.open() }
    for run in verifiedRuns {
      let count = carried.counts[run.carriedBy] ?? 0
      if count != run.carried {
        try add(
          "run", "\(run.runId)",
          .count(of: "credits carried forward", recorded: run.carried, found: count))
      } else if run.carriedChecksum != (carried.checksums[run.carriedBy] ?? RowChecksum()).value {
        try add("run", "\(run.runId)", .carriedChanged)
      }
    }
    for runId in carried.counts.keys.sorted() where run(runId) == nil {
      try add("carried_forward", "\(runId)", .unknownRun(runId))
    }
    // This adds up the whole ledger.
    for found in part == nil ? try NotCarried.all(reader.connection) : [] {
      try add("credit", found.key.joined(separator: " / "), .notCarried)
    }
    for found in try VerifiedMonth.differing(since: since, reader.connection) {
      try add(
        "recorded_month", found.incident,
        .monthDiffers(found.month, noted: found.notedRun, run: found.run))
    }
  }
}
