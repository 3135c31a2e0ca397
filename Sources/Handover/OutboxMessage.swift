package import CreditLedger
package import ServiceCredits

/// One message to another system.
package struct OutboxMessage: Sendable {
  package enum State: String, Sendable {
    /// Never begun to be sent.
    case new
    /// Begun, and nobody knows whether it arrived.
    case unknown
    case refused
    case sent
    /// Its amount cannot be said yet; a later message of the customer and currency says it.
    case carried
  }

  package let system: BalanceSystem
  package let line: HandoverLine
  package let key: String
  /// The amount as the other system writes it, with the line's sign: negative is for the customer.
  package let said: String
  /// What is left over after this message, in minor units; negative is for the customer.
  package let carriedMinor: Int128
  /// Whether the amount holds tax.
  package let tax: TaxInAmount
  package let content: Content

  package enum Content: Sendable {
    case request(HandoverRequest)
    case untold(UntoldReason)
    case nothing
  }

  package var state: State {
    if line.noted.isSent { return .sent }
    switch line.noted.newest {
    case .refused: return .refused
    case .begun, .unknown: return .unknown
    case .sent, nil: break
    }
    if case .nothing = content { return .carried }
    return .new
  }

  package var customer: String { String(decoding: line.customer, as: UTF8.self) }
}

/// Makes the messages of one system from the lines of the ledger, in their order.
///
/// The same lines make the same messages, byte for byte.
package struct MessageMaker {
  let system: BalanceSystem
  let kind: HandoverKind
  let names: RemoteNames
  let ledger: String
  private var customer: [UInt8]?
  private var currency: Currency?
  private var amounts: ToldAmounts?

  package init(
    system: BalanceSystem, kind: HandoverKind, names: RemoteNames = .none, ledger: String
  ) {
    self.system = system
    self.kind = kind
    self.names = names
    self.ledger = ledger
  }

  /// What is left over of the last customer and currency, in minor units.
  package var carriedMinor: Int128 { amounts?.carriedMinor ?? 0 }

  /// - Parameters:
  ///   - line: the next in the order of the lines.
  ///   - tax: whether its amount holds tax.
  package mutating func message(
    _ line: HandoverLine, tax: TaxInAmount = .unknown
  ) -> OutboxMessage {
    let isCreditNote = line.key == nil
    if isCreditNote || customer != line.customer || currency != line.currency {
      amounts = ToldUnits(line.currency, in: system).map { ToldAmounts($0) }
      (customer, currency) = (line.customer, line.currency)
    }
    let key = line.messageKey(ledger: ledger)
    guard let units = amounts?.units else {
      let amount = MoneyTotal(totalMinor: Int128(line.amountMinor), currency: line.currency)
      return message(line, key, tax, said: amount.decimalText, .untold(.currency))
    }
    let told = amounts?.add(line.amountMinor) ?? 0
    let said = units.text(told)
    if told == 0 { return message(line, key, tax, said: said, .nothing) }
    if let most = units.most, told.magnitude > most.magnitude {
      return message(line, key, tax, said: said, .untold(.tooLarge(most: units.text(most))))
    }
    guard String(validating: line.customer, as: UTF8.self) != nil else {
      return message(line, key, tax, said: said, .untold(.unreadableId))
    }
    let body = MessageBody(
      line: line, key: key, amount: units.text(Int128(told.magnitude)), isForCustomer: told < 0,
      ledger: ledger, tax: tax)
    return message(line, key, tax, said: said, body.content(system, names))
  }

  private func message(
    _ line: HandoverLine, _ key: String, _ tax: TaxInAmount, said: String,
    _ content: OutboxMessage.Content
  ) -> OutboxMessage {
    OutboxMessage(
      system: system, line: line, key: key, said: said, carriedMinor: carriedMinor, tax: tax,
      content: content)
  }
}
