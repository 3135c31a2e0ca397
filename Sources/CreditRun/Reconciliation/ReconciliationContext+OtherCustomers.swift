import CreditLedger
import FrozenEvidence
import Postgres
import RedressSQL
import ServiceCredits

/// Subscriptions that have been transferred between customers.
extension ReconciliationContext {
  // MARK: Subscriptions with other customers

  /// Where a recorded subscription is that has no terms under its recorded customer.
  enum Transfer {
    case nowhere
    /// Under the recorded customer, with terms that ended before anything at hand and were not read.
    case ended
    /// Under another customer, and every row that decides on it is good.
    case sound
    /// Under another customer, with a row that parks the subscription or that customer.
    case parked
  }

  mutating func transfer(
    _ records: borrowing CustomerRecords, _ subscription: UnsafeRawBufferPointer
  ) throws -> Transfer {
    if transfers == nil { try readTransfers() }
    let pair = ReconciliationContext.pair(records.arena[records.id], subscription)
    if pair.withUnsafeBytes({ endedSubscriptions.find($0) }) != nil { return .ended }
    guard pair.withUnsafeBytes({ transfers!.find($0) }) != nil else { return .nowhere }
    return parkedTransfers.find(subscription) == nil ? .sound : .parked
  }

  mutating func readTransfers() throws {
    let found = ByteTable()
    var ids: [String] = []
    let ended = endedSubscriptions
    let customer: Parameter = if case .one(let customer) = scope { .text(customer) } else { .null }
    try connection.preferringIndexes {
      try connection.query(
        RedressSQL.Query.transfers.text,
        [
          .timestamptz(earliest.microseconds), .date(earliestMonth.daysSinceUnixEpoch), customer,
        ] + scope.bounds.map { .text($0) }
      ) { row in
        let pair = ReconciliationContext.pair(row.bytes(0), row.bytes(1))
        guard try !row.bool(2) else {
          _ = pair.withUnsafeBytes { ended.insert($0) }
          return
        }
        _ = pair.withUnsafeBytes { found.insert($0) }
        ids.append(String(decoding: row.bytes(1), as: UTF8.self))
      }
    }
    transfers = found
    guard !ids.isEmpty else { return }
    var terms: [(subscription: [UInt8], term: TransferredSubscriptions.Term)] = []
    try TransferredSubscriptions.readTerms(
      of: ids, since: earliest, connection, catalogue.references
    ) {
      terms.append(($0, $1))
    }
    var ends: (subscription: [UInt8], at: Instant) = ([], .distantPast)
    for (subscription, term) in terms {
      if subscription != ends.subscription { ends = (subscription, .distantPast) }
      if let sound = term.sound { movedTerms[subscription, default: []].append(sound) }
      let hasZone = try term.zone.map { try $0.withUnsafeBytes { try zoneNumber($0) } != nil }
      if hasZone ?? true, let lasts = term.sound?.interval, lasts.isEmpty || lasts.start >= ends.at
      {
        ends.at = max(ends.at, lasts.end)
      } else {
        _ = subscription.withUnsafeBytes { parkedTransfers.insert($0) }
      }
    }
  }

  /// No text of PostgreSQL holds a zero byte, so that one keeps the two apart.
  static func pair(
    _ customer: UnsafeRawBufferPointer, _ subscription: UnsafeRawBufferPointer
  ) -> [UInt8] {
    Array(customer) + [0] + Array(subscription)
  }

  /// Adds what a subscription has under other customers; does nothing for nearly all of them.
  /// - Parameter rows: of the terms of `input`; `nil` is inserted for each that is added.
  /// - Returns: whether the subscription as a whole is sound.
  mutating func addOtherCustomers(
    of subscription: UnsafeRawBufferPointer, besides customer: UnsafeRawBufferPointer,
    to input: inout SubscriptionInput, rows: inout [Int32?], report: (Finding) throws -> Void
  ) throws -> Bool {
    guard let whole = transferred.find(subscription) else { return true }
    for term in whole.terms {
      guard let sound = term.sound else { return false }
      guard !term.customer.elementsEqual(customer),
        let other = term.customer.withUnsafeBytes({ transferred.customers.find($0) })
      else { continue }
      let zone = try term.zone.flatMap { try $0.withUnsafeBytes { try zoneNumber($0) } }
      // The other customer is parked, and with it everything that depends on it.
      if term.zone != nil, zone == nil { return false }
      if sound.interval.isEmpty { continue }
      let plan = term.plan.withUnsafeBytes { planNumber($0) }
      // The other customer's pass reports it.
      if plan == nil, term.plan.withUnsafeBytes({ planMeant(by: $0) }) != nil { return false }
      let joined = SubscriptionTerm(
        interval: sound.interval, customer: .other(other), service: sound.service, plan: plan,
        zone: zone, fee: sound.fee)
      let position =
        input.terms.firstIndex { $0.interval.start > joined.interval.start } ?? input.terms.count
      input.terms.insert(joined, at: position)
      rows.insert(nil, at: position)
    }
    guard try !reportOverlap(subscription, input.terms, report: report) else { return false }
    // The customer's own windows and exclusions are there already.
    let own = transferred.customers.find(customer).map { Owner.other($0) }
    input.outages += transferred.outages.filter {
      $0.scope.customer != own && isAtHand($0.incident)
    }
    input.exclusions += transferred.exclusions.filter { $0.scope.customer != own }
    for share in whole.shares
    where !share.customer.elementsEqual(customer) && isHeld(share.incident) {
      input.heldShares.append(share.share)
    }
    return true
  }

  /// Reports the first two terms, ascending by start, of which one begins before the other ends.
  /// - Returns: whether there are two.
  private func reportOverlap(
    _ subscription: UnsafeRawBufferPointer, _ terms: [SubscriptionTerm],
    report: (Finding) throws -> Void
  ) throws -> Bool {
    for (earlier, later) in zip(terms, terms.dropFirst())
    where later.interval.start < earlier.interval.end {
      try report(
        Finding(
          .term(Array(subscription), from: later.interval.start),
          later.interval.start == earlier.interval.start
            ? .duplicateRow : .overlappingCustomers(earlier: earlier.interval.start)))
      return true
    }
    return false
  }

  /// What a subscription has under other customers than the one at hand.
  func termsOfOtherCustomers(
    _ subscription: UnsafeRawBufferPointer, of records: borrowing CustomerRecords
  ) -> [TransferredSubscriptions.Term] {
    guard let whole = transferred.find(subscription) else { return [] }
    return whole.terms.filter { !$0.customer.elementsEqual(records.arena[records.id]) }
  }

  /// What decided on those of a customer's subscriptions that have revisions and belongs to other customers; `nil` where
  /// it is nothing, as nearly always.
  func evidenceOfOtherCustomers(
    _ pass: borrowing CustomerReconciliation, _ records: borrowing CustomerRecords
  ) -> CustomerEvidence.OtherCustomers? {
    guard !transferred.subscriptions.isEmpty else { return nil }
    let own = Array(records.arena[records.id])
    var evidence = CustomerEvidence.OtherCustomers()
    var customers: Set<[UInt8]> = []
    var last: [UInt8]?
    for key in pass.keys where key.revision != nil {
      let id = Array(records.arena[key.subscription])
      guard id != last, let whole = transferred.find(records.arena[key.subscription]) else {
        continue
      }
      last = id
      for term in whole.terms where term.customer != own { customers.insert(term.customer) }
      for share in whole.shares where share.customer != own && isHeld(share.incident) {
        evidence.shares.append(.init(subscription: id, share: share.share))
      }
    }
    guard last != nil else { return nil }
    func name(_ customer: Owner?) -> [UInt8]? {
      guard case .other(let number) = customer else { return nil }
      let id = Array(transferred.customers[Int(number)])
      return customers.contains(id) ? id : nil
    }
    for outage in transferred.outages where isAtHand(outage.incident) {
      if let customer = name(outage.scope.customer) {
        evidence.outages.append((customer, CustomerEvidence.Outage(outage, catalogue)))
      }
    }
    for exclusion in transferred.exclusions where exclusion.interval.overlaps(reach) {
      if let customer = name(exclusion.scope.customer) {
        evidence.exclusions.append(
          (customer, EvidenceExclusion.Time(exclusion, catalogue.services)))
      }
    }
    return evidence
  }

  /// Whether a row of the ledger tells a customer's own zone from that of a policy version: where versions have several,
  /// one that is the customer's own as well looks like either.
  var isZoneAmbiguous: Bool { Set(versionZones).count > 1 }

  func isHeld(_ incident: [UInt8]) -> Bool {
    guard let number = catalogue.incidentNumbers.find(incident) else {
      return true
    }
    if case .held = catalogue.incidents[number.index].treatment { return true }
    return false
  }
}
