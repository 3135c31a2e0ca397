/// A credit that may be on invoices. Credits are in byte order of their keys.
public struct PlaceableCredit: Hashable, Sendable {
  public let currency: Currency
  /// What the customer is entitled to, after this run.
  public let entitledMinor: Int64
  public let month: BillingMonth
  /// The first creditable instant.
  public let firstInstant: Instant
  /// The same number for all credits of one subscription and incident. They follow each other.
  public let sibling: Int32

  public init(
    currency: Currency, entitledMinor: Int64, month: BillingMonth, firstInstant: Instant,
    sibling: Int32
  ) {
    self.currency = currency
    self.entitledMinor = entitledMinor
    self.month = month
    self.firstInstant = firstInstant
    self.sibling = sibling
  }
}

/// An invoice that is not finalized, or that is treated as finalized. Invoices are in order of
/// `issue_on`, then id.
public struct OpenInvoice: Hashable, Sendable {
  public enum State: Hashable, Sendable {
    /// Takes lines up to the amount due, in minor units.
    case draft(dueMinor: Int64)
    case void
    /// Like a finalized invoice: its lines stay and nothing is added.
    case fixed
  }

  public let currency: Currency?
  public let state: State

  /// - Parameter currency: `nil` if the row has no valid currency; nothing is placed on such an
  ///   invoice.
  public init(currency: Currency?, state: State) {
    self.currency = currency
    self.state = state
  }
}

/// An invoice that credits are on.
public enum CarryingInvoice: Hashable, Sendable {
  /// One of the invoices that are given, by its position.
  case listed(Int32)
  /// One that is finalized or not listed, by the position of a line on it: what it carries stays for ever.
  case settled(line: Int32)
  /// The pseudo invoice of what is set off.
  case setOff
  /// The pseudo invoice of what is handed to balances in another system.
  case balance(BalanceSystem)

  var position: Int? {
    switch self {
    case .listed(let position): Int(position)
    case .settled, .setOff, .balance: nil
    }
  }
}

/// The amount of a credit on one invoice: the sum of its lines, as a positive amount. Negative only
/// for what was set off.
public struct CarriedPart: Hashable, Sendable {
  public let credit: Int32
  public let invoice: CarryingInvoice
  public var amountMinor: Int64

  public init(credit: Int32, invoice: CarryingInvoice, amountMinor: Int64) {
    self.credit = credit
    self.invoice = invoice
    self.amountMinor = amountMinor
  }
}

/// A line to append. A negative amount reduces the invoice.
public struct PlacedLine: Hashable, Sendable {
  public let credit: Int32
  public let invoice: CarryingInvoice
  public let amountMinor: Int64
  /// The order in which the lines were decided.
  let sequence: Int32
}

/// Places one customer's open credits on draft invoices and takes back lines that no longer belong
/// there.
///
/// The arrays are kept between customers to avoid allocations.
/// - Source: credit rules, section 8.
public struct InvoicePlacement {
  /// The lines to append, by credit, in the order in which they were decided.
  public private(set) var lines: [PlacedLine] = []
  /// The amount on finalized invoices above the entitlement, by credit; positive minor units.
  public private(set) var overcredited: [(credit: Int32, amountMinor: Int64)] = []
  /// The amount of each credit on invoices after `lines`, in minor units.
  ///
  /// While lines are decided, without what is given back as a set-off: then a credit is open only if
  /// no invoice and no set-off has it.
  public internal(set) var placedMinor: [Int64] = []
  /// What is set off of each credit after `lines`, in minor units: positive where it stands for
  /// what invoices carry too much of other credits, negative where that is given back. The sum over
  /// the credits of a currency is zero.
  public internal(set) var setOffMinor: [Int64] = []
  /// What was set off of each credit before.
  public private(set) var setOffBeforeMinor: [Int64] = []

  var parts: [CarriedPart] = []
  private var carriedMinor: [Int64] = []
  /// The credits by billing month, then first creditable instant, then key.
  private(set) var order: [Int32] = []

  public init() {}

  /// - Parameters:
  ///   - setsOff: whether what is overcredited is set off against open credits. What was set
  ///     off before and has no reason any more is undone in any case.
  ///   - balance: the system whose balances take what is open; `nil` where drafts do.
  public mutating func place(
    credits: [PlaceableCredit], invoices: [OpenInvoice], carried: [CarriedPart],
    setsOff: Bool = false, balance: BalanceSystem? = nil
  ) {
    lines.removeAll(keepingCapacity: true)
    overcredited.removeAll(keepingCapacity: true)
    collect(carried, credits: credits.count, invoices: invoices.count)
    sortCredits(credits)
    if !carried.isEmpty {
      emptyVoidInvoices(invoices)
      rebookMoved(credits, invoices)
      // Before anything else is decided, because a credit that is not set off any more is open.
      undoSetOffs(credits, invoices)
      // Decreases first, because they free room on a draft whose amount was lowered.
      takeBackDecreases(credits, invoices)
      reduceOverfullDrafts(invoices)
      // What was taken off a draft may have been a moved credit's, which stands elsewhere under its old month.
      rebookMoved(credits, invoices)
      takeBackFromBalances(credits)
      undoSetOffs(credits, invoices)
      if setsOff { setOff(credits) }
      appendSetOffs()
    }
    if let balance {
      placeOnBalance(credits, of: balance)
    } else {
      placeOpenCredits(credits, invoices)
    }
    for credit in credits.indices { placedMinor[credit] += min(0, setOffMinor[credit]) }
    for credit in credits.indices where placedMinor[credit] > credits[credit].entitledMinor {
      overcredited.append((Int32(credit), placedMinor[credit] - credits[credit].entitledMinor))
    }
    if lines.count > 1 {
      lines.sort { ($0.credit, $0.sequence) < ($1.credit, $1.sequence) }
    }
  }

  /// Adds up what is carried.
  private mutating func collect(_ carried: [CarriedPart], credits: Int, invoices: Int) {
    placedMinor.removeAll(keepingCapacity: true)
    placedMinor.append(contentsOf: repeatElement(0, count: credits))
    setOffMinor.removeAll(keepingCapacity: true)
    setOffMinor.append(contentsOf: repeatElement(0, count: credits))
    carriedMinor.removeAll(keepingCapacity: true)
    carriedMinor.append(contentsOf: repeatElement(0, count: invoices))
    parts.removeAll(keepingCapacity: true)
    for part in carried {
      if part.invoice == .setOff {
        setOffMinor[Int(part.credit)] += part.amountMinor
        continue
      }
      parts.append(part)
      placedMinor[Int(part.credit)] += part.amountMinor
      if let invoice = part.invoice.position { carriedMinor[invoice] += part.amountMinor }
    }
    setOffBeforeMinor.removeAll(keepingCapacity: true)
    setOffBeforeMinor.append(contentsOf: setOffMinor)
    for credit in 0..<credits { placedMinor[credit] += max(0, setOffMinor[credit]) }
  }

  private mutating func sortCredits(_ credits: [PlaceableCredit]) {
    order.removeAll(keepingCapacity: true)
    for position in credits.indices { order.append(Int32(position)) }
    if credits.count > 1 {
      order.sort {
        let a = credits[Int($0)]
        let b = credits[Int($1)]
        return (a.month, a.firstInstant, $0) < (b.month, b.firstInstant, $1)
      }
    }
  }

  /// Takes back the credits on void invoices.
  private mutating func emptyVoidInvoices(_ invoices: [OpenInvoice]) {
    for position in parts.indices {
      guard let invoice = parts[position].invoice.position, invoices[invoice].state == .void else {
        continue
      }
      takeBack(parts[position].amountMinor, fromPart: position)
    }
  }

  /// Leaves what a credit had on invoices before it moved to another month where it is, under its new month. An invoice
  /// carries as much as before, so that it may be finalized. What stands on drafts comes last, because it can still be
  /// taken back.
  private mutating func rebookMoved(_ credits: [PlaceableCredit], _ invoices: [OpenInvoice]) {
    guard credits.count > 1 else { return }
    for isDraft in [false, true] {
      for old in credits.indices where placedMinor[old] > credits[old].entitledMinor {
        for new in credits.indices
        where credits[new].sibling == credits[old].sibling
          && credits[new].currency == credits[old].currency
        {
          rebook(from: old, to: new, credits, invoices, isDraft: isDraft)
          if !isDraft { moveSetOff(from: old, to: new, credits) }
        }
      }
    }
  }

  /// Re-books what one credit has too much to another that is open.
  private mutating func rebook(
    from old: Int, to new: Int, _ credits: [PlaceableCredit], _ invoices: [OpenInvoice],
    isDraft: Bool
  ) {
    for position in parts.indices
    where parts[position].credit == Int32(old)
      && InvoicePlacement.isDraft(parts[position].invoice, invoices) == isDraft
    {
      rebook(
        min(
          parts[position].amountMinor, placedMinor[old] - credits[old].entitledMinor,
          credits[new].entitledMinor - placedMinor[new]), ofPart: position, to: Int32(new))
    }
  }

  static func isDraft(_ invoice: CarryingInvoice, _ invoices: [OpenInvoice]) -> Bool {
    guard let position = invoice.position, case .draft = invoices[position].state else {
      return false
    }
    return true
  }

  /// Whether what the invoice carries can be taken back.
  static func givesBack(_ invoice: CarryingInvoice, _ invoices: [OpenInvoice]) -> Bool {
    if case .balance = invoice { return true }
    return isDraft(invoice, invoices)
  }

  private mutating func rebook(_ amountMinor: Int64, ofPart position: Int, to credit: Int32) {
    guard amountMinor > 0 else { return }
    let part = parts[position]
    parts[position].amountMinor -= amountMinor
    parts.append(CarriedPart(credit: credit, invoice: part.invoice, amountMinor: amountMinor))
    placedMinor[Int(part.credit)] -= amountMinor
    placedMinor[Int(credit)] += amountMinor
    append(credit: part.credit, invoice: part.invoice, amountMinor: amountMinor)
    append(credit: credit, invoice: part.invoice, amountMinor: -amountMinor)
  }

  /// Limits each draft to its amount due, which may have been lowered. The credits that were placed
  /// last are taken back first.
  private mutating func reduceOverfullDrafts(_ invoices: [OpenInvoice]) {
    for invoice in invoices.indices {
      guard case .draft(let due) = invoices[invoice].state, carriedMinor[invoice] > due else {
        continue
      }
      for credit in order.reversed() {
        for position in parts.indices
        where parts[position].credit == credit && parts[position].invoice.position == invoice {
          takeBack(
            min(carriedMinor[invoice] - due, parts[position].amountMinor), fromPart: position)
        }
        if carriedMinor[invoice] <= due { break }
      }
    }
  }

  /// Applies decreases: first to the open part, then to drafts, the latest draft first.
  private mutating func takeBackDecreases(_ credits: [PlaceableCredit], _ invoices: [OpenInvoice]) {
    for credit in credits.indices {
      let entitled = credits[credit].entitledMinor
      guard placedMinor[credit] > entitled else { continue }
      for invoice in invoices.indices.reversed() {
        guard case .draft = invoices[invoice].state else { continue }
        for position in parts.indices
        where parts[position].credit == Int32(credit) && parts[position].invoice.position == invoice
        {
          takeBack(
            min(placedMinor[credit] - entitled, parts[position].amountMinor), fromPart: position)
        }
      }
    }
  }

  private mutating func takeBack(_ amountMinor: Int64, fromPart position: Int) {
    guard amountMinor > 0, let invoice = parts[position].invoice.position else { return }
    let part = parts[position]
    parts[position].amountMinor -= amountMinor
    placedMinor[Int(part.credit)] -= amountMinor
    carriedMinor[invoice] -= amountMinor
    append(credit: part.credit, invoice: part.invoice, amountMinor: amountMinor)
  }

  private mutating func placeOpenCredits(_ credits: [PlaceableCredit], _ invoices: [OpenInvoice]) {
    for credit in order {
      let wanted = credits[Int(credit)]
      var open = wanted.entitledMinor - placedMinor[Int(credit)]
      var invoice = 0
      while open > 0, invoice < invoices.count {
        if case .draft(let due) = invoices[invoice].state,
          invoices[invoice].currency == wanted.currency
        {
          let amount = min(open, due - carriedMinor[invoice])
          if amount > 0 {
            append(credit: credit, invoice: .listed(Int32(invoice)), amountMinor: -amount)
            placedMinor[Int(credit)] += amount
            carriedMinor[invoice] += amount
            open -= amount
          }
        }
        invoice += 1
      }
    }
  }

  mutating func append(credit: Int32, invoice: CarryingInvoice, amountMinor: Int64) {
    lines.append(
      PlacedLine(
        credit: credit, invoice: invoice, amountMinor: amountMinor, sequence: Int32(lines.count)))
  }
}
