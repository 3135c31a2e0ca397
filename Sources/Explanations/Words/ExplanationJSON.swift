package import CreditLedger
package import Documents
import ServiceCredits

/// An explanation as one JSON object. Times are in UTC, with the local time beside them. Decimals
/// are strings.
package struct ExplanationJSON {
  private let explanation: Explanation
  private let clock: LocalClock
  private let words: ExplanationWords
  private let procedures: [JSONValue]?

  /// - Parameter procedures: the audit rows of the same incidents; `nil` if they were not asked
  ///   for.
  package init(
    _ explanation: Explanation, clock: LocalClock, procedures: [JSONValue]? = nil
  ) {
    self.explanation = explanation
    self.procedures = procedures
    self.clock = clock
    words = ExplanationWords(clock: clock)
  }

  /// The object on a line of its own.
  package var bytes: [UInt8] {
    var bytes: [UInt8] = []
    let customer = explanation.customer
    var members = [
      ("customer_id", string(customer.id)), ("customer_name", string(customer.name)),
      ("customer_tier", string(customer.tier)), ("time_zone", string(customer.timeZone)),
      ("as_of", instant(explanation.asOf)), ("policy", string(explanation.policyName)),
      ("source_read", .bool(explanation.sourceWasRead)),
      ("findings", .array(explanation.findings.map(finding))),
      ("stories", .array(explanation.stories.map(story))),
    ]
    if let procedures {
      members.append(("procedures", .array(procedures)))
    }
    object(members).append(to: &bytes)
    bytes.append(UInt8(ascii: "\n"))
    return bytes
  }

  private func story(_ story: IncidentExplanation) -> JSONValue {
    var members: [(String, JSONValue)] = [
      ("incident_id", string(story.incident.id)), ("incident_title", string(story.incident.title)),
      ("root_cause", story.incident.rootCause.map(string) ?? .null),
      ("subscription_id", string(story.subscriptionId)),
    ]
    members += self.members(of: story.answer)
    members.append(("answer", string(words.answer(story))))
    switch story.basis {
    case .frozen(let runId, _):
      members += [("basis", string("frozen_evidence")), ("basis_run_id", integer(runId))]
    case .revisionOnly(let runId, _):
      members += [("basis", string("revision")), ("basis_run_id", integer(runId))]
    case .source: members += [("basis", string("source")), ("basis_run_id", .null)]
    }
    members.append(
      ("windows", .array((story.account?.windows ?? story.windows).map(window))))
    members.append(("account", story.account.map(account) ?? .null))
    members.append(("ledger", .array(story.ledger.map(key))))
    members.append(("today", today(story.today)))
    members.append(
      (
        "text",
        .array(
          words.blocks(story).map { block in
            object([
              ("heading", string(block.heading)), ("lines", .array(block.lines.map(string))),
            ])
          })
      ))
    return object(members)
  }

  private func members(of answer: IncidentExplanation.Answer) -> [(String, JSONValue)] {
    switch answer {
    case .credited(let money, let month):
      [
        ("outcome", string("credited")), ("reason", .null), ("amount", decimal(money)),
        ("amount_minor", integer(money.amountMinor)), ("currency", string(money.currency.code)),
        ("billing_month", string(month.text)),
      ]
    case .notCredited(let reason):
      [
        ("outcome", string("not_credited")), ("reason", string(reason.code)), ("amount", .null),
        ("amount_minor", .null), ("currency", .null), ("billing_month", .null),
      ]
    }
  }

  private func account(_ account: IncidentExplanation.Account) -> JSONValue {
    object([
      ("outside_terms", .array(account.outsideTerms.map { object(times($0)) })),
      ("other_customers", .array(account.otherCustomers.map { object(times($0)) })),
      (
        "excluded",
        .array(
          account.excluded.map { part in
            object(
              [
                ("exclusion_id", string(part.id)), ("kind", string(part.kind.rawValue)),
                ("applied", .bool(part.isHonoured)),
              ] + times(part.interval))
          })
      ),
      (
        "shares",
        .array(
          account.shares.map { share in
            object(
              [
                ("severity", string(share.severity.code)), ("counted", .bool(share.isCounted)),
                (
                  "counted_under",
                  {
                    if case .incident(let owner) = share.owner { string(owner.id) } else { .null }
                  }()
                ),
                (
                  "other_customer",
                  { if case .otherCustomer = share.owner { .bool(true) } else { .bool(false) } }()
                ),
              ] + times(share.interval))
          })
      ), ("decision", account.decision.map(decision) ?? .null),
      ("agrees_with_ledger", .bool(account.agreesWithLedger)),
    ])
  }

  private func decision(_ decision: IncidentExplanation.Decision) -> JSONValue {
    object([
      ("policy_version", string(decision.policyVersion)), ("plan", string(decision.plan)),
      ("service", string(decision.serviceName)),
      ("monthly_fee", string(String(decision.fee.text.dropLast(4)))),
      ("currency", string(decision.fee.currency.code)),
      ("first_counted_at", instant(decision.first)),
      ("billing_month", string(decision.month.text)), ("time_zone", string(decision.timeZone)),
      ("percent_before_cap", decision.beforeCap.map { string($0.percentText) } ?? .null),
      ("percent", decision.granted.map { string($0.percentText) } ?? .null),
      ("cap", string(decision.cap.percentText)),
      (
        "cap_used_by",
        .array(
          decision.capUses.map { use in
            object([
              (
                "incident_id",
                { if case .incident(let id) = use.by { string(id) } else { .null } }()
              ),
              ("percent", use.percent.map { string($0.percentText) } ?? .null),
            ])
          })
      ), ("exact_amount", string(decision.exactText)),
      ("rounding", string(decision.rounding.rawValue)),
      ("rounded_amount", decision.rounded.map(decimal) ?? .null),
      (
        "tiers",
        .array(
          decision.tiers.map { test in
            object([
              ("severity", string(test.tier.severity.code)),
              ("longer_than", string(DurationText.iso8601(test.tier.longerThanMicroseconds))),
              ("credit_percent", string(test.tier.credit.percentText)),
              ("counted", string(DurationText.iso8601(test.countedMicroseconds))),
              ("met", .bool(test.isMet)), ("decides", .bool(test.isBest)),
            ])
          })
      ), ("period", decision.rule.map(rule) ?? .null),
    ])
  }

  private func rule(_ rule: IncidentExplanation.RuleAccount) -> JSONValue {
    func length(_ microseconds: Int64?) -> JSONValue {
      microseconds.map { string(DurationText.iso8601($0)) } ?? .null
    }
    return object([
      ("promises", .array(rule.promises.map(string))), ("is_over", .bool(rule.isOver)),
      (
        "incidents",
        .array(
          rule.rows.enumerated().map { position, row in
            object([
              ("incident_id", row.incident.map(string) ?? .null),
              ("is_this", .bool(position == rule.own)),
              ("counted", length(row.countedMicroseconds)),
              ("downtime", length(row.downtimeMicroseconds)),
              ("period", length(row.periodMicroseconds)),
              ("clause", row.clause.map(string) ?? .null),
              ("added", row.added.map(decimal) ?? .null),
            ])
          })
      ), ("next", rule.next.map(string) ?? .null),
    ])
  }

  private func key(_ key: IncidentExplanation.LedgerKey) -> JSONValue {
    object([
      ("currency", string(key.total.currency.code)), ("amount", decimal(key.total)),
      ("amount_minor", integer(key.total.amountMinor)),
      ("billing_month", string(key.month.text)), ("open_minor", integer(max(0, key.openMinor))),
      ("overcredited_minor", integer(max(0, -key.openMinor))),
      (
        "invoices",
        .array(
          key.invoices.map { part in
            object([
              ("invoice_id", string(part.invoiceId)), ("status", string(part.status)),
              ("amount_minor", integer(part.amountMinor)),
            ])
          })
      ),
      ("former_invoices", .array(key.formerInvoices.map(former))),
      (
        "revisions",
        .array(
          key.revisions.map { revision in
            object([
              ("run_id", integer(revision.runId)), ("as_of", instant(revision.asOf)),
              ("kind", string(revision.kind.rawValue)),
              ("amount_minor", integer(revision.amount.amountMinor)),
              ("billing_month", string(revision.month.text)),
              ("reason", revision.reason.map(string) ?? .null),
              ("changes", .array(revision.changes.map { string(words.change($0)) })),
            ])
          })
      ),
    ])
  }

  private func former(_ former: IncidentExplanation.FormerInvoice) -> JSONValue {
    object([
      ("invoice_id", string(former.part.invoiceId)), ("status", string(former.part.status)),
      ("amount_minor", integer(former.part.amountMinor)),
      ("given_back_run_id", former.givenBack.map { integer($0.runId) } ?? .null),
      ("given_back_as_of", former.givenBack.map { instant($0.asOf) } ?? .null),
    ])
  }

  private func today(_ today: IncidentExplanation.Today?) -> JSONValue {
    func other(
      _ state: String, _ answer: IncidentExplanation.Answer, _ changes: [ExplanationChange]
    ) -> JSONValue {
      object(
        [("state", string(state))] + self.members(of: answer) + [
          ("changes", .array(changes.map { string(words.change($0)) }))
        ])
    }
    return switch today {
    case nil: .null
    case .same: object([("state", string("same"))])
    case .other(let answer, let changes): other("otherwise", answer, changes)
    case .held(let answer, let changes): other("held", answer, changes)
    }
  }

  private func window(_ window: IncidentExplanation.Window) -> JSONValue {
    object([
      ("severity", string(window.severity)),
      ("service", window.serviceName.map(string) ?? .null),
      ("this_customer_only", .bool(window.isOwn)),
      ("started_at", window.start.map(instant) ?? .null),
      ("ended_at", window.end.map(instant) ?? .null),
      ("started_at_local", window.start.map { string(clock.text($0)) } ?? .null),
      ("ended_at_local", window.end.map { string(clock.text($0)) } ?? .null),
    ])
  }

  private func finding(_ finding: Finding) -> JSONValue {
    object([
      ("code", string(finding.code.rawValue)), ("relation", string(finding.relation)),
      ("key", string(finding.key.text)), ("problem", string(finding.problem)),
      ("remedy", string(finding.remedy)),
    ])
  }

  // MARK: Values

  private func times(_ interval: Interval) -> [(String, JSONValue)] {
    [
      ("started_at", instant(interval.start)), ("ended_at", instant(interval.end)),
      ("seconds", string(seconds(interval.microseconds))),
    ]
  }

  private func seconds(_ microseconds: Int64) -> String {
    var text: [UInt8] = []
    appendDecimal(microseconds, decimals: 6, atLeast: 0, to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  private func object(_ members: [(String, JSONValue)]) -> JSONValue {
    .object(members.map { JSONValue.Member(name: Array($0.0.utf8), value: $0.1) })
  }
  private func string(_ text: String) -> JSONValue { .string(Array(text.utf8)) }
  private func integer(_ value: Int64) -> JSONValue { .number(Array(String(value).utf8)) }
  private func instant(_ instant: Instant) -> JSONValue { string(instant.text) }
  private func decimal(_ money: Money) -> JSONValue { string(String(money.text.dropLast(4))) }
}

extension JSONValue {
  /// Appends the value as JSON text on one line.
  package func append(to buffer: inout [UInt8]) {
    switch self {
    case .null: buffer.append(contentsOf: "null".utf8)
    case .bool(let value): buffer.append(contentsOf: (value ? "true" : "false").utf8)
    case .number(let digits): buffer.append(contentsOf: digits)
    case .string(let bytes): JSONText.append(string: bytes, to: &buffer)
    case .array(let values): JSONText.append(array: values, to: &buffer) { $0.append(to: &$1) }
    case .object(let members):
      buffer.append(UInt8(ascii: "{"))
      for (position, member) in members.enumerated() {
        if position > 0 { buffer.append(UInt8(ascii: ",")) }
        JSONText.append(string: member.name, to: &buffer)
        buffer.append(UInt8(ascii: ":"))
        member.value.append(to: &buffer)
      }
      buffer.append(UInt8(ascii: "}"))
    }
  }
}

extension IncidentExplanation.Answer.Reason {
  /// A stable code for programs.
  package var code: String {
    switch self {
    case .open: "open"
    case .noOutageScope: "no_outage_scope"
    case .void: "void"
    case .parked: "parked"
    case .subscriptionParked: "subscription_parked"
    case .subscriptionMissing: "subscription_missing"
    case .incidentMissing: "incident_missing"
    case .notAffected: "not_affected"
    case .notSubscribedThen: "not_subscribed_then"
    case .otherCustomer: "other_customer"
    case .excluded: "excluded"
    case .countedUnder: "counted_under_other_incident"
    case .mildSeverity: "severity_earns_nothing"
    case .belowEveryTier: "below_every_tier"
    case .addsNothing: "adds_nothing"
    case .periodGoesOn: "period_goes_on"
    case .notClaimed: "not_claimed"
    case .noRulePays: "no_rule_pays"
    case .capped: "capped"
    case .belowMinimum: "below_minimum"
    case .roundedToZero: "rounded_to_zero"
    case .notEarned: "not_earned"
    case .amountOutOfRange: "amount_out_of_range"
    }
  }
}
