import Documents
package import ServiceCredits

/// The frozen evidence of a run that all customers share: services, incidents with their windows,
/// exclusions, and the beginnings of months.
///
/// The frozen document is exactly this value as JSON: `json` writes it and `init(json:)` reads it.
package struct SharedEvidence: Equatable {
  package struct Service: Hashable {
    package var id: [UInt8]
    package var name: [UInt8]

    package init(id: [UInt8], name: [UInt8]) {
      self.id = id
      self.name = name
    }
  }

  package struct Incident: Hashable {
    package var id: [UInt8]
    package var title: String
    package var severity: String
    package var status: String
    package var startedAt: Instant?
    var acknowledgedAt: Instant?
    package var resolvedAt: Instant?
    package var rootCause: String?
    package var treatment: IncidentTreatment
    /// The version that decides on a counted incident.
    var policyVersion: String?
    package var windows: [EvidenceWindow]

    package init(
      id: [UInt8], title: String, severity: String, status: String, startedAt: Instant? = nil,
      acknowledgedAt: Instant? = nil, resolvedAt: Instant? = nil, rootCause: String? = nil,
      treatment: IncidentTreatment, policyVersion: String? = nil, windows: [EvidenceWindow]
    ) {
      self.id = id
      self.title = title
      self.severity = severity
      self.status = status
      self.startedAt = startedAt
      self.acknowledgedAt = acknowledgedAt
      self.resolvedAt = resolvedAt
      self.rootCause = rootCause
      self.treatment = treatment
      self.policyVersion = policyVersion
      self.windows = windows
    }
  }

  package struct Zone: Hashable {
    package var name: [UInt8]
    var months: MonthTable
    /// `nil` where nothing depends on days of the local clock.
    var calendar: LocalCalendar?

    package init(name: [UInt8], months: MonthTable, calendar: LocalCalendar? = nil) {
      self.name = name
      self.months = months
      self.calendar = calendar
    }
  }

  /// The format of the documents of a run: this document, each customer's, and each revision's
  /// terms. A document of another format is refused, because other members would change its
  /// meaning.
  static let format = "1"

  package var services: [Service]
  /// In byte order of ids. An id that occurs twice was parked.
  package var incidents: [Incident]
  package var exclusions: [EvidenceExclusion]
  /// In byte order of names.
  package var zones: [Zone]
  /// The names of the policy versions that were in force at any time at hand, in their order; empty where no rule measures
  /// a month or a quarter.
  package var periodVersions: [String]

  package init(
    services: [Service], incidents: [Incident], exclusions: [EvidenceExclusion], zones: [Zone],
    periodVersions: [String] = []
  ) {
    self.services = services
    self.incidents = incidents
    self.exclusions = exclusions
    self.zones = zones
    self.periodVersions = periodVersions
  }
}

/// One stretch of time in which an incident affected a service or every service.
package struct EvidenceWindow: Hashable {
  package var severity: Severity
  /// `nil` for every service.
  package var service: [UInt8]?
  package var interval: Interval
  /// How much of the service was out, in millionths.
  package var shareMicros: Int64

  package init(
    severity: Severity, service: [UInt8]? = nil, interval: Interval,
    shareMicros: Int64 = Outage.wholeShareMicros
  ) {
    self.severity = severity
    self.service = service
    self.interval = interval
    self.shareMicros = shareMicros
  }
}

/// Time that does not count if the policy honours its kind.
package struct EvidenceExclusion: Hashable {
  package struct Time: Hashable {
    package var kind: ExclusionKind
    /// `nil` for every service.
    package var service: [UInt8]?
    package var interval: Interval
    package var announcedAt: Instant?

    package init(
      kind: ExclusionKind, service: [UInt8]?, interval: Interval, announcedAt: Instant?
    ) {
      self.kind = kind
      self.service = service
      self.interval = interval
      self.announcedAt = announcedAt
    }
  }

  package var id: [UInt8]
  package var time: Time

  package init(id: [UInt8], time: Time) {
    self.id = id
    self.time = time
  }
}

extension SharedEvidence {
  /// The incident with this id. If the id occurs twice, one of the two rows. Searches all
  /// incidents.
  package func incident(_ id: [UInt8]) -> Incident? { incidents.first { $0.id == id } }

  /// The service's name; its id if the name is not known.
  package func serviceName(_ id: [UInt8]) -> String {
    String(decoding: services.first { $0.id == id }?.name ?? id, as: UTF8.self)
  }
}

// MARK: JSON

extension SharedEvidence {
  /// - Throws: `EvidenceError` if a run would not write these bytes.
  package init(json: [UInt8]) throws(EvidenceError) {
    let document = try EvidenceReader(document: json)
    services = try document.list("services") { (service) throws(EvidenceError) in
      Service(id: try service.bytes("service_id"), name: try service.bytes("name"))
    }
    incidents = try document.list("incidents") { (incident) throws(EvidenceError) in
      try Incident(incident)
    }
    exclusions = try document.list("exclusions") { (exclusion) throws(EvidenceError) in
      try EvidenceExclusion(exclusion)
    }
    zones = try document.list("months") { (zone) throws(EvidenceError) in
      let starts = try zone.values("starts", { Instant($0) })
      guard !starts.isEmpty, zip(starts, starts.dropFirst()).allSatisfy({ $0 < $1 }) else {
        throw .unreadable(member: "starts")
      }
      return Zone(
        name: try zone.bytes("time_zone"),
        months: MonthTable(first: try zone.required("first", { BillingMonth($0) }), starts: starts),
        calendar: try LocalCalendar(evidence: zone))
    }
    periodVersions =
      document.has("versions") ? try document.values("versions") { $0.text } : []
  }

  /// The document in JSON. Lists have a fixed order and values one form, so that the same facts
  /// give the same bytes.
  package var json: [UInt8] {
    var json: [UInt8] = []
    json.append(contentsOf: "{\"format\":\"\(SharedEvidence.format)\",\n\"services\":".utf8)
    JSONText.append(array: services, to: &json) { service, json in
      json.append(contentsOf: "{\"service_id\":".utf8)
      JSONText.append(string: service.id, to: &json)
      json.append(contentsOf: ",\"name\":".utf8)
      JSONText.append(string: service.name, to: &json)
      json.append(UInt8(ascii: "}"))
    }
    json.append(contentsOf: ",\n\"incidents\":".utf8)
    JSONText.append(array: incidents, to: &json) { incident, json in incident.append(to: &json) }
    json.append(contentsOf: ",\n\"exclusions\":".utf8)
    JSONText.append(array: exclusions, to: &json) { exclusion, json in exclusion.append(to: &json) }
    json.append(contentsOf: ",\n\"months\":".utf8)
    JSONText.append(array: zones, to: &json) { zone, json in
      json.append(contentsOf: "{\"time_zone\":".utf8)
      JSONText.append(string: zone.name, to: &json)
      json.append(contentsOf: ",\"first\":".utf8)
      JSONText.append(string: zone.months.first.text, to: &json)
      json.append(contentsOf: ",\"starts\":".utf8)
      JSONText.append(array: zone.months.starts, to: &json) { start, json in
        JSONText.append(string: start.text, to: &json)
      }
      zone.calendar?.append(to: &json)
      json.append(UInt8(ascii: "}"))
    }
    if !periodVersions.isEmpty {
      json.append(contentsOf: ",\n\"versions\":".utf8)
      JSONText.append(array: periodVersions, to: &json) { JSONText.append(string: $0, to: &$1) }
    }
    json.append(contentsOf: "}\n".utf8)
    return json
  }
}

extension SharedEvidence.Incident {
  init(_ reader: EvidenceReader) throws(EvidenceError) {
    id = try reader.bytes("incident_id")
    title = try reader.text("title")
    severity = try reader.text("severity")
    status = try reader.text("status")
    startedAt = try reader.optional("started_at") { Instant($0) }
    acknowledgedAt = try reader.optional("acknowledged_at") { Instant($0) }
    resolvedAt = try reader.optional("resolved_at") { Instant($0) }
    rootCause = try reader.optional("root_cause") { $0.text }
    treatment = IncidentTreatment(code: try reader.text("treatment"))
    policyVersion = try reader.optional("policy_version") { $0.text }
    windows = try reader.list("outages") { (window) throws(EvidenceError) in
      try EvidenceWindow(window)
    }
    // A counted incident has a start and a version.
    guard (treatment == .counted) == (policyVersion != nil) else {
      throw .unreadable(member: "policy_version")
    }
    guard treatment != .counted || startedAt != nil else { throw .missing(member: "started_at") }
  }

  func append(to json: inout [UInt8]) {
    json.append(contentsOf: "\n{\"incident_id\":".utf8)
    JSONText.append(string: id, to: &json)
    func append(_ key: String, _ value: String?) {
      guard let value else { return }
      json.append(contentsOf: ",\"\(key)\":".utf8)
      JSONText.append(string: value, to: &json)
    }
    append("title", title)
    append("severity", severity)
    append("status", status)
    append("started_at", startedAt?.text)
    append("acknowledged_at", acknowledgedAt?.text)
    append("resolved_at", resolvedAt?.text)
    append("root_cause", rootCause)
    append("treatment", treatment.code)
    append("policy_version", policyVersion)
    json.append(contentsOf: ",\"outages\":".utf8)
    JSONText.append(array: windows, to: &json) { window, json in
      json.append(UInt8(ascii: "{"))
      window.appendMembers(to: &json)
      json.append(UInt8(ascii: "}"))
    }
    json.append(UInt8(ascii: "}"))
  }
}

extension EvidenceWindow {
  init(_ reader: EvidenceReader) throws(EvidenceError) {
    severity = try reader.required("severity") { $0.string.flatMap { Severity(code: $0) } }
    service = try reader.optional("service_id") { $0.string }
    interval = try reader.interval()
    let share = try reader.optional("share") { $0.micros.flatMap { Int64(exactly: $0) } }
    guard share.map({ 1...Outage.wholeShareMicros ~= $0 }) ?? true else {
      throw .unreadable(member: "share")
    }
    shareMicros = share ?? Outage.wholeShareMicros
  }

  func appendMembers(to json: inout [UInt8]) {
    json.append(contentsOf: "\"severity\":".utf8)
    JSONText.append(string: severity.code, to: &json)
    EvidenceWindow.appendMembers(service: service, interval, to: &json)
    guard shareMicros != Outage.wholeShareMicros else { return }
    json.append(contentsOf: ",\"share\":\"".utf8)
    appendDecimal(shareMicros, decimals: 6, atLeast: 0, to: &json)
    json.append(UInt8(ascii: "\""))
  }

  static func appendMembers(service: [UInt8]?, _ interval: Interval, to json: inout [UInt8]) {
    if let service {
      json.append(contentsOf: ",\"service_id\":".utf8)
      JSONText.append(string: service, to: &json)
    }
    json.append(contentsOf: ",\"started_at\":".utf8)
    JSONText.append(string: interval.start.text, to: &json)
    json.append(contentsOf: ",\"ended_at\":".utf8)
    JSONText.append(string: interval.end.text, to: &json)
  }
}

extension EvidenceExclusion {
  init(_ reader: EvidenceReader) throws(EvidenceError) {
    id = try reader.bytes("exclusion_id")
    time = try Time(reader)
  }

  func append(to json: inout [UInt8]) {
    json.append(contentsOf: "{\"exclusion_id\":".utf8)
    JSONText.append(string: id, to: &json)
    json.append(UInt8(ascii: ","))
    time.appendMembers(to: &json)
    json.append(UInt8(ascii: "}"))
  }
}

extension EvidenceExclusion.Time {
  init(_ reader: EvidenceReader) throws(EvidenceError) {
    kind = try reader.required("kind") { $0.text.flatMap { ExclusionKind(rawValue: $0) } }
    service = try reader.optional("service_id") { $0.string }
    interval = try reader.interval()
    announcedAt = try reader.optional("announced_at") { Instant($0) }
  }

  func appendMembers(to json: inout [UInt8]) {
    json.append(contentsOf: "\"kind\":".utf8)
    JSONText.append(string: kind.rawValue, to: &json)
    EvidenceWindow.appendMembers(service: service, interval, to: &json)
    if let announcedAt {
      json.append(contentsOf: ",\"announced_at\":".utf8)
      JSONText.append(string: announcedAt.text, to: &json)
    }
  }
}
