import CreditLedger
import Documents
package import ServiceCredits

/// What is handed over.
package enum HandoverKind: Hashable, Sendable {
  /// The lines of the system's pseudo invoice, to the customers' balances.
  case balance
  /// What finalized invoices carry that were issued on the day or later, as credit notes.
  case creditNotes(issuedFrom: CalendarDate)
}

/// A request to another system, as it is sent. Without the secret.
package struct HandoverRequest: Hashable, Sendable {
  package var method = "POST"
  /// With its query, percent-encoded.
  package let path: String
  package let headers: [Header]
  package var body = ""

  package struct Header: Hashable, Sendable {
    package let name: String
    package let value: String
  }

  init(get path: String) {
    method = "GET"
    self.path = path
    headers = [Header(name: "Accept", value: "application/json")]
  }

  init(post path: String, _ type: String, _ body: String, _ headers: [Header] = []) {
    self.path = path
    self.headers = [Header(name: "Content-Type", value: type)] + headers
    self.body = body
  }
}

/// Why a message cannot be made.
package enum UntoldReason: Hashable, Sendable {
  /// The system has no rule for the currency.
  case currency
  /// The amount is larger than the system takes in one message.
  case tooLarge(most: String)
  /// No wallet is known for the customer and currency.
  case walletMissing
  /// No fee is known of the invoice.
  case feeMissing
  /// An id has bytes that are no UTF-8.
  case unreadableId
}

/// What other systems know a customer's wallets and an invoice's fees by.
package struct RemoteNames: Sendable {
  struct WalletOwner: Hashable, Sendable {
    let customer: String
    let currency: String
  }

  var wallets: [WalletOwner: String] = [:]
  var fees: [String: String] = [:]

  package static let none = RemoteNames()

  init() {}

  /// Reads one JSON object a line: `{"customer": …, "currency": …, "wallet": …}` or `{"invoice": …, "fee": …}`.
  /// - Throws: `HandoverError.badLine`.
  package init(_ text: [UInt8], file: String) throws {
    for (number, line) in try JSONLine.all(text, file: file) {
      if let customer = line["customer"]?.text, let currency = line["currency"]?.text,
        let wallet = line["wallet"]?.text
      {
        let owner = WalletOwner(customer: customer, currency: currency)
        if let known = wallets[owner], known != wallet {
          throw HandoverError.badLine(
            file: file, line: number, "customer \(customer) has two wallets in \(currency)")
        }
        wallets[owner] = wallet
      } else if let invoice = line["invoice"]?.text, let fee = line["fee"]?.text {
        if let known = fees[invoice], known != fee {
          throw HandoverError.badLine(
            file: file, line: number, "invoice \(invoice) has two fees")
        }
        fees[invoice] = fee
      } else {
        throw HandoverError.badLine(
          file: file, line: number,
          "a line has customer, currency and wallet, or invoice and fee")
      }
    }
  }
}

/// The objects of a file with one JSON object a line.
enum JSONLine {
  /// Empty lines are left out.
  static func all(_ text: [UInt8], file: String) throws -> [(number: Int, JSONValue)] {
    var lines: [(number: Int, JSONValue)] = []
    for (index, line) in text.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated()
    where line.contains(where: { $0 > 0x20 }) {
      guard let value = try? JSONValue(Array(line)), case .object = value else {
        throw HandoverError.badLine(file: file, line: index + 1, "it is no JSON object")
      }
      lines.append((index + 1, value))
    }
    return lines
  }
}

extension JSONValue {
  /// A text that is valid UTF-8 and not empty, or the digits of a number.
  var text: String? {
    switch self {
    case .string(let bytes), .number(let bytes):
      bytes.isEmpty ? nil : String(validating: bytes, as: UTF8.self)
    default: nil
    }
  }
}
