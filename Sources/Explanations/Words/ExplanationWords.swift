package import CreditLedger
import PlainText
import ServiceCredits

/// Writes the sentences of an explanation. `clock` writes the times.
package struct ExplanationWords {
  let clock: LocalClock

  package init(clock: LocalClock) { self.clock = clock }

  /// A part of a story: its heading and its sentences.
  package struct Block: Sendable {
    package let heading: String
    package let lines: [String]
  }

  // MARK: Words for values

  /// `3:59:12`, with decimals if there are any.
  package static func hours(_ microseconds: Int64) -> String {
    let seconds = microseconds / 1_000_000
    var text = "\(seconds / 3600):\(twoDigits(seconds / 60 % 60)):\(twoDigits(seconds % 60))"
    let rest = microseconds % 1_000_000
    if rest > 0 {
      var digits = String(1_000_000 + rest).dropFirst()
      while digits.last == "0" { digits.removeLast() }
      text += "." + digits
    }
    return text
  }

  /// In days if the length is a whole number of days and at least two.
  private static func days(_ microseconds: Int64) -> String {
    let (days, rest) = microseconds.quotientAndRemainder(dividingBy: 86_400_000_000)
    return days >= 2 && rest == 0 ? "\(days) days" : DurationText.words(microseconds)
  }

  private static func twoDigits(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }

  /// The fee times the percent without rounding, in major units: `8.3333333`.
  static func exactProduct(_ fee: MonthlyFee, _ percent: BasisPoints) -> String {
    // Micros times basis points has ten decimals.
    let (whole, rest) = (Int128(fee.micros) * Int128(percent.value)).quotientAndRemainder(
      dividingBy: 10_000_000_000)
    var decimals = String(10_000_000_000 + rest).dropFirst()
    while decimals.count > Int(fee.currency.exponent), decimals.last == "0" {
      decimals.removeLast()
    }
    return decimals.isEmpty ? "\(whole)" : "\(whole).\(decimals)"
  }

  static func rounding(_ rule: RoundingRule) -> String {
    switch rule {
    case .halfUp: "half up"
    case .halfEven: "half to even"
    case .up: "up"
    case .down: "down"
    }
  }

  static func kind(_ kind: String) -> String {
    String(kind.map { $0 == "_" ? " " : $0 })
  }

  func time(_ instant: Instant) -> String { clock.text(instant) }

  /// The start, the end and the length.
  func span(_ interval: Interval) -> String {
    "\(time(interval.start)) to \(clock.end(interval.end, after: interval.start)) "
      + "(\(ExplanationWords.hours(interval.microseconds)))"
  }

  // MARK: The answer

  /// The answer in one or two sentences.
  package func answer(_ story: IncidentExplanation) -> String {
    answer(story.answer, hasLedger: !story.ledger.isEmpty)
  }

  func answer(_ answer: IncidentExplanation.Answer, hasLedger: Bool) -> String {
    switch answer {
    case .credited(let money, let month):
      let isRecorded = hasLedger
      return isRecorded
        ? "\(money.text) credited for \(month.words)."
        : "\(money.text) are due for \(month.words); no run has recorded them yet."
    case .notCredited(let reason):
      return (hasLedger ? "Nothing is credited any more: " : "Nothing is credited: ")
        + because(reason)
    }
  }

  func because(_ reason: IncidentExplanation.Answer.Reason) -> String {
    switch reason {
    case .open:
      return "the incident is not resolved yet. Credits are worked out once it is."
    case .noOutageScope:
      return "the incident is resolved, but no outage window says who was affected. "
        + "It is held until its windows are added."
    case .void: return "the incident was declared void."
    case .parked(let findings):
      return "the incident is parked until its data is corrected."
        + findings.map { " \($0.problem)" }.joined()
    case .subscriptionParked(let findings):
      return "the subscription is parked until its data is corrected."
        + findings.map { " \($0.problem)" }.joined()
    case .subscriptionMissing: return "the source no longer has the subscription."
    case .incidentMissing: return "the source no longer has the incident."
    case .notAffected: return "none of the incident's windows is for this subscription."
    case .notSubscribedThen: return "there was no subscription while the outage lasted."
    case .otherCustomer:
      return "the subscription was another customer's when its time began to count."
    case .excluded(let kinds):
      return "all of the outage falls into excluded time (\(Listed.and(kinds)))."
    case .countedUnder(let incidents):
      return "its time is counted under \(Listed.and(incidents))."
    case .mildSeverity(let severity): return "\(severity.code) earns no credit."
    case .belowEveryTier(let nearest, let counted):
      guard let nearest else { return "the promise has no tier for it." }
      return "\(ExplanationWords.hours(counted)) counted, "
        + shortfall(counted, of: nearest) + " at \(nearest.severity.code)."
    case .addsNothing(let month):
      return "what \(month.words) owes was reached before this incident."
    case .periodGoesOn(let month):
      return "\(month.words) is not over. What is measured over it is granted then."
    case .notClaimed(let last, let isOver):
      return isOver
        ? "it was not claimed by \(clock.day(last)), the last day for it."
        : "it is not claimed. It can be claimed until the end of \(clock.day(last))."
    case .noRulePays(let counted):
      return "\(ExplanationWords.hours(counted)) counted, for which no rule pays."
    case .capped(let cap):
      return "the cap of \(cap.words) a month was used up before."
    case .belowMinimum(let exact, let minimum):
      return "\(exact) \(minimum.currency.code) is below the smallest credit, \(minimum.text)."
    case .roundedToZero(let exact): return "\(exact) rounds to zero."
    case .notEarned: return "it was no longer earned."
    case .amountOutOfRange: return "the amount is too large to be recorded. The fee must be wrong."
    }
  }

  /// `48 seconds short of 4 hours`.
  func shortfall(_ counted: Int64, of tier: CreditTier) -> String {
    let threshold = DurationText.words(tier.longerThanMicroseconds)
    let missing = tier.longerThanMicroseconds - counted
    if missing == 0 { return "exactly \(threshold) and not longer" }
    return "\(DurationText.words(missing)) short of \(threshold)"
  }

  // MARK: The story

  package func blocks(_ story: IncidentExplanation) -> [Block] {
    var blocks: [Block] = []
    func add(_ heading: String, _ lines: [String]) {
      if !lines.isEmpty { blocks.append(Block(heading: heading, lines: lines)) }
    }
    add("What happened", happened(story))
    if let decision = story.account?.decision {
      add("What was promised", promised(decision))
      if let rule = decision.rule {
        add(rule.rows[rule.own].periodMicroseconds == nil ? "The outage" : "The period", told(rule))
      }
      let isEarned = decision.rule == nil && decision.beforeCap ?? .zero > .zero
      add(isEarned ? "The amount" : "Plan and fee", amount(decision))
    }
    let credits = byCurrency(story.ledger)
    add("On record", credits.flatMap(recorded))
    add("On which invoice", credits.flatMap(invoices))
    add("Today", today(story))
    return blocks
  }

  private func happened(_ story: IncidentExplanation) -> [String] {
    guard let account = story.account else {
      return story.windows.map(window) + rootCause(story)
    }
    var lines = account.windows.map(window)
    for interval in account.outsideTerms {
      lines.append("Not counted: \(span(interval)): there was no subscription then.")
    }
    for interval in account.otherCustomers {
      lines.append("The subscription was another customer's: \(span(interval)).")
    }
    lines += account.excluded.map(excluded)
    for share in account.shares {
      switch share.owner {
      case .incident(let owner):
        let title = owner.title.isEmpty ? "" : " (\(owner.title))"
        lines.append(
          "Counted under \(owner.id)\(title) instead: \(span(share.interval)). "
            + "Time that several incidents cover counts once.")
      case .otherCustomer:
        lines.append(
          "Not counted: \(span(share.interval)): "
            + "it belongs to the time when the subscription was another customer's.")
      case .itself where !share.isCreditable:
        lines.append(
          "Not counted: \(span(share.interval)) at \(share.severity.code), which earns no credit.")
      case .itself: break
      }
    }
    let counted = account.shares.filter(\.isCounted)
    if !counted.isEmpty {
      for share in counted {
        lines.append("Counted at \(share.severity.code): \(span(share.interval)).")
      }
      let total = counted.reduce(0) { $0 + $1.interval.microseconds }
      if counted.count > 1 { lines.append("Counted in all: \(ExplanationWords.hours(total)).") }
    }
    return lines + rootCause(story)
  }

  private func rootCause(_ story: IncidentExplanation) -> [String] {
    guard let rootCause = story.incident.rootCause, !rootCause.isEmpty else { return [] }
    return ["Root cause: \(rootCause)"]
  }

  func window(_ window: IncidentExplanation.Window) -> String {
    self.window(window, whom: window.isOwn ? "this customer alone" : nil)
  }

  /// - Parameter whom: the customer that the window is for; `nil` if it is for all.
  func window(_ window: IncidentExplanation.Window, whom: String?) -> String {
    var text = "\(window.severity.isEmpty ? "No severity" : window.severity) "
    text += "from \(window.start.map(time) ?? "an unknown time") "
    if let end = window.end {
      text += "to \(window.start.map { clock.end(end, after: $0) } ?? time(end))"
    } else {
      text += "on, with no end yet"
    }
    if let start = window.start, let end = window.end, start <= end, end != .distantFuture,
      start != .distantPast
    {
      text += " (\(ExplanationWords.hours(end.since(start))))"
    }
    text += ", \(window.serviceName ?? "all services")"
    if let whom { text += ", \(whom)" }
    return text + "."
  }

  private func excluded(_ part: IncidentExplanation.Excluded) -> String {
    let name = "\(ExplanationWords.kind(part.kind.rawValue)) \(part.id)"
    let notice =
      switch part.noticeMicroseconds {
      case nil: "not announced"
      case .some(let notice) where notice < 0: "announced after it had begun"
      case .some(let notice): "announced \(ExplanationWords.days(notice)) before it began"
      }
    if part.isHonoured {
      let announced = part.neededNoticeMicroseconds == nil ? "" : ", \(notice)"
      return "Not counted: \(span(part.interval)): \(name)\(announced)."
    }
    let why: String
    if part.policyExcludesKind, let needed = part.neededNoticeMicroseconds {
      why = "it was \(notice), and the policy asks for \(ExplanationWords.days(needed))"
    } else {
      why = "the policy does not exclude this kind"
    }
    return "Counted all the same: \(span(part.interval)): \(name), because \(why)."
  }

  private func amount(_ decision: IncidentExplanation.Decision) -> [String] {
    var lines = [
      "Everything else is decided at the first counted instant, \(time(decision.first)): "
        + "\(decision.month.words) in \(decision.timeZone).",
      "Then in force: plan \(decision.plan) of \(decision.serviceName) at "
        + "\(decision.fee.text) a month" + term(decision) + ".",
    ]
    guard decision.rule == nil, decision.beforeCap ?? .zero > .zero else { return lines }
    lines += cap(decision)
    guard let granted = decision.granted, granted > .zero else { return lines }
    let product =
      "\(granted.words) of \(decision.fee.text) is "
      + "\(decision.exactText) \(decision.fee.currency.code)"
    guard let rounded = decision.rounded else { return lines + ["\(product), which is too large."] }
    let isExact = "\(decision.exactText) \(decision.fee.currency.code)" == rounded.text
    lines.append(
      isExact
        ? "\(product)."
        : "\(product), rounded \(ExplanationWords.rounding(decision.rounding)) to \(rounded.text).")
    if let minimum = decision.minimumMinor, rounded.amountMinor < minimum {
      let money = Money(amountMinor: minimum, currency: rounded.currency)
      lines.append("That is below the policy's smallest credit, \(money.text).")
    }
    return lines
  }

  private func term(_ decision: IncidentExplanation.Decision) -> String {
    switch (decision.termStart, decision.termEnd) {
    case (nil, nil): ""
    case (let start?, nil): " (the subscription's term from \(time(start)))"
    case (nil, let end?): " (the subscription's term until \(time(end)))"
    case (let start?, let end?): " (the subscription's term from \(time(start)) to \(time(end)))"
    }
  }

  func cap(_ decision: IncidentExplanation.Decision) -> [String] {
    let used = decision.capUses.map { use in
      let name =
        switch use.by {
        case .incident(let id): id
        case .heldIncidents: "held incidents"
        case .otherCustomer: "the time when the subscription was another customer's"
        }
      return name + (use.percent.map { " (\($0.words))" } ?? "")
    }
    let cap = decision.cap.words
    if decision.isUnclaimed, let beforeCap = decision.beforeCap {
      return ["The \(beforeCap.words) are granted only where they are claimed in time."]
    }
    if let granted = decision.granted, let beforeCap = decision.beforeCap, granted < beforeCap {
      let earlier = used.isEmpty ? "" : " after \(Listed.and(used))"
      return [
        "The cap of \(cap) a month leaves \(granted.words) of the "
          + "\(beforeCap.words)\(earlier)."
      ]
    }
    guard !used.isEmpty else { return [] }
    return [
      "Within the cap of \(cap) a month, of which \(Listed.and(used)) came before."
    ]
  }

  // MARK: The ledger

  /// The keys of each currency. A credit that has moved to another month has several.
  private func byCurrency(
    _ ledger: [IncidentExplanation.LedgerKey]
  ) -> [[IncidentExplanation.LedgerKey]] {
    var credits: [[IncidentExplanation.LedgerKey]] = []
    for key in ledger {
      if credits.last?.last?.total.currency == key.total.currency {
        credits[credits.count - 1].append(key)
      } else {
        credits.append([key])
      }
    }
    return credits
  }

  /// The revisions of one credit in all its months, in the order of their runs.
  /// - Parameter keys: of one currency.
  func recorded(_ keys: [IncidentExplanation.LedgerKey]) -> [String] {
    // A run that moves a credit takes it back in one month before it grants it in the other.
    let revisions = keys.flatMap(\.revisions).sorted { left, right in
      left.runId != right.runId
        ? left.runId < right.runId : left.amount.amountMinor < 0 && right.amount.amountMinor > 0
    }
    let lines = revisions.map { line($0, namesMonth: keys.count > 1) }
    guard lines.count > 1 else { return lines }
    let total = Money(
      amountMinor: keys.reduce(0) { $0 + $1.total.amountMinor }, currency: keys[0].total.currency)
    return lines + ["In all: \(total.text)."]
  }

  /// - Parameter namesMonth: whether to say the month where it is not the grant's.
  private func line(
    _ revision: IncidentExplanation.LedgerRevision, namesMonth: Bool
  ) -> String {
    let amount = Money(
      amountMinor: abs(revision.amount.amountMinor), currency: revision.amount.currency
    ).text
    let month = namesMonth ? " for \(revision.month.words)" : ""
    var text = "\(time(revision.asOf)), run \(revision.runId): "
    switch revision.kind {
    case .grant: text += "\(amount) granted for \(revision.month.words)"
    case .increase: text += "increased by \(amount)\(month)"
    case .decrease:
      text += "decreased by \(amount)\(month)"
      if let reason = revision.reason { text += " (\(ExplanationWords.reason(reason)))" }
    }
    // The reason already says that the incident is void.
    let changes = revision.changes.filter { change in
      if case .treatment(_, _, .void) = change {
        revision.reason != DecreaseReason.void.rawValue
      } else {
        true
      }
    }.map(change)
    if !changes.isEmpty { text += ", because " + Listed.and(changes) }
    return text + "."
  }

  static func reason(_ reason: String) -> String {
    switch DecreaseReason(rawValue: reason) {
    case .void: "the incident was declared void"
    case .notEarned: "no longer earned"
    case .smaller: "the credit became smaller"
    case .moved: "moved to another billing month"
    case nil: reason
    }
  }

  /// Where the credits of one currency are, and then where they were.
  private func invoices(_ keys: [IncidentExplanation.LedgerKey]) -> [String] {
    var lines = keys.flatMap(placed)
    for key in keys {
      let successor = successor(of: key, among: keys)
      lines += key.formerInvoices.map { former($0, of: key, movedTo: successor) }
    }
    return lines
  }

  /// The key of the month that a credit has moved to; `nil` if it has not moved.
  private func successor(
    of key: IncidentExplanation.LedgerKey, among keys: [IncidentExplanation.LedgerKey]
  ) -> IncidentExplanation.LedgerKey? {
    guard let last = key.revisions.last, last.reason == DecreaseReason.moved.rawValue else {
      return nil
    }
    return keys.first { other in
      other.revisions.contains { $0.runId == last.runId && $0.amount.amountMinor > 0 }
    }
  }

  private func placed(_ key: IncidentExplanation.LedgerKey) -> [String] {
    let currency = key.total.currency
    func money(_ minor: Int64) -> String { Money(amountMinor: minor, currency: currency).text }
    var lines = key.invoices.map { part in
      if SetOffInvoice.isMeant(by: part.invoiceId.utf8) {
        return part.amountMinor < 0
          ? "\(money(-part.amountMinor)) of what finalized invoices carry is set off against other credits of the customer."
          : "\(money(part.amountMinor)) is set off against what finalized invoices carry too much for other credits."
      }
      return "\(money(part.amountMinor)) on \(part.words)."
    }
    if key.openMinor > 0 {
      let why: String
      if key.drafts == nil {
        why = "it goes on the next draft invoice in \(currency.code) that has room"
      } else if let drafts = key.drafts, !drafts.isEmpty {
        let names = Listed.and(drafts.map(\.invoiceId))
        why =
          "draft invoice \(names) had no room left when the last run placed credits, or was not there yet"
      } else {
        why =
          "the customer has no draft invoice in \(currency.code); it goes on the next one that a run finds"
      }
      lines.append("\(money(key.openMinor)) on no invoice yet: \(why).")
    } else if key.openMinor < 0 {
      lines.append(
        "\(money(-key.openMinor)) more on finalized invoices than is due; it is not clawed back.")
    }
    return lines
  }

  /// Says that credits were on an invoice and were given back: when, by whom, and where they are
  /// now.
  /// - Parameter successor: the key of the month that the credit has moved to; `nil` if it has not
  ///   moved.
  private func former(
    _ former: IncidentExplanation.FormerInvoice, of key: IncidentExplanation.LedgerKey,
    movedTo successor: IncidentExplanation.LedgerKey?
  ) -> String {
    let part = former.part
    if SetOffInvoice.isMeant(by: part.invoiceId.utf8) { return setOffOver(former, of: key) }
    let amount = Money(amountMinor: part.amountMinor, currency: key.total.currency).text
    var text = "\(amount) stood on \(part.words)"
    let isMoved = former.givenBack?.runId == key.revisions.last?.runId
    if let successor, let by = former.givenBack, isMoved, stays(part, as: successor) {
      return text + " for \(key.month.words), and since \(time(by.asOf)), run \(by.runId), "
        + "for \(successor.month.words)."
    }
    text += " and was given back"
    if let by = former.givenBack {
      text += " at \(time(by.asOf)), run \(by.runId)"
    } else {
      text += " by the invoicing system"
    }
    if part.status == "void" {
      text += ", because the invoice is void"
    } else if key.total.amountMinor < part.amountMinor, successor == nil || !isMoved {
      text += ", because the credit became smaller"
    }
    if let successor { return text + ". The credit moved to \(successor.month.words)." }
    if key.total.amountMinor == 0 { return text + ". Nothing is credited any more." }
    var places = key.invoices.filter { !SetOffInvoice.isMeant(by: $0.invoiceId.utf8) }
      .map { "on \($0.place)" }
    if places.count < key.invoices.count { places.append("set off") }
    if key.openMinor > 0 { places.append("on no invoice yet") }
    return text + ". The credit is now \(Listed.and(places))."
  }

  /// Whether all of it is on the same invoice for another month.
  private func stays(
    _ part: IncidentExplanation.InvoicePart, as successor: IncidentExplanation.LedgerKey
  ) -> Bool {
    successor.invoices.contains {
      $0.invoiceId.utf8.elementsEqual(part.invoiceId.utf8) && part.amountMinor <= $0.amountMinor
    }
  }
}
