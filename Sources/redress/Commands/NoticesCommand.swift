import ArgumentParser
import CreditLedger
import CreditRun
import Documents
import LedgerReports
import Notices
import PlainText
import ServiceCredits

struct NoticesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "notices",
    abstract: "Writes messages to affected Enterprise customers, ready to send. Sends nothing.",
    usage: """
      redress notices --run <number> --output <folder> [<options>]
      redress notices (--initial <id> | --resolved <id>) --output <folder> [<options>]
      redress notices --write-templates <folder>
      """,
    discussion: """
      One file for each customer, which a mail program opens as a draft: recipient, subject, a text part and an HTML \
      part, in the customer's own time zone.

        redress notices --run 42 --output /var/lib/redress/notices --from 'Acme Support <support@acme.example>'
        redress notices --initial INC-2045 --output notices
        redress notices --resolved INC-2041 --output notices

      --run writes what a run recorded: that the incident is resolved, root cause and what was done, the credits and \
      the invoices they are on; or that a credit has changed. --initial says that we know of an incident and when the \
      next message comes; --resolved that it is over, with its credits where a run has recorded them.

      The texts are yours to change: --write-templates puts the built-in ones into a folder, --templates takes the \
      edited ones. The same run, source and templates give the same bytes.

      Exit codes:
        0    every notice has a recipient
        3    written, but some customers have no email address in the source
        64   an error in how it was called, or in a template
      """)

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var policy: PolicyOptions

  @Option(
    name: .customLong("run"),
    help: ArgumentHelp(
      "The run whose credits to tell of, by its number, or latest.", valueName: "number"))
  var runId: RunArgument?

  @Option(help: ArgumentHelp("The open incident to tell of.", valueName: "id"))
  var initial: String?

  @Option(help: ArgumentHelp("The resolved incident to tell of.", valueName: "id"))
  var resolved: String?

  @Option(name: [.long, .short], help: ArgumentHelp("Folder for the files.", valueName: "folder"))
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Who the messages are from: an address, or a name with an address in angle brackets.",
      discussion: "Without it the mail program that sends them puts its own.",
      valueName: "address"),
    transform: { text in
      guard let address = MailAddress(parsing: text) else {
        throw ValidationError(
          "Write support@acme.example or 'Acme Support <support@acme.example>'.")
      }
      return address
    })
  var from: MailAddress?

  @Option(
    help: ArgumentHelp("Folder with templates of your own.", valueName: "folder"))
  var templates: String?

  @Option(
    help: ArgumentHelp(
      "Write the built-in templates into this folder, to edit them, and do nothing else.",
      valueName: "folder"))
  var writeTemplates: String?

  @Option(
    help: ArgumentHelp(
      "Take this instant for now, with --initial and --resolved.", valueName: "time"),
    transform: { try InstantArgument(parsing: $0) })
  var asOf: InstantArgument?

  func validate() throws {
    let given = [runId.map { "\($0)" }, initial, resolved, writeTemplates].compactMap { $0 }
    guard given.count == 1 else {
      throw ValidationError(
        "Give one of --run, --initial, --resolved and --write-templates. "
          + "Example: redress notices --run 42 --output notices")
    }
    guard !given.contains(""), output != "", templates != "" else {
      throw ValidationError("An id or a folder is not empty.")
    }
    guard writeTemplates != nil || output != nil else {
      throw ValidationError("--output says which folder the notices go to.")
    }
    guard runId == nil || asOf == nil else {
      throw ValidationError("--as-of goes with --initial and --resolved; a run has its own.")
    }
  }

  func run() throws {
    if let writeTemplates {
      let files = try NoticeTemplates.write(into: writeTemplates)
      try StandardOutput.write(files.map { $0 + "\n" }.joined())
      return
    }
    let interruption = Interruption()
    let folder = output ?? "."
    let writing = NoticeWriting(
      target: database.target("notices"),
      policy: try policy.given(),
      templates: try NoticeTemplates.load(folder: templates), sender: from, folder: folder,
      interruption: interruption)
    SignalWatch.start { interruption.request(signal: $0) }
    var text = NoticesText(folder: folder)
    func report(_ notice: WrittenNotice) throws {
      text.add(notice)
      try StandardOutput.write(notice.path + "\n")
    }
    if let runId {
      let number = try runId.number(
        LedgerReport(target: database.target("notices"), interruption: interruption))
      try writing.writeRun(number, finding: { text.add($0) }, report: report)
    } else {
      try writing.writeIncident(
        initial ?? resolved ?? "", initial != nil ? .initial : .resolved, asOf: asOf?.instant,
        finding: { text.add($0) }, report: report)
    }
    StandardError.write(text.summary)
    if text.asksForReview { throw ExitCode(ExitStatus.findings) }
  }
}

/// The summary that is printed after notices are written.
struct NoticesText {
  private let folder: String
  private var count = 0
  private var withoutRecipient: [String] = []
  private var withoutRecipientCount = 0
  private var findings: [String] = []
  private var findingCount = 0

  /// How many are listed by name.
  private static let named = 10

  init(folder: String) { self.folder = folder }

  mutating func add(_ notice: WrittenNotice) {
    count += 1
    guard let missing = notice.missingAddress else { return }
    withoutRecipientCount += 1
    guard withoutRecipient.count < NoticesText.named else { return }
    switch missing {
    case .none:
      withoutRecipient.append("\(notice.customerId): no email in redress_source.customer")
    case .unsound(let email):
      withoutRecipient.append(
        "\(notice.customerId): '\(email)' is no mail address; correct redress_source.customer.email"
      )
    }
  }

  mutating func add(_ finding: Finding) {
    findingCount += 1
    guard findings.count < NoticesText.named else { return }
    findings.append(finding.sentence)
  }

  /// Whether something should be reviewed before the notices are sent.
  var asksForReview: Bool { withoutRecipientCount + findingCount > 0 }

  var summary: String {
    var lines = [
      count == 0
        ? "no Enterprise customer is affected, and no notice was written"
        : "\(count) notice\(count == 1 ? "" : "s") in \(folder)"
          + (withoutRecipientCount == 0 ? "" : ", \(withoutRecipientCount) without a recipient")
    ]
    lines += NoticesText.list(withoutRecipient, of: withoutRecipientCount)
    if findingCount > 0 {
      lines.append("rows that leave open whether a customer was touched:")
      lines += NoticesText.list(findings, of: findingCount)
    }
    return lines.map { Printable.oneLine($0) + "\n" }.joined()
  }

  private static func list(_ lines: [String], of count: Int) -> [String] {
    lines.map { "  " + $0 } + (count > lines.count ? ["  and \(count - lines.count) more"] : [])
  }
}
