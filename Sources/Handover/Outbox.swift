package import CreditLedger
package import Postgres
package import ServiceCredits

/// The messages of a ledger to one system. They follow from its lines, and what was noted of them from
/// `redress.handover`.
package struct Outbox: Sendable {
  package let system: BalanceSystem
  package let kind: HandoverKind
  package let names: RemoteNames
  let target: ConnectionTarget
  let interruption: Interruption

  /// - Throws: `HandoverError.noCreditNotes`.
  package init(
    system: BalanceSystem, kind: HandoverKind, names: RemoteNames = .none,
    target: ConnectionTarget, interruption: Interruption
  ) throws {
    if case .creditNotes = kind, system != .stripe, system != .lago {
      throw HandoverError.noCreditNotes(system)
    }
    self.system = system
    self.kind = kind
    self.names = names
    self.target = target
    self.interruption = interruption
  }

  /// What was not said yet of a currency, over all customers.
  package struct Carried: Sendable {
    package var customers = 0
    /// Minor units; negative is for the customers.
    package var totalMinor: Int128 = 0
  }

  /// Reads all messages in the order in which they are told, in one snapshot.
  /// - Parameter body: called with each message.
  /// - Returns: what is carried, by currency.
  @discardableResult
  package func readAll(
    _ body: (OutboxMessage) throws -> Void
  ) throws -> [Currency: Carried] {
    let connection = try interruption.connect(target)
    let snapshot = try Snapshot(
      connection, needs: sourceNeeds, nodes: NodeAccess(target, interruption))
    var maker = MessageMaker(
      system: system, kind: kind, names: names, ledger: try LedgerIdentity.id(connection))
    let reader = try snapshot.another { try interruption.connect(target) }
    var lines: HandoverLines
    switch kind {
    case .balance: lines = try HandoverLines(system, reader)
    case .creditNotes(let day):
      lines = try HandoverLines(creditNotesOf: system, issuedFrom: day, reader)
    }
    let amounts: HandoverTaxes.Amounts = kind == .balance ? .fees : .invoices
    var taxes: HandoverTaxes?
    if try HandoverTaxes.areTold(of: amounts, connection) {
      taxes = try HandoverTaxes(
        of: amounts, snapshot.another { try interruption.connect(target) })
    }
    var carried: [Currency: Carried] = [:]
    var last: OutboxMessage?
    func settle(_ message: OutboxMessage?) {
      guard let message, message.carriedMinor != 0 else { return }
      carried[message.line.currency, default: Carried()].customers += 1
      carried[message.line.currency, default: Carried()].totalMinor += message.carriedMinor
    }
    while let line = try lines.next() {
      let tax = try taxes?.tax(of: line.key?.subscription ?? line.invoice, owner: line.customer)
      let message = maker.message(line, tax: tax ?? .unknown)
      if let last, last.line.customer != line.customer || last.line.currency != line.currency {
        settle(last)
      }
      last = message
      try body(message)
    }
    settle(last)
    return carried
  }

  /// - Throws: `ContractError` with what the user's role lacks to record anything.
  func requireRights() throws {
    _ = try Snapshot(
      interruption.connect(target), needs: [.ledger, .handingOver],
      nodes: NodeAccess(target, interruption))
  }

  private var sourceNeeds: ContractNeeds {
    if case .creditNotes = kind { [.ledger, .source] } else { .ledger }
  }
}
