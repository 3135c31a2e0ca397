/// The system whose customer balances take the open credits.
public enum BalanceSystem: String, CaseIterable, Hashable, Sendable {
  case stripe, lago, killbill
  /// Whoever takes messages of the general form.
  case other

  /// As people call it.
  public var words: String {
    switch self {
    case .stripe: "Stripe"
    case .lago: "Lago"
    case .killbill: "Kill Bill"
    case .other: "another system"
    }
  }
}

/// The pseudo invoices of credits that are handed to the customers' balances in another system. They are final: what
/// is taken back is a further line, and a further message to that system.
public enum BalanceInvoice {
  /// No invoice of the source may have an id that begins like this.
  public static let prefix = "balance:"

  /// `balance:stripe`
  public static func id(of system: BalanceSystem) -> String { prefix + system.rawValue }

  /// The system on whose balances the invoice stands for credits; `nil` for any other invoice.
  public static func system(of invoice: some Collection<UInt8>) -> BalanceSystem? {
    guard isReserved(invoice) else { return nil }
    return BalanceSystem.allCases.first {
      invoice.dropFirst(prefix.utf8.count).elementsEqual($0.rawValue.utf8)
    }
  }

  /// Whether the id begins like those of the pseudo invoices.
  public static func isReserved(_ invoice: some Collection<UInt8>) -> Bool {
    invoice.starts(with: prefix.utf8)
  }
}
