package import CreditLedger
import Documents
import PlainText
package import ServiceCredits
import Templates

/// The values of a message to one customer about one or more incidents.
package struct CustomerNotice: Sendable {
  package enum Kind: String, Sendable {
    /// Says that the incident is known and when the next message will come.
    case initial
    /// Says that the incident is resolved.
    case resolved
  }

  package var kind: Kind
  package var customerId: [UInt8]
  package var customerName: String
  /// The address in the source, valid or not; `nil` if there is none.
  package var email: String?
  /// The time zone in which all times are written.
  package var timeZone: String
  package var runId: Int64?
  /// The as-of instant of the run, or the instant taken as now.
  package var date: Instant
  /// Ordered by start.
  package var incidents: [Incident]

  package init(
    kind: Kind, customerId: [UInt8], customerName: String, email: String?, timeZone: String,
    runId: Int64?, date: Instant, incidents: [Incident]
  ) {
    self.kind = kind
    self.customerId = customerId
    self.customerName = customerName
    self.email = email
    self.timeZone = timeZone
    self.runId = runId
    self.date = date
    self.incidents = incidents
  }

  package struct Incident: Sendable {
    package var id: [UInt8]
    package var title: String
    package var severity: Severity?
    package var services: [String]
    /// When the incident affected the customer.
    package var start: Instant?
    /// `nil` while the incident goes on.
    package var end: Instant?
    /// The counted time; `nil` if none counted.
    package var countedMicroseconds: Int64?
    package var rootCause: String?
    package var done: [String]
    package var underWay: [String]
    package var credits: [Credit]

    package init(
      id: [UInt8], title: String, severity: Severity?, services: [String], start: Instant?,
      end: Instant?, countedMicroseconds: Int64?, rootCause: String?, done: [String],
      underWay: [String], credits: [Credit]
    ) {
      self.id = id
      self.title = title
      self.severity = severity
      self.services = services
      self.start = start
      self.end = end
      self.countedMicroseconds = countedMicroseconds
      self.rootCause = rootCause
      self.done = done
      self.underWay = underWay
      self.credits = credits
    }
  }

  /// The credit of one subscription for an incident.
  package struct Credit: Sendable {
    package var subscriptionId: [UInt8]
    package var serviceName: String
    package var plan: String
    package var fee: MonthlyFee?
    /// `nil` where it is no whole number of basis points.
    package var percent: BasisPoints?
    package var month: BillingMonth
    package var total: Money
    /// What it was worth before the run; `nil` if it is new.
    package var before: Money?
    /// The ledger's reason why it was taken back.
    package var reason: String?
    package var invoices: [(id: String, amount: Money)]
    package var open: Money

    package init(
      subscriptionId: [UInt8], serviceName: String, plan: String, fee: MonthlyFee?,
      percent: BasisPoints?, month: BillingMonth, total: Money, before: Money?, reason: String?,
      invoices: [(id: String, amount: Money)], open: Money
    ) {
      self.subscriptionId = subscriptionId
      self.serviceName = serviceName
      self.plan = plan
      self.fee = fee
      self.percent = percent
      self.month = month
      self.total = total
      self.before = before
      self.reason = reason
      self.invoices = invoices
      self.open = open
    }
  }

  /// Every instant that is in the message.
  package var instants: Set<Instant> {
    Set(incidents.flatMap { [$0.start, $0.end].compactMap { $0 } })
  }

  /// Whether all of it is about credits that were recorded before.
  private var isCorrection: Bool {
    let credits = incidents.flatMap(\.credits)
    return !credits.isEmpty && credits.allSatisfy { $0.before != nil }
      && incidents.allSatisfy { !$0.credits.isEmpty }
  }

  // MARK: As a message

  /// Fills the templates.
  /// - Parameters:
  ///   - clock: must know all `instants`.
  ///   - sender: the sender's address; `nil` to let the mail program add it.
  package func message(
    _ templates: NoticeTemplates, clock: LocalClock, sender: MailAddress?
  ) throws -> MailMessage {
    let values = values(clock: clock, sender: sender)
    func render(_ part: String) throws -> [UInt8] {
      try templates.templates.render("\(kind.rawValue).\(part)", values)
    }
    let subject = try render("subject.txt").split { $0 == 0x20 || (0x09...0x0D).contains($0) }
      .joined(separator: [0x20])
    let ids = incidents.map { String(decoding: $0.id, as: UTF8.self) }
    return MailMessage(
      from: sender, to: recipient, subject: String(decoding: Array(subject), as: UTF8.self),
      date: date, text: try render("txt"), html: try render("html"),
      occasion: "\(kind.rawValue) \(runId ?? 0) "
        + "\(customerId.count) \(String(decoding: customerId, as: UTF8.self)) "
        + ids.joined(separator: " "))
  }

  /// The customer's address; `nil` if the source has none or no valid one.
  package var recipient: MailAddress? {
    email.flatMap { MailAddress(name: CustomerNotice.oneLine(customerName), address: $0) }
  }

  private func values(clock: LocalClock, sender: MailAddress?) -> TemplateValue {
    var fields: [String: TemplateValue] = [
      "customer_id": CustomerNotice.text(String(decoding: customerId, as: UTF8.self)),
      "customer": CustomerNotice.text(
        customerName.isEmpty ? String(decoding: customerId, as: UTF8.self) : customerName),
      "time_zone": CustomerNotice.text(timeZone), "incident_count": .text("\(incidents.count)"),
      "is_correction": .flag(isCorrection),
      "incidents": .list(incidents.map { self.fields(of: $0, clock) }),
      "has_post_mortem": .flag(
        kind == .resolved && !isCorrection
          && incidents.contains { $0.severity?.isAtLeastAsBad(as: .p1) ?? false }),
    ]
    if incidents.count == 1 { fields["single"] = self.fields(of: incidents[0], clock) }
    if let runId { fields["run"] = .text("\(runId)") }
    if let sender {
      fields["sender"] = CustomerNotice.text(sender.name.isEmpty ? sender.address : sender.name)
    }
    let totals = totals
    fields["has_credits"] = .flag(!totals.isEmpty)
    fields["totals"] = .list(
      totals.enumerated().map { position, total in
        let separator =
          position == 0 ? "" : position == totals.count - 1 ? " and " : ", "
        return .fields(["amount": .text(total.text), "separator": .text(separator)])
      })
    return .fields(fields)
  }

  /// The sums of the credits, by currency.
  private var totals: [Money] {
    var minor: [Currency: Int64] = [:]
    for credit in incidents.flatMap(\.credits) where credit.total.amountMinor != 0 {
      let (sum, overflow) = (minor[credit.total.currency] ?? 0).addingReportingOverflow(
        credit.total.amountMinor)
      // The ledger's own sums would overflow too.
      precondition(!overflow, "the credits of one customer exceed every amount")
      minor[credit.total.currency] = sum
    }
    return minor.map { Money(amountMinor: $0.value, currency: $0.key) }
      .sorted { $0.currency.code < $1.currency.code }
  }

  private func fields(of incident: Incident, _ clock: LocalClock) -> TemplateValue {
    func items(_ texts: [String]) -> TemplateValue {
      .list(texts.map { .fields(["item": CustomerNotice.text($0)]) })
    }
    var fields: [String: TemplateValue] = [
      "incident": CustomerNotice.text(String(decoding: incident.id, as: UTF8.self)),
      "title": CustomerNotice.text(incident.title),
      "service": CustomerNotice.text(
        incident.services.isEmpty
          ? "your services" : Listed.and(incident.services)),
      "next_update": .text(incident.severity == .p0 ? "30 minutes" : "1 hour"),
      "has_done": .flag(!incident.done.isEmpty), "done": items(incident.done),
      "has_under_way": .flag(!incident.underWay.isEmpty), "under_way": items(incident.underWay),
      "credits": .list(incident.credits.map { CustomerNotice.fields(of: $0) }),
      "started": .text(incident.start.map(clock.text) ?? "a time that we do not know"),
    ]
    if let severity = incident.severity { fields["severity"] = .text(severity.code) }
    if let start = incident.start, let end = incident.end, start <= end {
      let counted = incident.countedMicroseconds ?? 0
      fields["ended"] = .text(clock.end(end, after: start))
      fields["counted"] = .text(DurationText.words(counted > 0 ? counted : end.since(start)))
      fields["is_partial"] = .flag(counted > 0 && counted != end.since(start))
    }
    if let cause = incident.rootCause.map(CustomerNotice.lines), !cause.isEmpty {
      fields["root_cause"] = .text(cause)
    }
    return .fields(fields)
  }

  private static func fields(of credit: Credit) -> TemplateValue {
    var fields: [String: TemplateValue] = [
      "amount": .text(credit.total.text), "is_withdrawn": .flag(credit.total.amountMinor == 0),
      "subscription": text(String(decoding: credit.subscriptionId, as: UTF8.self)),
      "service": text(credit.serviceName), "plan": text(credit.plan),
      "percent": .text(credit.percent?.words ?? "a part"),
      "month": .text(credit.month.words),
      "invoices": .list(
        credit.invoices.filter {
          !SetOffInvoice.isMeant(by: $0.id.utf8) && BalanceInvoice.system(of: $0.id.utf8) == nil
        }.map {
          .fields(["invoice": text($0.id), "amount": .text($0.amount.text)])
        }),
    ]
    if let fee = credit.fee { fields["fee"] = .text(fee.text) }
    if let before = credit.before { fields["before"] = .text(before.text) }
    if let setOff = credit.invoices.first(where: { SetOffInvoice.isMeant(by: $0.id.utf8) }) {
      fields["set_off"] = .text(setOff.amount.text)
    }
    let balances = credit.invoices.filter { BalanceInvoice.system(of: $0.id.utf8) != nil }
    if !balances.isEmpty {
      fields["balances"] = .list(balances.map { .fields(["amount": .text($0.amount.text)]) })
    }
    if credit.open.amountMinor > 0 { fields["open"] = .text(credit.open.text) }
    switch credit.reason.flatMap(DecreaseReason.init(rawValue:)) {
    case .void: fields["because"] = .text("the incident turned out to be none")
    case .notEarned: fields["because"] = .text("it is no longer earned")
    case .smaller, .moved, nil: break
    }
    return .fields(fields)
  }

  // MARK: Texts of rows

  /// The text on one line, so that no name can make a paragraph of its own.
  private static func text(_ text: String) -> TemplateValue { .text(oneLine(text)) }

  private static func oneLine(_ text: String) -> String {
    cleaned(text) {
      $0 < 0x20 || $0 == 0x7F || $0 == 0x85 || $0 == 0x2028 || $0 == 0x2029 ? 0x20 : nil
    }
  }

  /// The text with its lines, but without other control characters.
  private static func lines(_ text: String) -> String {
    let text = cleaned(text) { value in
      value == 0x0A ? 0x0A : value == 0x0D || value == 0x09 ? 0x20 : value < 0x20 ? 0xFFFD : nil
    }
    let isBlank = { (scalar: Unicode.Scalar) in scalar == " " || scalar == "\n" }
    var scalars = text.unicodeScalars[...]
    while let first = scalars.first, isBlank(first) { scalars.removeFirst() }
    while let last = scalars.last, isBlank(last) { scalars.removeLast() }
    return String(String.UnicodeScalarView(scalars))
  }

  /// Replaces characters, and removes marks that change the direction of the text.
  private static func cleaned(_ text: String, _ replace: (UInt32) -> UInt32?) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.replacing("\r\n", with: "\n").unicodeScalars {
      switch scalar.value {
      case 0x80..<0xA0 where scalar.value != 0x85, 0x202A...0x202E, 0x2066...0x2069:
        result.append("\u{FFFD}")
      default:
        result.append(replace(scalar.value).flatMap { Unicode.Scalar($0) } ?? scalar)
      }
    }
    return String(result)
  }

  // MARK: Its file

  /// A name that says what the message is about. It is different for another customer or occasion,
  /// and has no byte that is special to a file system or a shell.
  package var fileName: String {
    let customer = FileNamePart.of(customerId)
    if let runId { return "notice-run-\(runId)-\(customer).eml" }
    // FileNamePart keeps no plus sign, so the sign marks the end of the incident's id.
    return "notice-\(kind.rawValue)-\(FileNamePart.of(incidents.first?.id ?? []))+\(customer).eml"
  }
}
