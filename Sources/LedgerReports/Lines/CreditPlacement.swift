/// How much of a credit is on invoices, and how much is not.
///
/// The open amount is still owed to the customer. The overcredited amount is what invoices carry
/// too much. A credit has at most one of the two, and no total nets them.
public struct CreditPlacement {
  /// The invoice that carries all of `placedMinor`; empty if no invoice or more than one carries
  /// it. Borrowed bytes, valid as long as those that the initializer was given.
  public let invoiceId: UnsafeRawBufferPointer
  /// How many invoices carry a part of the credit.
  public let invoices: Int
  /// Amounts in minor units of the credit's currency. `placedMinor` is negative only where an invoice
  /// was voided after what it carried too much had been set off.
  public let placedMinor: Int64
  public let openMinor: Int64
  public let overcreditedMinor: Int64

  /// - Parameters:
  ///   - entitledMinor: what the credit is worth.
  ///   - invoiceId: one of the invoices. Ignored unless there is exactly one.
  public init(
    entitledMinor: Int64, placedMinor: Int64, invoices: Int, invoiceId: UnsafeRawBufferPointer
  ) {
    let isSingle = invoices == 1
    self.invoiceId = isSingle ? invoiceId : UnsafeRawBufferPointer(start: nil, count: 0)
    self.invoices = invoices
    self.placedMinor = placedMinor
    // The difference exceeds 64 bits only if other programs changed the ledger.
    let difference = Int128(entitledMinor) - Int128(placedMinor)
    openMinor = Int64(clamping: max(0, difference))
    overcreditedMinor = Int64(clamping: max(0, -difference))
  }
}

/// Sums of the placements of credits in one currency.
public struct PlacementTotals: Sendable {
  /// The words are the same in every output.
  public enum Place: String, CaseIterable, Sendable {
    case placed, open, overcredited
  }

  public struct Sum: Equatable, Sendable {
    /// How many lines have such an amount.
    public var rows: Int64 = 0
    /// The sum of many credits may exceed 64 bits although each of them fits.
    public var amountMinor: Int128 = 0

    public init(rows: Int64 = 0, amountMinor: Int128 = 0) {
      self.rows = rows
      self.amountMinor = amountMinor
    }

    public mutating func add(_ amountMinor: Int64) {
      guard amountMinor != 0 else { return }
      rows += 1
      self.amountMinor += Int128(amountMinor)
    }

    mutating func add(_ other: Sum) {
      rows += other.rows
      amountMinor += other.amountMinor
    }
  }

  // Stored properties are faster than a dictionary, and every credit adds to them.
  private var placed = Sum()
  private var open = Sum()
  private var overcredited = Sum()

  public init() {}

  public mutating func add(_ placement: CreditPlacement) {
    placed.add(placement.placedMinor)
    open.add(placement.openMinor)
    overcredited.add(placement.overcreditedMinor)
  }

  mutating func add(_ other: PlacementTotals) {
    placed.add(other.placed)
    open.add(other.open)
    overcredited.add(other.overcredited)
  }

  public subscript(_ place: Place) -> Sum {
    switch place {
    case .placed: placed
    case .open: open
    case .overcredited: overcredited
    }
  }
}
