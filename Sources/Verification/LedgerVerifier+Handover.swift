import CreditLedger
import LedgerReports
import ServiceCredits

/// What was handed to other systems.
extension LedgerVerifier {
  /// Checks that each message belongs to a line of its amount, has the key of that line, says what the lines come to, and is
  /// sent once at most.
  ///
  /// Then what is sent and what is pending add up to the lines, because each line has one message.
  func auditHandover() throws {
    for stray in try StrayHandover.all(reader.connection) {
      try add(
        "handover", "\(stray.customer) / \(stray.messageKey) / \(stray.entry)",
        .lineOfMessageMissing(amountMinor: stray.amountMinor, found: stray.foundMinor))
    }
    let ledger = try LedgerIdentity.id(reader.connection)
    let more = reader.more
    var last: NotedHandover?
    var isSent = false
    try NotedHandover.readAll(try more.open()) { noted in
      let isSame = last?.messageKey == noted.messageKey && last?.customer == noted.customer
      if !isSame { isSent = false }
      try audit(noted, after: isSame ? last : nil, isSent: isSent, ledger: ledger)
      isSent = isSent || noted.answer == HandoverLine.Answer.sent.rawValue
      last = noted
    }
    for system in BalanceSystem.allCases { try auditSaid(system) }
  }

  private func audit(
    _ noted: NotedHandover, after last: NotedHandover?, isSent: Bool, ledger: String
  ) throws {
    let name =
      "\(String(decoding: noted.customer, as: UTF8.self)) / \(noted.messageKey) / \(noted.entry)"
    func expect(_ column: String, _ found: String, _ expected: String) throws {
      guard found != expected else { return }
      try add("handover", name, .value(column: column, found: found, expected: expected))
    }
    if !noted.isAsNoted { try add("handover", name, .contentChanged) }
    try expect("message_key", noted.messageKey, noted.expectedKey(ledger: ledger))
    let number = (last?.entry ?? 0) + 1
    if noted.entry != number {
      try add(
        "handover", name,
        .sequence(column: "entry", found: Int64(noted.entry), expected: Int64(number)))
    }
    if noted.key != nil {
      try expect(
        "system", noted.system,
        BalanceInvoice.system(of: noted.invoice)?.rawValue ?? "that of its pseudo invoice")
    }
    if isSent { try expect("answer", noted.answer, "nothing after sent") }
    if let last { try expect("said", noted.said, last.said) }
    if noted.key == nil, let system = BalanceSystem(rawValue: noted.system),
      let units = ToldUnits(noted.currency, in: system)
    {
      var amounts = ToldAmounts(units)
      try expect("said", noted.said, units.text(amounts.add(noted.amountMinor)))
    }
  }

  /// Checks that each message says what the lines up to it come to, less what those before it have said.
  private func auditSaid(_ system: BalanceSystem) throws {
    let more = reader.more
    var lines = try HandoverLines(system, try more.open())
    var last: (customer: [UInt8], currency: Currency, amounts: ToldAmounts)?
    while let line = try lines.next() {
      guard let units = ToldUnits(line.currency, in: system) else { continue }
      if last?.customer != line.customer || last?.currency != line.currency {
        last = (line.customer, line.currency, ToldAmounts(units))
      }
      guard let told = last?.amounts.add(line.amountMinor), let said = line.noted.said else {
        continue
      }
      let expected = units.text(told)
      if said != expected {
        let name = String(decoding: line.customer, as: UTF8.self)
        let number = line.key.map { "\($0.number)" } ?? ""
        try add(
          "handover", "\(name) / \(line.currency.code) / line \(number)",
          .value(column: "said", found: said, expected: expected))
      }
    }
  }
}
