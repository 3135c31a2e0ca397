import ArgumentParser
import CreditLedger
import Observations
import PlainText

struct ObserveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "observe",
    abstract: "Keeps a history of a source that knows only the present.",
    usage: "redress observe [--gone <number>] [<options>]",
    discussion: """
      Compares redress_source.present_term and redress_source.present_severity with what was observed before, and \
      appends what is different. Your views read the history from redress.observed_term and redress.observed_severity. \
      A change counts from the moment that it was observed, so run this often: at least before every run, and every few \
      minutes where severities change.

      Exits with 3 where rows could not be observed, and with 4 where so many subscriptions are gone that the source is \
      not believed; then nothing was appended.
      """)

  @OptionGroup var database: DatabaseOptions

  @Option(
    help: ArgumentHelp(
      "How many subscriptions may be gone.",
      discussion: "Without it a tenth of them, or ten, and never all.", valueName: "number"))
  var gone: Int64?

  func validate() throws {
    guard gone ?? 0 >= 0 else { throw ValidationError("--gone is a number from 0 on.") }
  }

  func run() throws {
    let interruption = Interruption()
    SignalWatch.start { interruption.request(signal: $0) }
    let observed = try SourceObservation(
      target: database.target("observe"), interruption: interruption
    ).observe(mostGone: gone)
    for relation in observed { try StandardOutput.write(ObservationText.text(of: relation)) }
    if observed.contains(where: { $0.refusedGone != nil }) { throw ExitCode(ExitStatus.held) }
    if observed.contains(where: \.hasFaults) { throw ExitCode(ExitStatus.findings) }
  }
}

/// What an observation prints.
enum ObservationText {
  static func text(of observed: Observed) -> String {
    var lines = observed.rows.map { line(of: $0) }
    if let gone = observed.refusedGone {
      lines = [
        "\(gone) of \(observed.known) subscriptions are gone. That is more than is believed, so nothing was recorded.",
        "Look at the view. If they are gone, say so: redress observe --gone \(gone)",
      ]
    }
    func count(_ outcome: Observed.Outcome) -> Int { observed.rows.count { $0.outcome == outcome } }
    var parts = ["\(observed.shown) rows"]
    if observed.refusedGone == nil {
      parts += ["\(observed.new) new", "\(count(.changed)) changed", "\(count(.gone)) gone"]
      if count(.back) > 0 { parts.append("\(count(.back)) back") }
    }
    let faults = observed.rows.filter(\.outcome.isFault).reduce(0) { $0 + $1.count }
    if faults > 0 { parts.append("\(faults) left out") }
    let head = "\(observed.relation): \(parts.joined(separator: ", "))\n"
    return head + lines.map { "  \($0)\n" }.joined()
  }

  private static func line(of row: Observed.Row) -> String {
    let key = Printable.oneLine(row.key)
    let (was, now) = (Printable.oneLine(row.was), Printable.oneLine(row.now))
    return switch row.outcome {
    case .changed: "\(key): \(was) -> \(now)"
    case .gone: "\(key): gone; it was \(was)"
    case .back: "\(key): back, as \(now)"
    case .missingKey:
      "missing_key: \(row.count) without an id. Give them one; until then nothing counts as gone."
    case .duplicateRow:
      "duplicate_row \(key): \(row.count) rows. Make the key unique; what was observed before stands."
    case .missingValue:
      "missing_value \(key): a value is null. Fill it; what was observed before stands."
    case .invalidValue:
      "invalid_value \(key): a fee that is negative or no number, or an infinite time. Correct it; what was observed before stands."
    }
  }
}
