import ArgumentParser
import CreditLedger
import CreditRun
import Documents
import Explanations
import Glibc
import PolicyFiles
import ProcedureAudits
import ServiceCredits

/// `text`, `markdown`, `json` or `html`.
enum ExplanationFormat: String, CaseIterable, ExpressibleByArgument {
  case text, markdown, json, html
}

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Says what was or was not credited to a customer, and why.",
    discussion: """
      Name the customer, and what it is about if not everything; or give any id and it is looked up:

        redress explain --customer C-17 --incident INC-2041
        redress explain --customer C-17 --month 2026-10 --format markdown
        redress explain --customer C-17 --format html > C-17.html
        redress explain --invoice 8812
        redress explain SUB-3
        redress explain INC-2041

      What is recorded is explained from the evidence that was frozen with it; if today's source would decide \
      otherwise, that is said too. What is not recorded is explained from the source as it is now; a database user who may not read the source is told what is recorded. \
      An incident without a customer is told as a whole, with what it cost. Times are the \
      customer's own. Without --policy today's source is judged by the policy that is adopted.
      """)

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var policy: PolicyOptions

  @Argument(help: "The id of a customer, subscription, incident or invoice.")
  var id: String?

  @Option(help: ArgumentHelp("The customer.", valueName: "id"))
  var customer: String?

  @Option(help: ArgumentHelp("Only this incident.", valueName: "id"))
  var incident: String?

  @Option(help: ArgumentHelp("Only this subscription.", valueName: "id"))
  var subscription: String?

  @Option(
    help: ArgumentHelp(
      "Only this billing month: 2026-10, this-month or last-month.", valueName: "yyyy-mm"),
    transform: { try MonthArgument(parsing: $0) })
  var month: MonthArgument?

  @Option(help: ArgumentHelp("Only what is on this invoice.", valueName: "id"))
  var invoice: String?

  @Option(
    help: ArgumentHelp(
      "Take this instant for now; incidents resolved later count as open.", valueName: "time"),
    transform: { try InstantArgument(parsing: $0) })
  var asOf: InstantArgument?

  @Option(help: "How the explanation is written.")
  var format = ExplanationFormat.text

  @Flag(
    inversion: .prefixedNo,
    help: "Draw each outage as a row of blocks. Default: where the output is a terminal.")
  var timeline: Bool?

  @Flag(
    help:
      "Also say what was kept of the response procedures for these incidents, by the policy given, or the one adopted."
  )
  var procedures = false

  func validate() throws {
    let given = [id, customer, incident, subscription, invoice]
    guard given.contains(where: { $0 != nil }) else {
      throw ValidationError("Give a customer, or any other id. Example: redress explain C-17")
    }
    guard !given.contains("") else { throw ValidationError("An id is not empty.") }
    guard timeline != true || format == .text else {
      throw ValidationError("A timeline is drawn with --format text only.")
    }
  }

  func run() throws {
    let interruption = Interruption()
    let given = try policy.given()
    let explainer = Explainer(
      target: database.target("explain"), policy: given,
      asOf: asOf?.instant, interruption: interruption)
    SignalWatch.start { interruption.request(signal: $0) }
    let (explained, clock) = try explainer.explain(
      ExplanationQuery(
        customer: customer, incident: incident, subscription: subscription, month: month?.month,
        invoice: invoice, anyId: id))
    switch explained {
    case .customer(let explanation):
      let incidents = Set(explanation.stories.map(\.incident.id)).sorted()
      try write(
        explanation, clock,
        try audits(of: incidents, for: explanation.customer.id, given, interruption))
    case .incident(let overview):
      try write(
        IncidentOverviewText(overview, clock: clock),
        try audits(of: [overview.id], for: nil, given, interruption))
    }
  }

  private func write(
    _ explanation: Explanation, _ clock: LocalClock, _ audits: [LocalAudit]?
  ) throws {
    let text = ExplanationText(explanation, clock: clock, timeline: drawing)
    switch format {
    case .text: try write(text.text, audits)
    case .markdown: try write(markdown: text.markdown, audits)
    case .json:
      let bytes = ExplanationJSON(explanation, clock: clock, procedures: rows(of: audits)).bytes
      try StandardOutput.write(String(decoding: bytes, as: UTF8.self))
    case .html: try write(text.page, audits)
    }
  }

  private func write(_ overview: IncidentOverviewText, _ audits: [LocalAudit]?) throws {
    switch format {
    case .text: try write(overview.text, audits)
    case .markdown: try write(markdown: overview.markdown, audits)
    case .json:
      try StandardOutput.write(
        String(decoding: overview.json(procedures: rows(of: audits)), as: UTF8.self))
    case .html: try write(overview.page, audits)
    }
  }

  private func rows(of audits: [LocalAudit]?) -> [JSONValue]? {
    audits?.flatMap(\.audit.rows).map(AuditLines.json)
  }

  private func write(_ text: String, _ audits: [LocalAudit]?) throws {
    try StandardOutput.write(text)
    try AuditCommand.print(
      (audits ?? []).flatMap { local in
        ["", "Response procedures, times in \(local.audit.policy.timeZone):"]
          + local.text.lines(local.audit, zone: local.audit.policy.timeZone)
      })
  }

  private func write(markdown: String, _ audits: [LocalAudit]?) throws {
    try StandardOutput.write(markdown)
    try AuditCommand.print((audits ?? []).flatMap { $0.text.markdown($0.audit) })
  }

  private func write(_ page: Page, _ audits: [LocalAudit]?) throws {
    var page = page
    for (number, local) in (audits ?? []).enumerated() {
      page.sections.append(local.text.section(local.audit, number: number + 1))
    }
    var bytes: [UInt8] = []
    try page.append(to: &bytes)
    try StandardOutput.write(String(decoding: bytes, as: UTF8.self))
  }

  /// An audit, and its text in the policy's time zone.
  private struct LocalAudit {
    let audit: IncidentAudit
    let text: IncidentAuditText
  }

  /// The audits of the incidents, with only the rows that concern this customer; `nil` if they were
  /// not asked for.
  private func audits(
    of incidents: [String], for customer: String?, _ given: PolicyDocument?,
    _ interruption: Interruption
  ) throws -> [LocalAudit]? {
    guard procedures else { return nil }
    guard !incidents.isEmpty else { return [] }
    var audits: [LocalAudit] = []
    _ = try ProcedureAudit(
      target: database.target("explain"), policy: given, asOf: asOf?.instant,
      interruption: interruption
    ).run(AuditQuery(incidents: incidents, trendMonths: 1)) { audit, clock in
      audits.append(
        LocalAudit(
          audit: customer.map { audit.rows(of: $0) } ?? audit, text: IncidentAuditText(clock: clock)
        ))
    }
    return audits
  }

  private var drawing: ExplanationText.Timeline {
    let isTerminal = isatty(1) == 1
    guard timeline ?? isTerminal else { return .none }
    // https://no-color.org: any value that is not empty.
    let refuses = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
    let isDumb = getenv("TERM").map { String(cString: $0) == "dumb" } ?? true
    return isTerminal && !refuses && !isDumb ? .coloured : .plain
  }
}
