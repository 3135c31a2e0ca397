import Digests
package import ServiceCredits

/// The keys of messages to other systems. They follow from the ledger alone, so that they are the same whenever they are
/// made, and no two messages ever have the same.
package enum MessageKey {
  package static let prefix = "redress-"

  /// Of a line on a pseudo invoice.
  package static func ofLine(
    _ line: HandoverLine.Key, customer: [UInt8], currency: Currency, ledger: String
  ) -> String {
    key([
      Array("line".utf8), Array(ledger.utf8), customer, line.subscription, line.incident,
      Array(line.month.text.utf8), currency.codeBytes, Array("\(line.number)".utf8),
    ])
  }

  /// Of what a finalized invoice carries, as a credit note.
  package static func ofCreditNote(
    invoice: [UInt8], customer: [UInt8], currency: Currency, ledger: String
  ) -> String {
    key([
      Array("credit-note".utf8), Array(ledger.utf8), customer, invoice, currency.codeBytes,
    ])
  }

  /// Each part has its length in front, so that no two lists of parts are the same bytes.
  private static func key(_ parts: [[UInt8]]) -> String {
    var bytes: [UInt8] = []
    for part in parts {
      bytes += "\(part.count):".utf8
      bytes += part
    }
    return prefix + SHA256.hash(bytes).hex
  }
}
