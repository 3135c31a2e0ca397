/// Reads which accounts credits are booked to.
extension PolicyDecoder {
  mutating func accounts(in fields: Fields) -> AccountMap {
    var map = AccountMap.usual
    guard let node = fields[.accounts] else { return map }
    let inner = self.fields(
      of: node, .part("accounts"), known: PolicyKey.ofAccounts, required: []
    ) { .structure($0 == .nothing ? .noValue(.accounts) : .wrongKind(.accounts, found: $0)) }
    guard let inner else { return map }
    for (role, name) in accountNames(in: inner) { map.accounts[role] = name }
    guard let (items, list) = list(.by, in: inner) else { return map }
    if items.isEmpty, list.isComplete {
      errors.report(.structure(.emptyList(.by)), at: list.place)
    }
    for item in items {
      guard let entry = accountEntry(item) else { continue }
      if let first = map.entries.first(where: { $0.covers(entry) }) {
        errors.report(
          .rule(.accountsNeverUsed(entry.words, firstLine: first.line)), at: item.place)
      }
      map.entries.append(entry)
    }
    return map
  }

  private mutating func accountEntry(_ node: PolicyNode) -> AccountMap.Entry? {
    let fields = fields(
      of: node, .part("an entry of by"), known: PolicyKey.ofAccountEntry, required: []
    ) { .structure(.wrongItemKind(.by, found: $0)) }
    guard let fields else { return nil }
    let service = text(.service, in: fields)
    let plan = text(.plan, in: fields)
    let tier = text(.customerTier, in: fields)
    let names = accountNames(in: fields)
    let selectors: [PolicyKey] = [.service, .plan, .customerTier]
    let accounts = AccountMap.Role.allCases.map(\.key)
    for keys in [selectors, accounts] where keys.allSatisfy({ fields[$0] == nil }) {
      if node.isComplete {
        errors.report(
          .structure(.oneOfKeys(.part("an entry of by"), keys, given: [])), at: node.place)
      }
      return nil
    }
    return AccountMap.Entry(
      service: service?.value, plan: plan?.value, tier: tier?.value, accounts: names,
      line: node.place.line)
  }

  private mutating func accountNames(in fields: Fields) -> [AccountMap.Role: String] {
    var names: [AccountMap.Role: String] = [:]
    for role in AccountMap.Role.allCases {
      guard let name = text(role.key, in: fields) else { continue }
      if AccountMap.isAccount(name.value) {
        names[role] = name.value
      } else {
        errors.report(.value(.badAccount(role.key, name.value)), at: name.place)
      }
    }
    return names
  }
}
