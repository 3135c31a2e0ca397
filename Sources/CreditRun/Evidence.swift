import CreditLedger
import CreditReports
import ServiceCredits

/// What other customers had to do with a customer's subscriptions, because those have moved between them.
struct EvidenceElsewhere {
  var outages: [(customer: [UInt8], outage: Outage)] = []
  var exclusions: [(customer: [UInt8], exclusion: Exclusion)] = []
  /// What is recorded under others for incidents that are held.
  var shares: [(subscription: [UInt8], share: HeldShare)] = []
}

/// The frozen copy of what a night was decided on, as JSON: stored once per content, whatever the number of credits.
///
/// Every list has an order of its own and every value one form, so that the same facts are the same bytes.
enum Evidence {
  /// What all customers share: services, incidents with their windows, exclusions, and when months begin.
  static func shared(_ night: borrowing Night) -> [UInt8] {
    var json: [UInt8] = []
    json.append(contentsOf: "{\"services\":".utf8)
    JSONText.append(array: night.catalogue.services, to: &json) { service, json in
      json.append(contentsOf: "{\"service_id\":".utf8)
      JSONText.append(string: service.id, to: &json)
      json.append(contentsOf: ",\"name\":".utf8)
      JSONText.append(string: service.name, to: &json)
      json.append(UInt8(ascii: "}"))
    }
    json.append(contentsOf: ",\n\"incidents\":".utf8)
    appendIncidents(night, to: &json)
    json.append(contentsOf: ",\n\"exclusions\":".utf8)
    let reach = night.reach
    JSONText.append(
      array: night.catalogue.exclusions.filter { $0.exclusion.interval.overlaps(reach) }, to: &json
    ) { exclusion, json in
      append(exclusion, services: night.catalogue.services, to: &json)
    }
    json.append(contentsOf: ",\n\"months\":".utf8)
    JSONText.append(array: night.monthTablesByName(), to: &json) { zone, json in
      json.append(contentsOf: "{\"time_zone\":".utf8)
      JSONText.append(string: zone.name, to: &json)
      json.append(contentsOf: ",\"first\":".utf8)
      JSONText.append(string: zone.table.first.text, to: &json)
      json.append(contentsOf: ",\"starts\":".utf8)
      JSONText.append(array: zone.table.starts, to: &json) { start, json in
        JSONText.append(string: start.text, to: &json)
      }
      json.append(UInt8(ascii: "}"))
    }
    json.append(contentsOf: "}\n".utf8)
    return json
  }

  /// The windows and exclusions of one customer alone; `nil` where there is nothing to tell.
  /// - Parameters:
  ///   - zone: the customer's own time zone, where the ledger's rows do not tell it.
  ///   - elsewhere: what other customers had to do with the customer's subscriptions.
  static func ofCustomer(
    _ records: borrowing CustomerRecords, _ night: borrowing Night, zone: [UInt8]? = nil,
    elsewhere: EvidenceElsewhere? = nil
  ) -> [UInt8]? {
    var outages: [Outage] = []
    for position in 0..<records.outages.count
    where night.isAtHand(records.outages[position].incident) {
      outages.append(records.outages[position])
    }
    var exclusions: [SourceExclusion] = []
    for position in 0..<records.exclusions.count
    where records.exclusions[position].exclusion.interval.overlaps(night.reach) {
      exclusions.append(records.exclusions[position])
    }
    guard !outages.isEmpty || !exclusions.isEmpty || zone != nil || elsewhere != nil else {
      return nil
    }
    let catalogue = night.catalogue
    var json: [UInt8] = []
    json.append(contentsOf: "{\"outages\":".utf8)
    JSONText.append(array: outages, to: &json) { outage, json in
      json.append(contentsOf: "{\"incident_id\":".utf8)
      JSONText.append(string: catalogue.incidents[Int(outage.incident)].id, to: &json)
      json.append(UInt8(ascii: ","))
      append(
        severity: outage.severity, service: outage.scope.service, interval: outage.interval,
        services: catalogue.services, to: &json)
    }
    json.append(contentsOf: ",\"exclusions\":".utf8)
    JSONText.append(array: exclusions, to: &json) { exclusion, json in
      append(exclusion, services: catalogue.services, to: &json)
    }
    if let zone {
      json.append(contentsOf: ",\"time_zone\":".utf8)
      JSONText.append(string: zone, to: &json)
    }
    if let elsewhere { append(elsewhere, catalogue, to: &json) }
    json.append(contentsOf: "}\n".utf8)
    return json
  }

  private static func append(
    _ elsewhere: EvidenceElsewhere, _ catalogue: borrowing SourceCatalogue, to json: inout [UInt8]
  ) {
    let services = catalogue.services
    let names = catalogue.incidents.map(\.id)
    json.append(contentsOf: ",\n\"elsewhere\":{\"outages\":".utf8)
    JSONText.append(array: elsewhere.outages, to: &json) { item, json in
      json.append(contentsOf: "{\"customer_id\":".utf8)
      JSONText.append(string: item.customer, to: &json)
      json.append(contentsOf: ",\"incident_id\":".utf8)
      JSONText.append(string: names[Int(item.outage.incident)], to: &json)
      json.append(UInt8(ascii: ","))
      append(
        severity: item.outage.severity, service: item.outage.scope.service,
        interval: item.outage.interval, services: services, to: &json)
    }
    json.append(contentsOf: ",\"exclusions\":".utf8)
    JSONText.append(array: elsewhere.exclusions, to: &json) { item, json in
      json.append(contentsOf: "{\"customer_id\":".utf8)
      JSONText.append(string: item.customer, to: &json)
      append(item.exclusion, services: services, to: &json)
    }
    json.append(contentsOf: ",\"shares\":".utf8)
    JSONText.append(array: elsewhere.shares, to: &json) { item, json in
      json.append(contentsOf: "{\"subscription_id\":".utf8)
      JSONText.append(string: item.subscription, to: &json)
      json.append(contentsOf: ",\"month\":".utf8)
      JSONText.append(string: item.share.month.text, to: &json)
      json.append(contentsOf: ",\"percent_bp\":\"\(item.share.share.value)\"}".utf8)
    }
    json.append(UInt8(ascii: "}"))
  }

  /// The terms of a subscription, ascending by customer, then start.
  /// - Parameter elsewhere: those that it has under other customers.
  static func terms(
    _ records: borrowing CustomerRecords, _ positions: Range<Int>,
    elsewhere: [MovedSubscriptions.Term]
  ) -> [UInt8] {
    var json: [UInt8] = [UInt8(ascii: "[")]
    for position in positions {
      let term = records.terms[position]
      guard let sound = term.sound else { continue }
      append(
        sound, service: records.arena[term.serviceId], plan: records.arena[term.plan],
        customer: nil, zone: nil, to: &json)
    }
    for term in elsewhere {
      guard let sound = term.sound else { continue }
      append(
        sound, service: term.serviceId, plan: term.plan, customer: term.customer, zone: term.zone,
        to: &json)
    }
    json.append(UInt8(ascii: "]"))
    return json
  }

  private static func append(
    _ term: CustomerRecords.Term.Sound, service: some Collection<UInt8>,
    plan: some Collection<UInt8>, customer: [UInt8]?, zone: [UInt8]?, to json: inout [UInt8]
  ) {
    if json.count > 1 { json.append(UInt8(ascii: ",")) }
    json.append(contentsOf: "{\"service_id\":".utf8)
    JSONText.append(string: service, to: &json)
    json.append(contentsOf: ",\"plan\":".utf8)
    JSONText.append(string: plan, to: &json)
    json.append(contentsOf: ",\"monthly_fee\":\"".utf8)
    appendDecimal(term.fee.micros, decimals: 6, atLeast: 0, to: &json)
    json.append(contentsOf: "\",\"currency\":".utf8)
    JSONText.append(string: term.fee.currency.codeBytes, to: &json)
    append(",\"valid_from\":", term.interval.start, to: &json)
    if term.interval.end != .distantFuture {
      append(",\"valid_to\":", term.interval.end, to: &json)
    }
    if let customer {
      json.append(contentsOf: ",\"customer_id\":".utf8)
      JSONText.append(string: customer, to: &json)
    }
    if let zone {
      json.append(contentsOf: ",\"time_zone\":".utf8)
      JSONText.append(string: zone, to: &json)
    }
    json.append(UInt8(ascii: "}"))
  }

  private static func appendIncidents(_ night: borrowing Night, to json: inout [UInt8]) {
    var windows = [[SourceOutage]](repeating: [], count: night.catalogue.incidents.count)
    for outage in night.catalogue.outages { windows[Int(outage.incident)].append(outage) }
    let services = night.catalogue.services
    let positions = night.catalogue.incidents.indices.filter { night.isEvidence(Int32($0)) }
    JSONText.append(
      array: positions.map { (night.catalogue.incidents[$0], windows[$0]) }, to: &json
    ) { item, json in
      let (incident, windows) = item
      json.append(contentsOf: "\n{\"incident_id\":".utf8)
      JSONText.append(string: incident.id, to: &json)
      json.append(contentsOf: ",\"title\":".utf8)
      JSONText.append(string: incident.title, to: &json)
      json.append(contentsOf: ",\"severity\":".utf8)
      JSONText.append(string: incident.severity, to: &json)
      json.append(contentsOf: ",\"status\":".utf8)
      JSONText.append(string: incident.status, to: &json)
      append(",\"started_at\":", incident.startedAt, to: &json)
      append(",\"acknowledged_at\":", incident.acknowledgedAt, to: &json)
      append(",\"resolved_at\":", incident.resolvedAt, to: &json)
      if let rootCause = incident.rootCause {
        json.append(contentsOf: ",\"root_cause\":".utf8)
        JSONText.append(string: rootCause, to: &json)
      }
      json.append(contentsOf: ",\"treatment\":".utf8)
      JSONText.append(string: incident.treatment.name, to: &json)
      if case .counted(let version) = incident.treatment {
        json.append(contentsOf: ",\"policy_version\":".utf8)
        JSONText.append(string: night.versionName(version), to: &json)
      }
      json.append(contentsOf: ",\"outages\":".utf8)
      JSONText.append(array: windows, to: &json) { window, json in
        json.append(UInt8(ascii: "{"))
        append(
          severity: window.severity, service: window.service, interval: window.interval,
          services: services, to: &json)
      }
      json.append(UInt8(ascii: "}"))
    }
  }

  private static func append(
    _ exclusion: SourceExclusion, services: [SourceService], to json: inout [UInt8]
  ) {
    json.append(contentsOf: "{\"exclusion_id\":".utf8)
    JSONText.append(string: exclusion.id, to: &json)
    append(exclusion.exclusion, services: services, to: &json)
  }

  /// The rest of an exclusion's object, its closing brace included.
  private static func append(
    _ exclusion: Exclusion, services: [SourceService], to json: inout [UInt8]
  ) {
    json.append(contentsOf: ",\"kind\":".utf8)
    JSONText.append(string: exclusion.kind.rawValue, to: &json)
    if let service = exclusion.scope.service {
      json.append(contentsOf: ",\"service_id\":".utf8)
      JSONText.append(string: services[Int(service)].id, to: &json)
    }
    append(",\"started_at\":", exclusion.interval.start, to: &json)
    append(",\"ended_at\":", exclusion.interval.end, to: &json)
    append(",\"announced_at\":", exclusion.announcedAt, to: &json)
    json.append(UInt8(ascii: "}"))
  }

  /// The rest of a window's object, its closing brace included.
  private static func append(
    severity: Severity, service: Int32?, interval: Interval, services: [SourceService],
    to json: inout [UInt8]
  ) {
    json.append(contentsOf: "\"severity\":".utf8)
    JSONText.append(string: severity.code, to: &json)
    if let service {
      json.append(contentsOf: ",\"service_id\":".utf8)
      JSONText.append(string: services[Int(service)].id, to: &json)
    }
    append(",\"started_at\":", interval.start, to: &json)
    append(",\"ended_at\":", interval.end, to: &json)
    json.append(UInt8(ascii: "}"))
  }

  private static func append(_ key: String, _ instant: Instant?, to json: inout [UInt8]) {
    guard let instant else { return }
    json.append(contentsOf: key.utf8)
    JSONText.append(string: instant.text, to: &json)
  }
}

extension SourceIncident.Treatment {
  /// For the evidence: `counted`, `void`, `open`, `no_outage_scope`, or the code of what parked it.
  var name: String {
    switch self {
    case .counted: "counted"
    case .void: "void"
    case .held(.open): "open"
    case .held(.noOutageScope): "no_outage_scope"
    case .held(.parked(let code)): code.rawValue
    }
  }
}
