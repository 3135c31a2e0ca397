/// What becomes of credits that finalized invoices carry beyond what the customer is entitled to.
public enum OvercreditedRule: String, CaseIterable, Hashable, Sendable {
  /// A person decides.
  case report
  /// They are set off against the customer's next credits in the same currency.
  case setOff = "set_off"
}

/// The pseudo invoice on which credits are set off. What it gives back of one credit it carries of
/// others, so that for a customer and a currency its lines add up to zero. It is final.
public enum SetOffInvoice {
  /// No invoice of the source may have this id.
  public static let id: StaticString = "set-off"

  @inlinable
  public static var bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: id.utf8Start, count: id.utf8CodeUnitCount)
  }

  @inlinable
  public static func isMeant(by invoice: some Collection<UInt8>) -> Bool {
    invoice.count == id.utf8CodeUnitCount && bytes.elementsEqual(invoice)
  }
}
