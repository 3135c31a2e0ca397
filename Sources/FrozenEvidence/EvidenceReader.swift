import Documents
import ServiceCredits

/// Why a frozen document cannot be read.
package enum EvidenceError: Error, Hashable {
  case notJSON
  /// The document has a format that this program does not know; `nil` if it names no format.
  case format(String?)
  case missing(member: String)
  /// A member is not in the form that a run writes.
  case unreadable(member: String)
  /// The document names a service, an incident, a zone or a version that the evidence shared by all
  /// customers does not have.
  case unknown(member: String)
}

/// Reads the members of an object of a frozen document. Each member must be in the form that a run
/// writes.
struct EvidenceReader {
  private let value: JSONValue

  init(_ value: JSONValue) { self.value = value }

  /// Reads a whole document.
  /// - Throws: `notJSON`, or `format` if it is not of the format that this program writes.
  init(document bytes: [UInt8]) throws(EvidenceError) {
    do throws(JSONValue.SyntaxError) {
      value = try JSONValue(bytes)
    } catch {
      throw .notJSON
    }
    let format = value["format"]?.text
    guard format == SharedEvidence.format else { throw .format(format) }
  }

  func has(_ member: String) -> Bool { value[member] != nil }

  /// Returns `nil` if there is no such member.
  func optional<Value>(
    _ member: String, _ read: (JSONValue) -> Value?
  ) throws(EvidenceError) -> Value? {
    guard let found = value[member] else { return nil }
    guard let read = read(found) else { throw .unreadable(member: member) }
    return read
  }

  func required<Value>(
    _ member: String, _ read: (JSONValue) -> Value?
  ) throws(EvidenceError) -> Value {
    guard let found = try optional(member, read) else { throw .missing(member: member) }
    return found
  }

  func bytes(_ member: String) throws(EvidenceError) -> [UInt8] {
    try required(member) { $0.string }
  }

  func text(_ member: String) throws(EvidenceError) -> String {
    try required(member) { $0.text }
  }

  /// The objects of a list.
  func list<Value>(
    _ member: String, _ read: (EvidenceReader) throws(EvidenceError) -> Value
  ) throws(EvidenceError) -> [Value] {
    var found: [Value] = []
    for value in try required(member, { $0.array }) {
      found.append(try read(EvidenceReader(value)))
    }
    return found
  }

  /// The values of a list.
  func values<Value>(
    _ member: String, _ read: (JSONValue) -> Value?
  ) throws(EvidenceError) -> [Value] {
    var found: [Value] = []
    for value in try required(member, { $0.array }) {
      guard let read = read(value) else { throw .unreadable(member: member) }
      found.append(read)
    }
    return found
  }

  /// The interval from `started_at` to `ended_at`.
  func interval() throws(EvidenceError) -> Interval {
    let start = try required("started_at") { Instant($0) }
    let end = try required("ended_at") { Instant($0) }
    guard start <= end else { throw .unreadable(member: "ended_at") }
    return Interval(start, end)
  }

  /// The object in a member; `nil` if there is no such member.
  func object(_ member: String) -> EvidenceReader? { value[member].map { EvidenceReader($0) } }
}

extension JSONValue {
  package var text: String? { string.map { String(decoding: $0, as: UTF8.self) } }

  /// A decimal number as text, in millionths; `nil` if it is not a number, is negative, or has more
  /// than six decimals.
  package var micros: Int128? {
    guard let digits = string, !digits.isEmpty else { return nil }
    var value: Int128 = 0
    var decimals: Int?
    var hasDigit = false
    for byte in digits {
      if byte == UInt8(ascii: "."), decimals == nil, hasDigit {
        decimals = 0
        hasDigit = false
        continue
      }
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(Int128(byte - UInt8(ascii: "0")))
      guard !overflow, !carry else { return nil }
      value = sum
      hasDigit = true
      decimals = decimals.map { $0 + 1 }
    }
    guard hasDigit, (decimals ?? 0) <= 6 else { return nil }
    for _ in (decimals ?? 0)..<6 {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      guard !overflow else { return nil }
      value = product
    }
    return value
  }
}

extension Instant {
  /// Reads `2026-10-05T08:00:00Z`, as a run writes it.
  init?(_ value: JSONValue) {
    guard let instant = value.text.flatMap({ Instant(iso8601: $0) }) else { return nil }
    self = instant
  }
}

extension BillingMonth {
  /// Reads `2026-10`.
  init?(_ value: JSONValue) {
    guard let first = value.text.flatMap({ Instant(iso8601: $0 + "-01") }) else { return nil }
    self.init(daysSinceUnixEpoch: Int32(first.microseconds / 86_400_000_000))
  }
}
