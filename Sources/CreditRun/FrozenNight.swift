import CreditLedger
import CreditReports
import ServiceCredits

/// A night put together again from its frozen evidence, so that what it decided can be worked out once more.
final class FrozenNight {
  enum Treatment {
    case counted, void, held
  }

  let versions: [PolicyVersion]
  private let versionNames = ByteTable()
  private let services = ByteTable()
  private let incidents = ByteTable()
  private var treatments: [Treatment] = []
  private let plans: ByteTable
  private let zones = ByteTable()
  private var calculator: CreditCalculator
  /// Before this, no month table knows the month.
  private let earliest: Instant

  /// - Parameters:
  ///   - document: what all customers of the run share.
  ///   - known: the frozen policy versions that are what they were.
  /// - Returns: `nil` where the document, or a version that it names, is not what a run writes.
  init?(document: JSONValue, known: [[UInt8]: PolicyVersion]) {
    guard let listedServices = document["services"]?.array,
      let listedIncidents = document["incidents"]?.array,
      let listedExclusions = document["exclusions"]?.array,
      let listedMonths = document["months"]?.array
    else { return nil }
    for service in listedServices {
      guard let id = service["service_id"]?.string else { return nil }
      _ = services.number(id)
    }

    var versions: [PolicyVersion] = []
    var counted: [Incident] = []
    var outages: [Outage] = []
    for listed in listedIncidents {
      guard let id = listed["incident_id"]?.string, let name = listed["treatment"]?.string,
        let windows = listed["outages"]?.array
      else { return nil }
      let number = incidents.number(id)
      // An id that comes twice was parked.
      guard Int(number) == treatments.count else { continue }
      guard name.elementsEqual("counted".utf8) else {
        treatments.append(name.elementsEqual("void".utf8) ? .void : .held)
        counted.append(Incident(startedAt: .distantFuture, version: 0))
        continue
      }
      guard let versionName = listed["policy_version"]?.string, let version = known[versionName],
        let startedAt = FrozenNight.instant(listed["started_at"])
      else { return nil }
      let versionNumber = Int(versionNames.number(versionName))
      if versionNumber == versions.count { versions.append(version) }
      treatments.append(.counted)
      counted.append(Incident(startedAt: startedAt, version: versionNumber))
      for window in windows {
        guard
          let outage = FrozenNight.outage(window, incident: number, services, customer: nil)
        else { return nil }
        outages.append(outage)
      }
    }
    var exclusions: [Exclusion] = []
    for listed in listedExclusions {
      guard let exclusion = FrozenNight.exclusion(listed, services, customer: nil) else {
        return nil
      }
      exclusions.append(exclusion)
    }
    var tables: [MonthTable] = []
    for listed in listedMonths {
      guard let zone = listed["time_zone"]?.string, let first = FrozenNight.month(listed["first"]),
        let texts = listed["starts"]?.array
      else { return nil }
      let starts = texts.compactMap { FrozenNight.instant($0) }
      guard !starts.isEmpty, starts.count == texts.count, Int(zones.number(zone)) == tables.count
      else { return nil }
      tables.append(MonthTable(first: first, starts: starts))
    }
    guard let earliest = tables.map({ $0.starts[0] }).max(),
      outages.allSatisfy({ earliest <= $0.interval.start })
    else { return nil }
    self.earliest = earliest

    var versionZones: [Int32] = []
    let knownZones = zones
    for version in versions {
      guard let zone = Array(version.timeZone.utf8).withUnsafeBytes({ knownZones.find($0) }) else {
        return nil
      }
      versionZones.append(zone)
    }
    let names = Set(versions.flatMap { $0.plans.keys }).sorted()
    plans = ByteTable(names.map { Array($0.utf8) })
    self.versions = versions
    calculator = CreditCalculator(
      // A night that counted nothing decides nothing, whatever its policy.
      policy: versions.isEmpty ? PolicyFile.builtIn : CreditPolicy(versions: versions),
      planNames: names, services: services.count, incidents: counted, outages: outages,
      exclusions: exclusions, zones: tables,
      versionZones: versions.isEmpty ? [0] : versionZones)
  }

  func incident(_ id: UnsafeRawBufferPointer) -> Int32? { incidents.find(id) }

  /// `nil` for an incident that the evidence does not name.
  func treatment(_ incident: UnsafeRawBufferPointer) -> Treatment? {
    incidents.find(incident).map { treatments[Int($0)] }
  }

  func version(_ name: UnsafeRawBufferPointer) -> Int32? { versionNames.find(name) }

  /// The number of a customer's time zone; `nil` where it is the one of the version or not known.
  func zone(_ name: UnsafeRawBufferPointer, version: UnsafeRawBufferPointer) -> Int32? {
    guard let found = zones.find(name) else { return nil }
    if let number = versionNames.find(version),
      name.elementsEqual(versions[Int(number)].timeZone.utf8)
    {
      return nil
    }
    return found
  }

  // MARK: What concerns one customer

  /// What the evidence tells of one customer alone.
  struct Scoped {
    var outages: [Outage] = []
    var exclusions: [Exclusion] = []
    /// The customer's own time zone, where it was noted.
    var zone: Int32?
    /// Whether it tells what other customers had to do with the customer's subscriptions.
    var knowsElsewhere = false
    /// By subscription, what is recorded under others for incidents that were held.
    var shares: [(subscription: [UInt8], share: HeldShare)] = []
    /// Other customers, numbered from 1 behind the customer at hand, which is 0.
    let others = ByteTable()

    func number(_ customer: [UInt8]) -> Int32 { others.number(customer) + 1 }
  }

  /// The windows and exclusions of one customer; `nil` where the document is not what a run writes.
  func scoped(_ document: JSONValue) -> Scoped? {
    guard let listedOutages = document["outages"]?.array,
      let listedExclusions = document["exclusions"]?.array
    else { return nil }
    var outages: [Outage] = []
    for listed in listedOutages {
      guard let id = listed["incident_id"]?.string,
        let incident = id.withUnsafeBytes({ incidents.find($0) }),
        let outage = FrozenNight.outage(listed, incident: incident, services, customer: 0),
        earliest <= outage.interval.start
      else { return nil }
      outages.append(outage)
    }
    var exclusions: [Exclusion] = []
    for listed in listedExclusions {
      guard let exclusion = FrozenNight.exclusion(listed, services, customer: 0) else {
        return nil
      }
      exclusions.append(exclusion)
    }
    var scoped = Scoped(outages: outages, exclusions: exclusions)
    if let zone = document["time_zone"]?.string {
      guard let number = zone.withUnsafeBytes({ zones.find($0) }) else { return nil }
      scoped.zone = number
    }
    if let elsewhere = document["elsewhere"] {
      guard add(elsewhere, to: &scoped) else { return nil }
    }
    return scoped
  }

  private func add(_ elsewhere: JSONValue, to scoped: inout Scoped) -> Bool {
    guard let outages = elsewhere["outages"]?.array,
      let exclusions = elsewhere["exclusions"]?.array, let shares = elsewhere["shares"]?.array
    else { return false }
    for listed in outages {
      guard let customer = listed["customer_id"]?.string, let id = listed["incident_id"]?.string,
        let incident = id.withUnsafeBytes({ incidents.find($0) }),
        let outage = FrozenNight.outage(
          listed, incident: incident, services, customer: scoped.number(customer)),
        earliest <= outage.interval.start
      else { return false }
      scoped.outages.append(outage)
    }
    for listed in exclusions {
      guard let customer = listed["customer_id"]?.string,
        let exclusion = FrozenNight.exclusion(
          listed, services, customer: scoped.number(customer))
      else { return false }
      scoped.exclusions.append(exclusion)
    }
    for listed in shares {
      guard let subscription = listed["subscription_id"]?.string,
        let month = FrozenNight.month(listed["month"]), let digits = listed["percent_bp"]?.string,
        let percent = Int32(String(decoding: digits, as: UTF8.self)), 0...10_000 ~= percent
      else { return false }
      scoped.shares.append(
        (subscription, HeldShare(month: month, share: BasisPoints(percent))))
    }
    scoped.knowsElsewhere = true
    return true
  }

  /// A term as the calculator takes it, with what a ledger row says of it.
  struct Term {
    let sound: SubscriptionTerm
    let service: [UInt8]
    let plan: [UInt8]
  }

  /// The terms of a subscription, ascending; `nil` where the document is not what a run writes.
  ///
  /// Those under other customers have their number in `scoped`, which is not 0.
  func terms(_ document: JSONValue, zone: Int32?, _ scoped: Scoped) -> [Term]? {
    guard let listed = document.array else { return nil }
    var terms: [Term] = []
    for listed in listed {
      guard let service = listed["service_id"]?.string, let plan = listed["plan"]?.string,
        let fee = FrozenNight.micros(listed["monthly_fee"]?.string),
        let code = listed["currency"]?.string,
        let currency = code.withUnsafeBytes({ Currency(code: $0) }),
        let start = FrozenNight.instant(listed["valid_from"])
      else { return nil }
      var end = Instant.distantFuture
      if let listedEnd = listed["valid_to"] {
        guard let found = FrozenNight.instant(listedEnd), start <= found else { return nil }
        end = found
      }
      guard start < end else { continue }
      var termZone = zone
      let other = listed["customer_id"]?.string
      if other != nil {
        termZone = listed["time_zone"]?.string.flatMap { name in
          name.withUnsafeBytes { zones.find($0) }
        }
      }
      guard
        let term = term(
          service: service, plan: plan, fee: MonthlyFee(micros: fee, currency: currency),
          interval: Interval(start, end), zone: termZone,
          customer: other.map { scoped.number($0) } ?? 0)
      else { return nil }
      terms.append(term)
    }
    terms.sort { $0.sound.interval.start < $1.sound.interval.start }
    for (earlier, later) in zip(terms, terms.dropFirst())
    where later.sound.interval.start < earlier.sound.interval.end {
      return nil
    }
    return terms
  }

  /// `nil` where the evidence does not know the service.
  func term(
    service: [UInt8], plan: [UInt8], fee: MonthlyFee, interval: Interval, zone: Int32?,
    customer: Int32
  ) -> Term? {
    guard let number = service.withUnsafeBytes({ services.find($0) }) else { return nil }
    let planNumber = plan.withUnsafeBytes { plans.find($0) }.map { $0 + 1 } ?? 0
    return Term(
      sound: SubscriptionTerm(
        interval: interval, customer: customer, service: number, plan: planNumber, zone: zone,
        fee: fee),
      service: service, plan: plan)
  }

  // MARK: Decisions

  /// The decisions of one subscription, by incident.
  func decisions(
    _ terms: [Term], outages: [Outage], exclusions: [Exclusion], heldShares: [HeldShare]
  ) -> [CreditDecision] {
    guard !terms.isEmpty else { return [] }
    return calculator.decisions(
      terms: terms.map(\.sound), customerOutages: outages, customerExclusions: exclusions,
      heldShares: heldShares
    ).map { calculator[$0] }
  }

  /// What the key is worth; `nil` where that does not fit.
  func amountMinor(_ decision: CreditDecision, fee: MonthlyFee) -> Int64? {
    guard let outcome = try? calculator.outcome(decision, fee: fee) else { return nil }
    if case .credited(let money) = outcome { return money.amountMinor }
    return 0
  }

  // MARK: Reading

  private static func instant(_ value: JSONValue?) -> Instant? {
    guard let bytes = value?.string else { return nil }
    return Instant(iso8601: String(decoding: bytes, as: UTF8.self))
  }

  private static func month(_ value: JSONValue?) -> BillingMonth? {
    guard let bytes = value?.string else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    return Instant(iso8601: text + "-01").map { instant in
      BillingMonth(daysSinceUnixEpoch: Int32(instant.microseconds / 86_400_000_000))
    }
  }

  /// Millionths of a decimal number that is not negative; `nil` where it is none or has more than six decimals.
  private static func micros(_ text: [UInt8]?) -> Int64? {
    guard let text, !text.isEmpty else { return nil }
    var value: Int64 = 0
    var decimals: Int?
    for byte in text {
      if byte == UInt8(ascii: "."), decimals == nil {
        decimals = 0
        continue
      }
      guard (48...57).contains(byte) else { return nil }
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(Int64(byte - 48))
      guard !overflow, !carry else { return nil }
      value = sum
      decimals = decimals.map { $0 + 1 }
    }
    guard (decimals ?? 0) <= 6 else { return nil }
    for _ in (decimals ?? 0)..<6 {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      guard !overflow else { return nil }
      value = product
    }
    return value
  }

  private static func interval(_ listed: JSONValue) -> Interval? {
    guard let start = instant(listed["started_at"]), let end = instant(listed["ended_at"]),
      start <= end
    else { return nil }
    return Interval(start, end)
  }

  /// `.some(nil)` for all services.
  private static func service(_ listed: JSONValue, _ services: ByteTable) -> Int32?? {
    guard let id = listed["service_id"]?.string else { return .some(nil) }
    return id.withUnsafeBytes { services.find($0) }.map { .some($0) }
  }

  private static func outage(
    _ listed: JSONValue, incident: Int32, _ services: ByteTable, customer: Int32?
  ) -> Outage? {
    guard let code = listed["severity"]?.string, let severity = Severity(code: code),
      let service = service(listed, services), let interval = interval(listed)
    else { return nil }
    return Outage(
      incident: incident, severity: severity, scope: Scope(service: service, customer: customer),
      interval: interval)
  }

  private static func exclusion(
    _ listed: JSONValue, _ services: ByteTable, customer: Int32?
  ) -> Exclusion? {
    guard let code = listed["kind"]?.string,
      let kind = ExclusionKind(rawValue: String(decoding: code, as: UTF8.self)),
      let service = service(listed, services), let interval = interval(listed)
    else { return nil }
    return Exclusion(
      kind: kind, scope: Scope(service: service, customer: customer), interval: interval,
      announcedAt: instant(listed["announced_at"]))
  }
}

extension ByteTable {
  /// The number of `key`, which is added where it is new.
  fileprivate func number(_ key: [UInt8]) -> Int32 {
    key.withUnsafeBytes { insert($0) }
  }
}
