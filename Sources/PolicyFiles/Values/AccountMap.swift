/// The accounts that credits are booked to, as a policy file names them.
package struct AccountMap: Hashable, Sendable {
  /// What the journal moves amounts between.
  package enum Role: String, CaseIterable, Sendable {
    /// What customers are granted; debited by a grant.
    case credits
    /// What customers are owed and no invoice carries; credited by a grant.
    case liability
    /// What invoices carry; credited where a credit is placed.
    case receivable
    /// What invoices carry above what is due: a claim, and never set off against what is owed.
    case overcredited
    /// What is handed to the customers' balances in another system; credited where a credit is.
    case balances

    /// The account where the file names none.
    package var usual: String {
      switch self {
      case .credits: "Income:ServiceCredits"
      case .liability: "Liabilities:ServiceCredits"
      case .receivable: "Assets:Receivable"
      case .overcredited: "Assets:ServiceCredits:Overcredited"
      case .balances: "Liabilities:CustomerBalances"
      }
    }

    var key: PolicyKey {
      switch self {
      case .credits: .creditsAccount
      case .liability: .liabilityAccount
      case .receivable: .receivableAccount
      case .overcredited: .overcreditedAccount
      case .balances: .balancesAccount
      }
    }
  }

  /// The account of each role.
  package struct Accounts: Hashable, Sendable {
    package var credits: String
    package var liability: String
    package var receivable: String
    package var overcredited: String
    package var balances: String

    package subscript(_ role: Role) -> String {
      get {
        switch role {
        case .credits: credits
        case .liability: liability
        case .receivable: receivable
        case .overcredited: overcredited
        case .balances: balances
        }
      }
      set {
        switch role {
        case .credits: credits = newValue
        case .liability: liability = newValue
        case .receivable: receivable = newValue
        case .overcredited: overcredited = newValue
        case .balances: balances = newValue
        }
      }
    }

    package static let usual = Accounts(
      credits: Role.credits.usual, liability: Role.liability.usual,
      receivable: Role.receivable.usual, overcredited: Role.overcredited.usual,
      balances: Role.balances.usual)
  }

  /// An entry of `by`: accounts of what fits all that it names.
  struct Entry: Hashable, Sendable {
    var service: String?
    var plan: String?
    /// Compared without case and outer spaces, as everywhere.
    var tier: String?
    var accounts: [Role: String]
    let line: Int

    /// Whether everything that fits `other` fits this one too.
    func covers(_ other: Entry) -> Bool {
      func isWider(_ mine: String?, _ theirs: String?) -> Bool {
        mine.map { mine in theirs.map { mine.utf8.elementsEqual($0.utf8) } ?? false } ?? true
      }
      return isWider(service, other.service) && isWider(plan, other.plan)
        && isWider(tier.map(AccountMap.folded), other.tier.map(AccountMap.folded))
    }

    /// The service, plan and tier, in words.
    var words: String {
      [("service", service), ("plan", plan), ("tier", tier)].compactMap { name, value in
        value.map { "\(name) \($0)" }
      }.joined(separator: ", ")
    }
  }

  var accounts: Accounts
  /// The first that fits holds.
  var entries: [Entry]

  package static let usual = AccountMap(accounts: .usual, entries: [])

  /// The accounts of a credit.
  package func accounts(service: String, plan: String, tier: String) -> Accounts {
    let tier = AccountMap.folded(tier)
    let fitting = entries.first { entry in
      (entry.service.map { $0.utf8.elementsEqual(service.utf8) } ?? true)
        && (entry.plan.map { $0.utf8.elementsEqual(plan.utf8) } ?? true)
        && (entry.tier.map { AccountMap.folded($0).utf8.elementsEqual(tier.utf8) } ?? true)
    }
    var accounts = accounts
    for (role, name) in fitting?.accounts ?? [:] { accounts[role] = name }
    return accounts
  }

  /// A tier as it is compared.
  private static func folded(_ tier: String) -> String {
    let bytes = tier.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    let bare = bytes.drop { $0 == 0x20 }.reversed().drop { $0 == 0x20 }.reversed()
    return String(decoding: Array(bare), as: UTF8.self)
  }

  /// What the name of an account begins with: hledger and beancount know the kind of an account by
  /// it.
  static let roots = ["Assets", "Liabilities", "Equity", "Income", "Expenses"]

  /// Whether the text is one of the roots, and at least one further part after a colon. No part is
  /// empty, has a space at an end, or a character that nobody sees.
  static func isAccount(_ text: String) -> Bool {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard text.utf8.count <= 200, parts.count > 1, roots.contains(String(parts[0])) else {
      return false
    }
    return parts.allSatisfy { part in
      !part.isEmpty && part.first != " " && part.last != " "
        && part.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
    }
  }
}
