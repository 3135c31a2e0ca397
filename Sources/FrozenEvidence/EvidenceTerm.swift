import Documents
package import ServiceCredits

/// A term of a subscription, as recorded with a revision.
///
/// `Text` is the type of ids and plans: borrowed bytes while a run writes, an array after reading.
/// Borrowed bytes must stay valid until `append(to:)` returns.
package struct EvidenceTerm<Text: Collection> where Text.Element == UInt8 {
  package enum Owner: Hashable {
    /// The customer of the revision.
    case own
    /// - Parameter zone: `nil` if that customer has no time zone.
    case other(customer: [UInt8], zone: [UInt8]?)
  }

  var service: Text
  var plan: Text
  var fee: MonthlyFee
  var interval: Interval
  var owner: Owner

  package init(service: Text, plan: Text, fee: MonthlyFee, interval: Interval, owner: Owner) {
    self.service = service
    self.plan = plan
    self.fee = fee
    self.interval = interval
    self.owner = owner
  }
}

extension EvidenceTerm {
  /// Appends one element of the JSON list that `list(json:)` reads. The caller writes the brackets
  /// and commas.
  package func append(to json: inout [UInt8]) {
    json.append(contentsOf: "{\"service_id\":".utf8)
    JSONText.append(string: service, to: &json)
    json.append(contentsOf: ",\"plan\":".utf8)
    JSONText.append(string: plan, to: &json)
    json.append(contentsOf: ",\"monthly_fee\":\"".utf8)
    appendDecimal(fee.micros, decimals: 6, atLeast: 0, to: &json)
    json.append(contentsOf: "\",\"currency\":".utf8)
    JSONText.append(string: fee.currency.codeBytes, to: &json)
    json.append(contentsOf: ",\"valid_from\":".utf8)
    JSONText.append(string: interval.start.text, to: &json)
    if interval.end != .distantFuture {
      json.append(contentsOf: ",\"valid_to\":".utf8)
      JSONText.append(string: interval.end.text, to: &json)
    }
    if case .other(let customer, let zone) = owner {
      json.append(contentsOf: ",\"customer_id\":".utf8)
      JSONText.append(string: customer, to: &json)
      if let zone {
        json.append(contentsOf: ",\"time_zone\":".utf8)
        JSONText.append(string: zone, to: &json)
      }
    }
    json.append(UInt8(ascii: "}"))
  }
}

extension EvidenceTerm<[UInt8]> {
  /// The terms of a subscription, from JSON.
  /// - Throws: `EvidenceError` if a run would not write these bytes.
  package static func list(json: [UInt8]) throws(EvidenceError) -> [EvidenceTerm<[UInt8]>] {
    let list: [JSONValue]?
    do throws(JSONValue.SyntaxError) {
      list = try JSONValue(json).array
    } catch {
      throw .notJSON
    }
    guard let list else { throw .unreadable(member: "terms") }
    var terms: [EvidenceTerm<[UInt8]>] = []
    for value in list { terms.append(try EvidenceTerm<[UInt8]>(EvidenceReader(value))) }
    return terms
  }

  private init(_ reader: EvidenceReader) throws(EvidenceError) {
    let start = try reader.required("valid_from") { Instant($0) }
    let end = try reader.optional("valid_to") { Instant($0) } ?? .distantFuture
    guard start <= end else { throw .unreadable(member: "valid_to") }
    let currency = try reader.required("currency") { code in
      code.string.flatMap { $0.withUnsafeBytes { Currency(code: $0) } }
    }
    let micros = try reader.required("monthly_fee") { $0.micros.flatMap { Int64(exactly: $0) } }
    let customer = try reader.optional("customer_id") { $0.string }
    let zone = try reader.optional("time_zone") { $0.string }
    guard customer != nil || zone == nil else { throw .unreadable(member: "time_zone") }
    self.init(
      service: try reader.bytes("service_id"), plan: try reader.bytes("plan"),
      fee: MonthlyFee(micros: micros, currency: currency), interval: Interval(start, end),
      owner: customer.map { .other(customer: $0, zone: zone) } ?? .own)
  }
}
