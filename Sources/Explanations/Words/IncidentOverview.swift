package import CreditLedger
package import Documents
import PlainText
package import ServiceCredits

/// An incident, and what is recorded for it over all customers.
package struct IncidentOverview: Sendable {
  /// An outage window. Windows of single customers that are otherwise the same are counted as one.
  package struct Window: Sendable {
    package var severity: String
    /// `nil` if the window is for every service.
    package var serviceName: String?
    /// The number of customers that the window is for; 0 if it is for all.
    package var customers: Int64
    package var start: Instant?
    /// `nil` if the outage goes on.
    package var end: Instant?

    package init(
      severity: String, serviceName: String?, customers: Int64, start: Instant?, end: Instant?
    ) {
      self.severity = severity
      self.serviceName = serviceName
      self.customers = customers
      self.start = start
      self.end = end
    }
  }

  /// What is recorded in one currency.
  package struct Total: Hashable, Sendable {
    package var customers: Int64
    package var credits: Int64
    package var amount: MoneyTotal

    package init(customers: Int64, credits: Int64, amount: MoneyTotal) {
      self.customers = customers
      self.credits = credits
      self.amount = amount
    }
  }

  package var id: String
  package var title: String
  /// As the source has it; empty if it is not known.
  package var severity: String
  /// As the source has it; empty if it is not known.
  package var status: String
  package var rootCause: String?
  /// The time zone in which times are written.
  package var timeZone: String
  package var windows: [Window]
  package var totals: [Total]
  /// A customer whose explanation can be asked for; `nil` if nothing is recorded.
  package var anyCustomer: String?
  /// `true` if the windows come from the source, `false` if they come from the evidence of a run.
  package var sourceWasRead: Bool

  package init(
    id: String, title: String, severity: String, status: String, rootCause: String?,
    timeZone: String, windows: [Window], totals: [Total], anyCustomer: String?,
    sourceWasRead: Bool
  ) {
    self.id = id
    self.title = title
    self.severity = severity
    self.status = status
    self.rootCause = rootCause
    self.timeZone = timeZone
    self.windows = windows
    self.totals = totals
    self.anyCustomer = anyCustomer
    self.sourceWasRead = sourceWasRead
  }
}

/// Writes an overview of an incident as text, JSON or a page.
package struct IncidentOverviewText {
  private let overview: IncidentOverview
  private let clock: LocalClock

  package init(_ overview: IncidentOverview, clock: LocalClock) {
    self.overview = overview
    self.clock = clock
  }

  private var heading: String {
    overview.title.isEmpty ? overview.id : "\(overview.id): \(overview.title)"
  }

  private var preface: [String] {
    var lines = ["Times are those of \(overview.timeZone)."]
    if !overview.sourceWasRead { lines.append(ExplanationText.sourceNotRead) }
    if !overview.status.isEmpty {
      let severity = overview.severity.isEmpty ? "Status" : "Severity \(overview.severity), status"
      lines.insert("\(severity) \(overview.status).", at: 0)
    }
    return lines
  }

  private var blocks: [ExplanationWords.Block] {
    var happened = overview.windows.map(window)
    if happened.isEmpty { happened = ["No outage window says who was affected."] }
    if let cause = overview.rootCause, !cause.isEmpty { happened.append("Root cause: \(cause)") }
    let recorded =
      overview.totals.isEmpty
      ? ["Nothing is recorded for it."]
      : overview.totals.map { total in
        "\(total.amount.text) in \(IncidentOverviewText.count(total.credits, "credit")) to "
          + "\(IncidentOverviewText.count(total.customers, "customer"))."
      }
    let customer = overview.anyCustomer.map(ShellWord.quoted) ?? "ID"
    let incident = ShellWord.quoted(overview.id)
    return [
      ExplanationWords.Block(heading: "What happened", lines: happened),
      ExplanationWords.Block(heading: "On record", lines: recorded),
      ExplanationWords.Block(
        heading: "For one customer",
        lines: ["redress explain --customer \(customer) --incident \(incident)"]),
    ]
  }

  private func window(_ window: IncidentOverview.Window) -> String {
    let words = ExplanationWords(clock: clock)
    return words.window(
      IncidentExplanation.Window(
        severity: window.severity, serviceName: window.serviceName, isOwn: false,
        start: window.start, end: window.end),
      whom: window.customers == 0
        ? nil : "for \(IncidentOverviewText.count(window.customers, "customer"))")
  }

  private static func count(_ number: Int64, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }

  package var text: String {
    var lines = [heading, ExplanationText.underline(heading)] + preface
    for block in blocks { lines += ["", block.heading] + block.lines.map { "  \($0)" } }
    return lines.map(Printable.withoutControls).joined(separator: "\n") + "\n"
  }

  package var markdown: String {
    func escape(_ text: String) -> String { Markdown.escaped(text) }
    var lines = ["# \(escape(heading))"] + preface.flatMap { ["", escape($0)] }
    for block in blocks {
      lines += ["", "## \(block.heading)", ""] + block.lines.map { "- \(escape($0))" }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// - Parameter procedures: the incident's audit rows; `nil` if they were not asked for.
  package func json(procedures: [JSONValue]? = nil) -> [UInt8] {
    func string(_ text: String) -> JSONValue { .string(Array(text.utf8)) }
    func integer(_ value: Int64) -> JSONValue { .number(Array(String(value).utf8)) }
    func instant(_ instant: Instant?) -> JSONValue { instant.map { string($0.text) } ?? .null }
    func object(_ members: [(String, JSONValue)]) -> JSONValue {
      .object(members.map { JSONValue.Member(name: Array($0.0.utf8), value: $0.1) })
    }
    let windows = overview.windows.map { window in
      object([
        ("severity", string(window.severity)),
        ("service", window.serviceName.map(string) ?? .null),
        ("customers", window.customers == 0 ? .null : integer(window.customers)),
        ("started_at", instant(window.start)), ("ended_at", instant(window.end)),
      ])
    }
    let totals = overview.totals.map { total in
      object([
        ("currency", string(total.amount.currency.code)),
        ("customers", integer(total.customers)), ("credits", integer(total.credits)),
        ("amount", string(total.amount.decimalText)),
        ("amount_minor", .number(Array(String(total.amount.totalMinor).utf8))),
      ])
    }
    var members: [(String, JSONValue)] = [
      ("incident_id", string(overview.id)), ("incident_title", string(overview.title)),
      ("severity", string(overview.severity)), ("status", string(overview.status)),
      ("root_cause", overview.rootCause.map(string) ?? .null),
      ("source_read", .bool(overview.sourceWasRead)), ("windows", .array(windows)),
      ("recorded", .array(totals)),
    ]
    if let procedures {
      members.append(("procedures", .array(procedures)))
    }
    var bytes: [UInt8] = []
    object(members).append(to: &bytes)
    bytes.append(UInt8(ascii: "\n"))
    return bytes
  }

  /// The overview as a page with the same content as the text.
  package var page: Page {
    Page(
      title: overview.id, subtitle: overview.title.isEmpty ? "An incident" : overview.title,
      facts: [("Severity", overview.severity), ("Status", overview.status)].filter {
        !$0.1.isEmpty
      } + [("Times of", overview.timeZone)],
      sections: blocks.enumerated().map { position, block in
        PageSection(
          title: block.heading, anchor: "part-\(position + 1)", content: [.list(block.lines)])
      })
  }
}
