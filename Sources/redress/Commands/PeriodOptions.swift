import ArgumentParser
import CreditLedger
import CreditRun
import PolicyFiles
import Postgres
import ServiceCredits

/// The as-of instant and the billing months of a command.
struct PeriodOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Take this instant for now; incidents resolved later count as open.",
      discussion:
        "2026-11-05T02:00:00Z, 2026-11-05 or 2026-11 (midnight UTC), now, today or yesterday.",
      valueName: "time"),
    transform: { try InstantArgument(parsing: $0) })
  var asOf: InstantArgument?

  @Option(
    help: ArgumentHelp(
      "Last billing month to reconcile. Default: the month of --as-of.",
      discussion: "2026-10, this-month or last-month.", valueName: "yyyy-mm"),
    transform: { try MonthArgument(parsing: $0) })
  var month: MonthArgument?

  @Option(help: ArgumentHelp("How many months to reconcile, up to the last one.", valueName: "n"))
  var months = PeriodOptions.usualMonths

  /// Takes instant and months from a proposal where they are not given.
  func fill(_ request: inout ReconciliationRequest, from proposal: Proposal) {
    request.asOf = asOf?.instant ?? proposal.asOf
    guard month == nil, months == PeriodOptions.usualMonths else { return }
    request.lastMonth = proposal.months.upperBound
    request.months = Int(proposal.months.upperBound.index - proposal.months.lowerBound.index) + 1
  }

  private static let usualMonths = 3

  func validate() throws {
    guard (1...1200).contains(months) else {
      throw ValidationError("--months is \(months), and must be from 1 to 1200.")
    }
  }
}
