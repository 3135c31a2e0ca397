import ArgumentParser
import CreditLedger
import FindingReviews
import ServiceCredits

struct FindingsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "findings",
    abstract: "Lists what the newest run found, and settles what needs nobody any more.",
    usage: """
      redress findings [<options>]
      redress findings accept <code> <key> --reason <text> [<options>]
      redress findings withdraw <code> <key> --reason <text> [<options>]
      """,
    discussion: """
      An accepted finding is still told, and no longer makes exit code 3. It asks for somebody again when a run says \
      something else of the row, another amount for example, or when the last day of the acceptance is over.

        redress findings --new
        redress findings accept overcredited 'C-7 / S-9 / INC-4 / 2026-10 / USD' --reason 'goodwill, agreed with C-7'
        redress findings accept unknown_customer INV-12 --reason 'test data' --until 2026-12-31
        redress findings withdraw unknown_customer INV-12 --reason 'not test data after all'

      Whoever accepts and withdraws needs the role redress_controller. Both are recorded for ever, with the database \
      user, the time and the reason.
      """,
    subcommands: [
      FindingsListCommand.self, FindingsAcceptCommand.self, FindingsWithdrawCommand.self,
    ],
    defaultSubcommand: FindingsListCommand.self)
}

/// `redress findings` without another word.
struct FindingsListCommand: ParsableCommand {
  enum Format: String, CaseIterable, ExpressibleByArgument { case text, csv, json }

  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists what the newest run found (the default).",
    usage: "redress findings [<options>]")

  @OptionGroup var database: DatabaseOptions

  @Option(
    help: ArgumentHelp("Only those of this code.", valueName: "code"),
    transform: { try FindingCode(argument: $0) })
  var code: FindingCode?

  @Option(help: ArgumentHelp("Only those with this text in their key.", valueName: "text"))
  var key: String?

  @Flag(help: "Only those that nobody has accepted and that the run before did not have.")
  var new = false

  @Flag(help: "Only those that somebody has accepted.")
  var accepted = false

  @Option(help: "Text to read, a CSV, or one JSON object a line.")
  var format = Format.text

  func validate() throws {
    guard !(new && accepted) else {
      throw ValidationError("--new and --accepted contradict each other.")
    }
  }

  func run() throws {
    let interruption = Interruption()
    SignalWatch.start { interruption.request(signal: $0) }
    let (runId, all) = try FindingReview(
      target: database.target("findings"), interruption: interruption
    ).findings()
    var filter = FindingFilter()
    (filter.code, filter.key, filter.onlyNew, filter.onlyAccepted) = (code, key, new, accepted)
    let shown = all.filter(filter.shows)
    switch format {
    case .text:
      try StandardOutput.write(FindingListText.text(shown, of: all, runId: runId))
    case .csv:
      try StandardOutput.write(String(decoding: FindingListText.csv(shown), as: UTF8.self))
    case .json:
      try StandardOutput.write(String(decoding: FindingListText.json(shown), as: UTF8.self))
    }
  }
}

/// Which finding is meant, and why something is decided about it.
struct NamedFindingOptions: ParsableArguments {
  @Argument(
    help: "The finding's code, such as overcredited.", transform: { try FindingCode(argument: $0) })
  var code: FindingCode

  @Argument(help: "The finding's key, as in the list; the quotes around an id may be left out.")
  var key: String

  @Option(
    help: ArgumentHelp(
      "The relation, where rows of several have this key.", valueName: "relation"),
    transform: { try FindingKey.Relation(argument: $0) })
  var relation: FindingKey.Relation?

  @Option(help: ArgumentHelp("Why; recorded for ever.", valueName: "text"))
  var reason: String

  func validate() throws {
    guard !reason.allSatisfy(\.isWhitespace) else {
      throw ValidationError("--reason says why, for those who ask later.")
    }
  }

  var named: NamedFinding { NamedFinding(code: code, key: key, relation: relation) }
}

struct FindingsAcceptCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "accept", abstract: "Accepts a finding of the newest run as it is.",
    usage: "redress findings accept <code> <key> --reason <text> [--until <date>] [<options>]")

  @OptionGroup var finding: NamedFindingOptions
  @OptionGroup var database: DatabaseOptions

  @Option(
    help: ArgumentHelp(
      "The last day, in UTC, as of which it is accepted.",
      discussion: "Runs as of a later time find it open again. Without it there is no end.",
      valueName: "yyyy-mm-dd"),
    transform: { text in
      guard let date = CalendarDate(argument: text) else {
        throw ValidationError("A day is written 2026-12-31.")
      }
      return date
    })
  var until: CalendarDate?

  func run() throws {
    let interruption = Interruption()
    SignalWatch.start { interruption.request(signal: $0) }
    let settled = try FindingReview(
      target: database.target("findings"), interruption: interruption
    ).accept(finding.named, reason: finding.reason, until: until)
    try StandardOutput.write(FindingListText.decided("accepted", settled))
  }
}

struct FindingsWithdrawCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "withdraw", abstract: "Ends an acceptance: the next run asks again.",
    usage: "redress findings withdraw <code> <key> --reason <text> [<options>]")

  @OptionGroup var finding: NamedFindingOptions
  @OptionGroup var database: DatabaseOptions

  func run() throws {
    let interruption = Interruption()
    SignalWatch.start { interruption.request(signal: $0) }
    let settled = try FindingReview(
      target: database.target("findings"), interruption: interruption
    ).withdraw(finding.named, reason: finding.reason)
    try StandardOutput.write(FindingListText.decided("withdrawn", settled))
  }
}

extension CalendarDate {
  /// Accepts only the form `2026-12-31`.
  init?(argument text: String) {
    guard text.utf8.count == 10, Instant(iso8601: text) != nil else { return nil }
    let parts = text.split(separator: "-").compactMap { Int($0) }
    guard parts.count == 3 else { return nil }
    self.init(year: parts[0], month: parts[1], day: parts[2])
  }
}

extension FindingKey.Relation {
  /// - Throws: `ValidationError` with the relations that there are.
  fileprivate init(argument text: String) throws {
    guard let relation = FindingKey.Relation(rawValue: text) else {
      let relations = FindingKey.Relation.allCases.map(\.rawValue)
      let meant = NearMiss.nearest(to: text, among: relations).map { " Did you mean \($0)?" } ?? ""
      throw ValidationError(
        "No finding is about a relation '\(text)'.\(meant) The relations are \(relations.joined(separator: ", "))."
      )
    }
    self = relation
  }
}

extension FindingCode {
  /// - Throws: `ValidationError` with the code that is most likely meant.
  init(argument text: String) throws {
    guard let code = FindingCode(rawValue: text) else {
      let codes = FindingCode.allCases.map(\.rawValue)
      let meant = NearMiss.nearest(to: text, among: codes).map { " Did you mean \($0)?" } ?? ""
      throw ValidationError(
        "There is no code '\(text)'.\(meant) The codes are \(codes.joined(separator: ", ")).")
    }
    self = code
  }
}
