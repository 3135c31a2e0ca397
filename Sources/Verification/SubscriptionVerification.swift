import CreditLedger
import Documents
import FrozenEvidence
import ServiceCredits

/// Checks what the ledger holds about one subscription.
struct SubscriptionVerification {
  private let auditor: LedgerVerifier
  /// For each revision, the sum of its key up to and including it.
  private var totals: [Int128] = []
  /// The keys, with the positions of their revisions and lines.
  private var keys: [Key] = []
  /// What the runs added to the incident at hand, or took back.
  private var nets: [(runId: Int64, currency: Currency, minor: Int128)] = []

  private struct Key {
    let incident: ByteSlice
    let month: BillingMonth
    let currency: ByteSlice
    var revisions = 0..<0
    var lines = 0..<0

    init(_ revision: VerifiedSubscription.Revision) {
      (incident, month, currency) = (revision.incident, revision.month, revision.currency)
    }

    init(_ line: VerifiedSubscription.Line) {
      (incident, month, currency) = (line.incident, line.month, line.currency)
    }

    func isSame(as other: Key, _ arena: ByteArena) -> Bool {
      month == other.month && arena.equal(incident, other.incident)
        && arena.equal(currency, other.currency)
    }

    func isBefore(_ other: Key, _ arena: ByteArena) -> Bool {
      let incidents = compareBytes(arena[incident], arena[other.incident])
      if incidents != 0 { return incidents < 0 }
      if month != other.month { return month < other.month }
      return compareBytes(arena[currency], arena[other.currency]) < 0
    }
  }

  init(_ auditor: LedgerVerifier) {
    self.auditor = auditor
  }

  /// - Returns: how many revisions were recomputed from the evidence.
  mutating func run(_ subscription: borrowing VerifiedSubscription) throws -> Int64 {
    collectKeys(subscription)
    for key in keys { try audit(key, subscription) }
    addNets(subscription)
    var recomputed: Int64 = 0
    for runId in Set(subscription.revisions.map(\.runId)).sorted() where runId > auditor.since {
      if try recompute(subscription, runId: runId) {
        recomputed += Int64(subscription.revisions.count { $0.runId == runId })
      }
    }
    try auditCap(subscription)
    return recomputed
  }

  private mutating func collectKeys(_ subscription: borrowing VerifiedSubscription) {
    keys.removeAll(keepingCapacity: true)
    totals.removeAll(keepingCapacity: true)
    let arena = subscription.arena
    let (revisions, lines) = (subscription.revisions.count, subscription.lines.count)
    var (revision, line) = (0, 0)
    while revision < revisions || line < lines {
      var key: Key
      if revision < revisions {
        key = Key(subscription.revisions[revision])
        if line < lines {
          let other = Key(subscription.lines[line])
          if other.isBefore(key, arena) { key = other }
        }
      } else {
        key = Key(subscription.lines[line])
      }
      let (firstRevision, firstLine) = (revision, line)
      var total: Int128 = 0
      while revision < revisions, Key(subscription.revisions[revision]).isSame(as: key, arena) {
        total += Int128(subscription.revisions[revision].amountMinor)
        totals.append(total)
        revision += 1
      }
      while line < lines, Key(subscription.lines[line]).isSame(as: key, arena) { line += 1 }
      key.revisions = firstRevision..<revision
      key.lines = firstLine..<line
      keys.append(key)
    }
  }

  /// Adds what each run granted or took back, to check the limits of its policy. What an incident's
  /// credit lost in one month and got in another is neither.
  private mutating func addNets(_ subscription: borrowing VerifiedSubscription) {
    let arena = subscription.arena
    var incident = ByteSlice.empty
    for key in keys {
      if !arena.equal(key.incident, incident) {
        reportNets()
        incident = key.incident
      }
      guard let currency = Currency(code: arena[key.currency]) else { continue }
      for revision in subscription.revisions[key.revisions] {
        let minor = Int128(revision.amountMinor)
        if let known = nets.firstIndex(where: {
          $0.runId == revision.runId && $0.currency == currency
        }) {
          nets[known].minor += minor
        } else {
          nets.append((revision.runId, currency, minor))
        }
      }
    }
    reportNets()
  }

  private mutating func reportNets() {
    for net in nets { auditor.add(net: net.minor, net.currency, ofRun: net.runId) }
    nets.removeAll(keepingCapacity: true)
  }

  // MARK: A key by itself

  private func name(
    _ key: Key, _ subscription: borrowing VerifiedSubscription, number: Int32? = nil
  ) -> String {
    let arena = subscription.arena
    func text(_ slice: ByteSlice) -> String { FindingKey.Value.bytes(Array(arena[slice])).text }
    // Without a number, the text of `FindingKey.credit`.
    var parts = [
      text(subscription.customer), text(subscription.subscription), text(key.incident),
      key.month.text, text(key.currency),
    ]
    if let number { parts.append("\(number)") }
    return parts.joined(separator: " / ")
  }

  private func audit(_ key: Key, _ subscription: borrowing VerifiedSubscription) throws {
    if Currency(code: subscription.arena[key.currency]) == nil {
      try auditor.add(
        key.revisions.isEmpty ? "invoice_adjustment" : "credit", name(key, subscription),
        .unreadable(column: "currency"))
    }
    guard !key.revisions.isEmpty else {
      try auditor.add("invoice_adjustment", name(key, subscription), .lineWithoutCredit)
      return
    }
    var before: (runId: Int64, total: Int128)?
    for (index, position) in key.revisions.enumerated() {
      let revision = subscription.revisions[position]
      if revision.number != Int32(index + 1) {
        try auditor.add(
          "credit", name(key, subscription, number: revision.number),
          .sequence(
            column: "revision", found: Int64(revision.number), expected: Int64(index + 1)))
        // Every later revision would report the same gap again.
        break
      }
      try audit(revision, key, subscription, before: before)
      before = (revision.runId, totals[position])
    }
    try auditLines(key, subscription)
  }

  private func audit(
    _ revision: VerifiedSubscription.Revision, _ key: Key,
    _ subscription: borrowing VerifiedSubscription, before: (runId: Int64, total: Int128)?
  ) throws {
    // A function, because the name is needed only if something is wrong.
    func named() -> String { name(key, subscription, number: revision.number) }
    try auditor.checkRun(revision.runId, "credit", named())
    func wrong(_ column: String, _ found: String, _ expected: String) throws {
      try auditor.add("credit", named(), .value(column: column, found: found, expected: expected))
    }
    if !revision.hasDecision { try auditor.add("credit", named(), .decisionMissing) }
    if revision.amountMinor == 0 { try wrong("amount_minor", "0", "an amount other than 0") }
    let total = before?.total ?? 0
    if total + Int128(revision.amountMinor) < 0 {
      try wrong("amount_minor", "\(revision.amountMinor)", "\(-total) or more")
    }
    // A run appends at most one revision of a key.
    if let before, revision.runId <= before.runId {
      try wrong("run_id", "\(revision.runId)", "later than \(before.runId)")
    }
    if revision.service != nil {
      try auditor.checkVersion(subscription.arena[revision.policyVersion], named())
      if revision.severity == nil {
        try auditor.add("credit", named(), .unreadable(column: "severity"))
      }
      if revision.feeMicros == nil {
        try auditor.add("credit", named(), .unreadable(column: "monthly_fee"))
      }
    }
    // A revision counts the lines that its own and earlier runs wrote, and none of later runs.
    var through: Int32 = 0
    for line in subscription.lines[key.lines] {
      guard let runId = line.runId else { continue }
      if runId <= revision.runId { through = max(through, line.number) }
      if runId > revision.runId, line.number <= revision.linesThrough {
        try wrong("lines_through", "\(revision.linesThrough)", "\(line.number - 1) or less")
        return
      }
    }
    let last = subscription.lines[key.lines].last?.number ?? 0
    if revision.linesThrough < through || revision.linesThrough > last {
      try wrong(
        "lines_through", "\(revision.linesThrough)",
        through == last ? "\(last)" : "\(through) to \(last)")
    }
  }

  private func auditLines(_ key: Key, _ subscription: borrowing VerifiedSubscription) throws {
    let arena = subscription.arena
    var placed: Int128 = 0
    var invoices: [(id: ByteSlice, net: Int128)] = []
    for (index, position) in key.lines.enumerated() {
      let line = subscription.lines[position]
      func named() -> String { name(key, subscription, number: line.number) }
      if let runId = line.runId { try auditor.checkRun(runId, "invoice_adjustment", named()) }
      if line.number != Int32(index + 1) {
        try auditor.add(
          "invoice_adjustment", named(),
          .sequence(column: "line", found: Int64(line.number), expected: Int64(index + 1)))
        return
      }
      placed -= Int128(line.amountMinor)
      if let found = invoices.firstIndex(where: { arena.equal($0.id, line.invoice) }) {
        invoices[found].net += Int128(line.amountMinor)
      } else {
        invoices.append((line.invoice, Int128(line.amountMinor)))
      }
      if let invoice = invoices.first(where: { arena.equal($0.id, line.invoice) }), invoice.net > 0,
        !SetOffInvoice.isMeant(by: arena[invoice.id])
      {
        try auditor.add(
          "invoice_adjustment", named(),
          .givenBack(
            invoice: String(decoding: arena[line.invoice], as: UTF8.self),
            byMinor: Int64(clamping: invoice.net)))
      }
    }
    guard let last = key.revisions.last else { return }
    let entitled = totals[last]
    guard placed > entitled else { return }
    let credit = name(key, subscription)
    if !auditor.isReported(overcredited: credit, since: subscription.revisions[last].runId) {
      try auditor.add(
        "invoice_adjustment", credit,
        .overcredited(
          placedMinor: Int64(clamping: placed), entitledMinor: Int64(clamping: entitled)))
    }
  }

  // MARK: The cap

  /// Checks that the percents of a month add up to at most the cap.
  ///
  /// A revision is not written if only the percent changes and the amount does not, so a recorded
  /// percent can be too old. A month is therefore only reported if its amount is too large as well.
  private func auditCap(_ subscription: borrowing VerifiedSubscription) throws {
    struct Month {
      var percent: Int64 = 0
      var cap: Int32 = 0
      var amountMinor: Int128 = 0
      var largest: Int128 = 0
      var keys: Int128 = 0
    }
    guard keys.count > 1 else { return }
    var months: [BillingMonth: Month] = [:]
    for key in keys {
      guard let last = key.revisions.last, totals[last] > 0,
        let currency = Currency(code: subscription.arena[key.currency])
      else { continue }
      let revision = subscription.revisions[last]
      guard let version = auditor.version(subscription.arena[revision.policyVersion]),
        let fee = revision.feeMicros
      else { continue }
      let plan = String(decoding: subscription.arena[revision.plan], as: UTF8.self)
      var month = months[key.month] ?? Month()
      // Caps of rules are on exact amounts, and are part of the replay.
      guard revision.clause == nil else { continue }
      month.percent += Int64(revision.percent?.value ?? 0)
      month.cap = max(month.cap, version.terms(forPlan: plan).cap.value)
      month.amountMinor += totals[last]
      month.largest = max(
        month.largest, Int128(fee) * Int128(currency.minorUnitsPerMajor) / 1_000_000 + 1)
      month.keys += 1
      months[key.month] = month
    }
    for (month, found) in months.sorted(by: { $0.key < $1.key })
    where found.percent > Int64(found.cap) {
      let most = found.largest * Int128(found.cap) / 10_000 + found.keys + 1
      guard found.amountMinor > most else { continue }
      let name = [subscription.customer, subscription.subscription]
        .map { String(decoding: subscription.arena[$0], as: UTF8.self) }.joined(separator: " / ")
      try auditor.add(
        "credit", name,
        .capExceeded(
          month: month, percent: BasisPoints(Int32(clamping: found.percent)),
          cap: BasisPoints(found.cap)))
    }
  }

  // MARK: Working it out again

  /// Replays what a run decided for the subscription, and compares.
  /// - Returns: whether the evidence was complete.
  private func recompute(
    _ subscription: borrowing VerifiedSubscription, runId: Int64
  ) throws -> Bool {
    guard let run = auditor.run(runId), let night = try auditor.night(of: run),
      let replayed = try replay(subscription, run: run, night)
    else {
      try checkArithmetic(subscription, runId: runId)
      return false
    }
    var comparison = RevisionComparison(night: night, subscription: replayed.subscription)
    var isComplete = true
    for key in keys {
      // A second one has been reported.
      guard let position = key.revisions.last(where: { subscription.revisions[$0].runId == runId })
      else { continue }
      let isKnown = comparison.compare(
        subscription.revisions[position], subscription.arena, totalMinor: totals[position])
      isComplete = isComplete && isKnown
      guard !comparison.differences.isEmpty else { continue }
      let name = name(key, subscription, number: subscription.revisions[position].number)
      for difference in comparison.differences { try auditor.add("credit", name, difference) }
      comparison.differences = []
    }
    if !isComplete { try checkArithmetic(subscription, runId: runId) }
    return isComplete
  }

  /// The subscription as a run saw it.
  private struct Replayed {
    /// `nil` if no revision of the run recorded the terms.
    var subscription: EvidenceReplay.Subscription?
  }

  /// - Returns: `nil` if the evidence is missing or unreadable. That has then been reported.
  private func replay(
    _ subscription: borrowing VerifiedSubscription, run: VerifiedRun, _ night: EvidenceReplay
  ) throws -> Replayed? {
    let arena = subscription.arena
    let rows = subscription.revisions.filter { $0.runId == run.runId }
    guard let first = rows.first else { return nil }
    func name(_ row: VerifiedSubscription.Revision) -> String {
      self.name(Key(row), subscription, number: row.number)
    }
    var customer: CustomerEvidence?
    if let digest = first.customerEvidence {
      customer = try auditor.customerEvidence(Array(arena[digest]), key: name(first))
      guard customer != nil else { return nil }
    }
    let told = rows.first { $0.terms != nil }
    let terms = EvidenceReplay.RecordedTerms(
      subscription: Array(arena[subscription.subscription]),
      terms: told.flatMap { $0.terms.map { Array(arena[$0]) } },
      basis: rows.lazy.compactMap { basis($0, arena) }.first)
    do throws(EvidenceError) {
      return Replayed(
        subscription: try night.subscription(
          terms, customer: customer,
          heldShares: night.heldShares(recorded(subscription, before: run.runId))))
    } catch {
      try auditor.add("credit", name(told ?? first), .evidenceUnreadable("\(error)"))
      return nil
    }
  }

  private func basis(
    _ row: VerifiedSubscription.Revision, _ arena: ByteArena
  ) -> EvidenceReplay.RecordedTerms.Basis? {
    guard let service = row.service, let micros = row.feeMicros, micros >= 0,
      let currency = Currency(code: arena[row.currency])
    else { return nil }
    return EvidenceReplay.RecordedTerms.Basis(
      service: Array(arena[service]), plan: Array(arena[row.plan]),
      fee: MonthlyFee(micros: micros, currency: currency), zone: Array(arena[row.zone]),
      policyVersion: Array(arena[row.policyVersion]))
  }

  /// The newest revision of each key before a run.
  private func recorded(
    _ subscription: borrowing VerifiedSubscription, before runId: Int64
  ) -> [(incident: [UInt8], share: HeldShare)] {
    var recorded: [(incident: [UInt8], share: HeldShare)] = []
    for key in keys {
      guard let newest = key.revisions.last(where: { subscription.revisions[$0].runId < runId })
      else { continue }
      let revision = subscription.revisions[newest]
      let (month, quarter) = (revision.monthMinor ?? 0, revision.quarterMinor ?? 0)
      let total = Int64(clamping: totals[newest])
      recorded.append(
        (
          Array(subscription.arena[key.incident]),
          HeldShare(
            month: key.month, share: revision.percent ?? .zero, first: revision.startedAt,
            parts: CreditParts(
              outageMinor: max(0, total - month - quarter), monthMinor: month,
              quarterMinor: quarter))
        ))
    }
    return recorded
  }

  /// Checks only fee, percent and amount, for a decision that cannot be replayed.
  private func checkArithmetic(
    _ subscription: borrowing VerifiedSubscription, runId: Int64
  ) throws {
    for key in keys {
      guard let last = key.revisions.last(where: { subscription.revisions[$0].runId == runId })
      else { continue }
      let revision = subscription.revisions[last]
      // A decision that is missing has been reported.
      guard revision.hasDecision else { continue }
      var expected: Int64 = 0
      // What a rule measured cannot be checked without the evidence.
      guard revision.clause == nil, let percent = revision.percent else { continue }
      if percent > .zero {
        guard let version = auditor.version(subscription.arena[revision.policyVersion]),
          let currency = Currency(code: subscription.arena[key.currency]),
          let micros = revision.feeMicros, micros >= 0,
          let amount = try? MonthlyFee(micros: micros, currency: currency).portion(
            percent, rounding: version.rounding)
        else { continue }
        expected = amount.amountMinor
      }
      guard totals[last] != Int128(expected) else { continue }
      try auditor.add(
        "credit", name(key, subscription, number: revision.number),
        .value(
          column: "amount_minor", found: "\(revision.amountMinor)",
          expected: "\(Int128(revision.amountMinor) + Int128(expected) - totals[last])"))
    }
  }
}
