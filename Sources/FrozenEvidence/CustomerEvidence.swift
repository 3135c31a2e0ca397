import Documents
package import ServiceCredits

/// The frozen evidence of a run that concerns one customer only.
package struct CustomerEvidence: Equatable {
  package struct Outage: Hashable {
    package var incident: [UInt8]
    package var window: EvidenceWindow

    package init(incident: [UInt8], window: EvidenceWindow) {
      self.incident = incident
      self.window = window
    }
  }

  /// Data of other customers, for subscriptions that were transferred between them and this
  /// customer.
  package struct OtherCustomers: Equatable {
    package struct Share: Hashable {
      var subscription: [UInt8]
      var share: HeldShare

      package init(subscription: [UInt8], share: HeldShare) {
        self.subscription = subscription
        self.share = share
      }
    }

    package var outages: [(customer: [UInt8], outage: Outage)] = []
    package var exclusions: [(customer: [UInt8], time: EvidenceExclusion.Time)] = []
    /// The shares recorded for other customers, for held incidents.
    package var shares: [Share] = []

    package init(
      outages: [(customer: [UInt8], outage: Outage)] = [],
      exclusions: [(customer: [UInt8], time: EvidenceExclusion.Time)] = [], shares: [Share] = []
    ) {
      self.outages = outages
      self.exclusions = exclusions
      self.shares = shares
    }

    package static func == (left: OtherCustomers, right: OtherCustomers) -> Bool {
      left.outages.elementsEqual(right.outages, by: ==)
        && left.exclusions.elementsEqual(right.exclusions, by: ==) && left.shares == right.shares
    }
  }

  /// What the customer asked a credit for, for an incident or for a month.
  package struct Claim: Hashable {
    /// `nil` for a month.
    package var incident: [UInt8]?
    /// `nil` for an incident.
    package var month: BillingMonth?
    package var at: Instant

    package init(incident: [UInt8]?, month: BillingMonth?, at: Instant) {
      self.incident = incident
      self.month = month
      self.at = at
    }
  }

  package var outages: [Outage] = []
  package var exclusions: [EvidenceExclusion] = []
  /// The first for each incident and month, ascending by time.
  package var claims: [Claim] = []
  /// The customer's own time zone, if the ledger's rows do not contain it.
  package var zone: [UInt8]?
  /// `nil` if no subscription of the revisions was transferred between customers.
  package var otherCustomers: OtherCustomers?

  package init(
    outages: [Outage] = [], exclusions: [EvidenceExclusion] = [], claims: [Claim] = [],
    zone: [UInt8]? = nil, otherCustomers: OtherCustomers? = nil
  ) {
    self.outages = outages
    self.exclusions = exclusions
    self.claims = claims
    self.zone = zone
    self.otherCustomers = otherCustomers
  }

  package var isEmpty: Bool {
    outages.isEmpty && exclusions.isEmpty && claims.isEmpty && zone == nil
      && otherCustomers == nil
  }
}

// MARK: JSON

extension CustomerEvidence {
  /// - Throws: `EvidenceError` if a run would not write these bytes.
  package init(json: [UInt8]) throws(EvidenceError) {
    let document = try EvidenceReader(document: json)
    outages = try document.list("outages") { (outage) throws(EvidenceError) in
      try Outage(outage)
    }
    exclusions = try document.list("exclusions") { (exclusion) throws(EvidenceError) in
      try EvidenceExclusion(exclusion)
    }
    if document.has("claims") {
      claims = try document.list("claims") { (claim) throws(EvidenceError) in try Claim(claim) }
    }
    zone = try document.optional("time_zone") { $0.string }
    if let found = document.object("elsewhere") { otherCustomers = try OtherCustomers(found) }
  }

  package var json: [UInt8] {
    var json: [UInt8] = []
    json.append(contentsOf: "{\"format\":\"\(SharedEvidence.format)\",\"outages\":".utf8)
    JSONText.append(array: outages, to: &json) { outage, json in
      json.append(UInt8(ascii: "{"))
      outage.appendMembers(to: &json)
      json.append(UInt8(ascii: "}"))
    }
    json.append(contentsOf: ",\"exclusions\":".utf8)
    JSONText.append(array: exclusions, to: &json) { exclusion, json in exclusion.append(to: &json) }
    if !claims.isEmpty {
      json.append(contentsOf: ",\"claims\":".utf8)
      JSONText.append(array: claims, to: &json) { claim, json in claim.append(to: &json) }
    }
    if let zone {
      json.append(contentsOf: ",\"time_zone\":".utf8)
      JSONText.append(string: zone, to: &json)
    }
    otherCustomers?.append(to: &json)
    json.append(contentsOf: "}\n".utf8)
    return json
  }
}

extension CustomerEvidence.Outage {
  init(_ reader: EvidenceReader) throws(EvidenceError) {
    incident = try reader.bytes("incident_id")
    window = try EvidenceWindow(reader)
  }

  func appendMembers(to json: inout [UInt8]) {
    json.append(contentsOf: "\"incident_id\":".utf8)
    JSONText.append(string: incident, to: &json)
    json.append(UInt8(ascii: ","))
    window.appendMembers(to: &json)
  }
}

extension CustomerEvidence.Claim {
  init(_ reader: EvidenceReader) throws(EvidenceError) {
    incident = try reader.optional("incident_id") { $0.string }
    month = try reader.optional("month") { BillingMonth($0) }
    at = try reader.required("claimed_at") { Instant($0) }
    guard (incident == nil) != (month == nil) else { throw .unreadable(member: "claims") }
  }

  func append(to json: inout [UInt8]) {
    json.append(UInt8(ascii: "{"))
    if let incident {
      json.append(contentsOf: "\"incident_id\":".utf8)
      JSONText.append(string: incident, to: &json)
    } else if let month {
      json.append(contentsOf: "\"month\":".utf8)
      JSONText.append(string: month.text, to: &json)
    }
    json.append(contentsOf: ",\"claimed_at\":".utf8)
    JSONText.append(string: at.text, to: &json)
    json.append(UInt8(ascii: "}"))
  }
}

extension CustomerEvidence.OtherCustomers {
  init(_ reader: EvidenceReader) throws(EvidenceError) {
    outages = try reader.list("outages") { (outage) throws(EvidenceError) in
      (try outage.bytes("customer_id"), try CustomerEvidence.Outage(outage))
    }
    exclusions = try reader.list("exclusions") { (exclusion) throws(EvidenceError) in
      (try exclusion.bytes("customer_id"), try EvidenceExclusion.Time(exclusion))
    }
    shares = try reader.list("shares") { (share) throws(EvidenceError) in
      Share(
        subscription: try share.bytes("subscription_id"),
        share: HeldShare(
          month: try share.required("month") { BillingMonth($0) },
          share: BasisPoints(
            try share.required("percent_bp") { digits in
              digits.text.flatMap { Int32($0) }.flatMap { 0...10_000 ~= $0 ? $0 : nil }
            })))
    }
  }

  func append(to json: inout [UInt8]) {
    json.append(contentsOf: ",\n\"elsewhere\":{\"outages\":".utf8)
    JSONText.append(array: outages, to: &json) { item, json in
      json.append(contentsOf: "{\"customer_id\":".utf8)
      JSONText.append(string: item.customer, to: &json)
      json.append(UInt8(ascii: ","))
      item.outage.appendMembers(to: &json)
      json.append(UInt8(ascii: "}"))
    }
    json.append(contentsOf: ",\"exclusions\":".utf8)
    JSONText.append(array: exclusions, to: &json) { item, json in
      json.append(contentsOf: "{\"customer_id\":".utf8)
      JSONText.append(string: item.customer, to: &json)
      json.append(UInt8(ascii: ","))
      item.time.appendMembers(to: &json)
      json.append(UInt8(ascii: "}"))
    }
    json.append(contentsOf: ",\"shares\":".utf8)
    JSONText.append(array: shares, to: &json) { item, json in
      json.append(contentsOf: "{\"subscription_id\":".utf8)
      JSONText.append(string: item.subscription, to: &json)
      json.append(contentsOf: ",\"month\":".utf8)
      JSONText.append(string: item.share.month.text, to: &json)
      json.append(contentsOf: ",\"percent_bp\":\"\(item.share.share.value)\"}".utf8)
    }
    json.append(UInt8(ascii: "}"))
  }
}
