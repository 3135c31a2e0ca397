import CreditLedger
import LedgerReports
import OutputFiles

/// What a part of a run has calculated. Its ledger rows are staged.
final class FinishedPart {
  /// What its staged rows say of which part they are.
  let number: String
  let counts: RunOutput.Counts
  let reconciled: ReconciledCounts
  let trace: NightTrace
  let findings: HeldFindings
  let late: [HeldFindings]
  let totals: RunTotals
  let checksums: (credits: RowChecksum, lines: RowChecksum)
  let carryingForward: CarryingForward
  let recordedMonths: RecordedMonths
  /// The lines of the credits file.
  var credits: AtomicFile
  /// Those of the file of invoice lines.
  var lines: AtomicFile

  init(
    number: String, counts: RunOutput.Counts, reconciled: ReconciledCounts, trace: NightTrace,
    findings: HeldFindings, late: [HeldFindings], totals: RunTotals,
    checksums: (RowChecksum, RowChecksum), carryingForward: CarryingForward,
    recordedMonths: RecordedMonths, credits: consuming AtomicFile, lines: consuming AtomicFile
  ) {
    self.number = number
    self.counts = counts
    self.reconciled = reconciled
    self.trace = trace
    self.findings = findings
    self.late = late
    self.totals = totals
    self.checksums = checksums
    self.carryingForward = carryingForward
    self.recordedMonths = recordedMonths
    self.credits = credits
    self.lines = lines
  }
}
