import CreditLedger
import FrozenEvidence
import LedgerReports
import ServiceCredits

/// What finance has closed, and what runs made of it.
extension LedgerVerifier {
  /// Checks every decision, and of every run what was closed for it and when it was posted.
  func auditClosings() throws {
    for found in try VerifiedClosing.differing(reader.connection) {
      let key = "\(found.number)"
      if !found.isAsNoted { try add("month_closing", key, .closingChanged) }
      if found.number != found.expectedNumber {
        try add(
          "month_closing", key,
          .sequence(column: "number", found: found.number, expected: found.expectedNumber))
      }
    }
    let decisions = try MonthClosing.all(reader.connection)
    for run in runs {
      let closed = ClosedMonths.forRun(run.runId, decisions)
      if run.closed != closed {
        try add(
          "run", "\(run.runId)",
          .value(
            column: "closed_through", found: run.closed.through?.text ?? "null",
            expected: closed.through?.text ?? "null"))
      }
      let posting = RunPosting(asOf: run.asOf, closed: run.closed)
      if run.postedOn != posting.day {
        try add(
          "run", "\(run.runId)",
          .value(column: "posted_on", found: run.postedOn.text, expected: posting.day.text))
      }
    }
  }

  /// Checks that no run changed a closed month, unless its policy books such changes later.
  func auditClosed(
    _ revision: VerifiedSubscription.Revision, of subscription: borrowing VerifiedSubscription
  ) throws {
    guard let run = run(revision.runId), let through = run.closed.through,
      run.closed.contains(revision.month), let policy = policies[run.policyDigest],
      policy.version(at: controlsAt(run)).lateCorrections == .report
    else { return }
    let arena = subscription.arena
    let key = [
      arena[subscription.customer], arena[subscription.subscription], arena[revision.incident],
    ].map { String(decoding: $0, as: UTF8.self) }
    try add(
      "credit", (key + [revision.month.text, "\(revision.number)"]).joined(separator: " / "),
      .closedMonthChanged(through: through))
  }
}
