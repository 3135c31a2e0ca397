import ArgumentParser
import CreditLedger
import CreditRun
import PlainText
import ServiceCredits

struct CloseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "close",
    abstract: "Closes months, so that no run changes their credits any more.",
    usage: "redress close (--through <yyyy-mm> --reason <text> | --list) [<options>]",
    discussion: """
      For who decides for finance: the user needs the role redress_controller. Books are closed in order, so a month is \
      closed with all before it.

        redress close --through 2026-09 --reason 'September is booked'
        redress close --list

      What a closed month's credits would change by is told in each run as the finding month_closed. It is made once \
      the month is reopened, or in the next open month where the policy says late_corrections: next_open_month.
      """)

  @OptionGroup var database: DatabaseOptions

  @Option(
    help: ArgumentHelp(
      "The last month to close: 2026-09 or last-month. It is over, and a run has been made since.",
      valueName: "yyyy-mm"),
    transform: { try MonthArgument(parsing: $0) })
  var through: MonthArgument?

  @Option(help: ArgumentHelp("Why; it is kept with who and when.", valueName: "text"))
  var reason: String?

  @Flag(help: "Show what is closed, and every decision, instead.")
  var list = false

  @Option(
    help: ArgumentHelp(
      "Take this instant for now. One after the present does not count: what is to come is never closed.",
      valueName: "time"),
    transform: { try InstantArgument(parsing: $0) })
  var asOf: InstantArgument?

  func validate() throws {
    if list {
      guard through == nil, reason == nil else {
        throw ValidationError("--list closes nothing: leave out --through and --reason.")
      }
    } else {
      guard through != nil else {
        throw ValidationError("Name the last month to close with --through 2026-09.")
      }
      try requireReason(reason)
    }
  }

  func run() throws {
    let interruption = Interruption()
    SignalWatch.start { interruption.request(signal: $0) }
    let books = MonthBooks(target: database.target("close"), interruption: interruption)
    guard let through, let reason else {
      return try StandardOutput.write(ClosingText.list(try books.decisions()))
    }
    let change = try books.close(through: through.month, reason: reason, now: asOf?.instant)
    try StandardOutput.write(ClosingText.closed(change))
  }
}

struct ReopenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reopen",
    abstract: "Opens closed months again.",
    usage: "redress reopen --from <yyyy-mm> --reason <text> [<options>]",
    discussion: """
      For who decides for finance: the user needs the role redress_controller. A month is reopened with all after it. \
      The next run that has it among its months makes what has changed since.

        redress reopen --from 2026-09 --reason 'The credit note of CUS-1001 was wrong'
        redress run --month 2026-09 --months 1
      """)

  @OptionGroup var database: DatabaseOptions

  @Option(
    help: ArgumentHelp("The first month to open again: 2026-09.", valueName: "yyyy-mm"),
    transform: { try MonthArgument(parsing: $0) })
  var from: MonthArgument

  @Option(help: ArgumentHelp("Why; it is kept with who and when.", valueName: "text"))
  var reason: String

  func validate() throws { try requireReason(reason) }

  func run() throws {
    let interruption = Interruption()
    SignalWatch.start { interruption.request(signal: $0) }
    let books = MonthBooks(target: database.target("reopen"), interruption: interruption)
    let change = try books.reopen(from: from.month, reason: reason)
    try StandardOutput.write(ClosingText.reopened(change))
  }
}

private func requireReason(_ reason: String?) throws {
  guard reason?.contains(where: { !$0.isWhitespace }) ?? false else {
    throw ValidationError("Say why with --reason TEXT; it is kept with who and when.")
  }
}

/// What closing and reopening print.
enum ClosingText {
  static func closed(_ change: MonthBooks.Change) -> String {
    let last = change.after.through?.text ?? ""
    let before = change.before.through.map { "; \($0.text) was the last one" } ?? ""
    return "closed through \(last)\(before)\n"
  }

  static func reopened(_ change: MonthBooks.Change) -> String {
    let was = change.before.through?.text ?? ""
    let first = change.after.through?.advanced(by: 1).text ?? ""
    return "reopened from \(first); it was closed through \(was)\n"
  }

  /// What is closed, and a table of the decisions, the newest last.
  static func list(_ decisions: [MonthClosing]) -> String {
    guard let newest = decisions.last else { return "no month is closed\n" }
    let through = newest.closed.through?.text ?? ""
    var table = TextTable([">number", "decision", "month", "when", "who", "reason"])
    for decision in decisions {
      table.append([
        "\(decision.number)", decision.action.rawValue, decision.month.text,
        decision.decidedAt.text, decision.decidedBy, decision.reason,
      ])
    }
    return "closed through \(through)\n\n" + table.lines.map { $0 + "\n" }.joined()
  }
}
