import CreditLedger
import Documents

/// What the other side answered, or says that it has: one JSON object a line.
package struct RemoteAnswer: Sendable {
  let key: String
  /// `nil` in a list of what the other side has.
  let status: HandoverLine.Answer?
  let id: String?
  /// As the other side writes it, in text or digits.
  let amount: String?
  let message: String?

  /// `{"key": …, "status": "sent" | "refused" | "unknown", "id": …, "message": …}`
  /// - Throws: `HandoverError.badLine`.
  package static func answers(_ text: [UInt8], file: String) throws -> [RemoteAnswer] {
    try read(text, file: file, hasStatus: true)
  }

  /// `{"key": …, "amount": …, "id": …}`
  /// - Throws: `HandoverError.badLine`.
  package static func list(_ text: [UInt8], file: String) throws -> [RemoteAnswer] {
    try read(text, file: file, hasStatus: false)
  }

  private static func read(
    _ text: [UInt8], file: String, hasStatus: Bool
  ) throws -> [RemoteAnswer] {
    try JSONLine.all(text, file: file).map { number, line in
      func fail(_ words: String) -> HandoverError {
        .badLine(file: file, line: number, words)
      }
      guard let key = line["key"]?.text else { throw fail("key is missing") }
      var status: HandoverLine.Answer?
      if hasStatus {
        let word = line["status"]?.text ?? ""
        status = HandoverLine.Answer(rawValue: word)
        if status == nil || status == .begun {
          throw fail("status is none of sent, refused and unknown")
        }
      }
      for name in ["id", "message", "amount"] {
        switch line[name] {
        case nil, .null, .string, .number: break
        default: throw fail("\(name) is neither a text nor a number")
        }
      }
      let amount = line["amount"]?.text
      if !hasStatus, amount == nil { throw fail("amount is missing") }
      return RemoteAnswer(
        key: key, status: status, id: line["id"]?.text, amount: amount,
        message: line["message"]?.text.map { String($0.prefix(500)) })
    }
  }
}

/// Decimal amounts as texts.
enum DecimalText {
  /// Whether both are the same number: `-12.30` and `-12.3`.
  static func same(_ one: String, _ other: String) -> Bool {
    guard let one = plain(one), let other = plain(other) else { return false }
    return one == other
  }

  /// Without its sign.
  static func magnitude(_ text: String) -> String {
    text.first == "-" || text.first == "+" ? String(text.dropFirst()) : text
  }

  /// Without zeros that say nothing; `nil` for what is no plain decimal.
  private static func plain(_ text: String) -> String? {
    let isNegative = text.first == "-"
    let parts = magnitude(text).split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), parts.allSatisfy({ $0.utf8.allSatisfy(isDigit) }),
      !parts[0].isEmpty
    else { return nil }
    let whole = String(parts[0].drop { $0 == "0" })
    var part = parts.count == 2 ? String(parts[1]) : ""
    while part.last == "0" { part.removeLast() }
    if whole.isEmpty, part.isEmpty { return "0" }
    return "\(isNegative ? "-" : "")\(whole).\(part)"
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
