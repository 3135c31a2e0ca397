/// Where a credit is: what of it invoices carry, and what they do not.
///
/// What is open is still owed to the customer, and what is overcredited was given too much. A credit has one of the two
/// at most, and they are never set off against each other.
public struct CreditPlacement {
  /// The invoice that carries all of `placedMinor`; empty where none carries any of it, or where several do. Borrowed
  /// bytes.
  public let invoiceId: UnsafeRawBufferPointer
  /// How many invoices carry a part of it.
  public let invoices: Int
  /// Amounts in minor units of the credit's currency, none below zero in a sound ledger.
  public let placedMinor: Int64
  public let openMinor: Int64
  public let overcreditedMinor: Int64

  /// - Parameters:
  ///   - entitledMinor: what the credit is worth.
  ///   - invoiceId: of one of the invoices; says nothing where there is not exactly one.
  public init(
    entitledMinor: Int64, placedMinor: Int64, invoices: Int, invoiceId: UnsafeRawBufferPointer
  ) {
    let isSingle = invoices == 1
    self.invoiceId = isSingle ? invoiceId : UnsafeRawBufferPointer(start: nil, count: 0)
    self.invoices = invoices
    self.placedMinor = placedMinor
    // Only where other hands changed the ledger, the difference does not fit; its sums are wrong then anyway.
    let difference = Int128(entitledMinor) - Int128(placedMinor)
    openMinor = Int64(clamping: max(0, difference))
    overcreditedMinor = Int64(clamping: max(0, -difference))
  }

  /// Of a line that says nothing of it, because a later line of the same credit does.
  public static var toldLater: CreditPlacement {
    CreditPlacement(
      entitledMinor: 0, placedMinor: 0, invoices: 0,
      invoiceId: UnsafeRawBufferPointer(start: nil, count: 0))
  }
}

/// What credits of one currency come to by where they are.
public struct PlacementTotals: Sendable {
  /// The words of every output.
  public enum Place: String, CaseIterable, Sendable {
    case placed, open, overcredited
  }

  public struct Sum: Equatable, Sendable {
    /// Lines with an amount.
    public var rows: Int64 = 0
    /// Wide, because the sum need not fit where each credit does.
    public var amountMinor: Int128 = 0

    public init() {}

    public mutating func add(_ amountMinor: Int64) {
      guard amountMinor != 0 else { return }
      rows += 1
      self.amountMinor += Int128(amountMinor)
    }
  }

  // Fields and no dictionary, because they are added to with each credit.
  private var placed = Sum()
  private var open = Sum()
  private var overcredited = Sum()

  public init() {}

  public mutating func add(_ placement: CreditPlacement) {
    placed.add(placement.placedMinor)
    open.add(placement.openMinor)
    overcredited.add(placement.overcreditedMinor)
  }

  public subscript(_ place: Place) -> Sum {
    switch place {
    case .placed: placed
    case .open: open
    case .overcredited: overcredited
    }
  }
}
