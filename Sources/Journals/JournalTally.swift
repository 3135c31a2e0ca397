import CreditLedger
import PolicyFiles
import ServiceCredits

/// An account map with a number, so that what was looked up in it is found again.
struct NumberedAccounts {
  let number: Int
  let map: AccountMap
}

/// What a transaction does.
enum JournalKind: Int, CaseIterable, Comparable {
  case granted, takenBack, moved, placed, released, handedOver, handedBack

  /// In ids and in the CSV.
  var code: String {
    switch self {
    case .granted: "granted"
    case .takenBack: "taken_back"
    case .moved: "moved"
    case .placed: "placed"
    case .released: "released"
    case .handedOver: "handed_over"
    case .handedBack: "handed_back"
    }
  }

  var words: String {
    switch self {
    case .granted: "Service credits granted"
    case .takenBack: "Service credits taken back"
    case .moved: "Service credits booked under what they are decided on now"
    case .placed: "Service credits placed on invoices"
    case .released: "Service credits taken off invoices"
    case .handedOver: "Service credits handed to customers' balances"
    case .handedBack: "Service credits taken back from customers' balances"
    }
  }

  static func < (left: JournalKind, right: JournalKind) -> Bool { left.rawValue < right.rawValue }
}

/// What is posted together: by one run, or on one day by the invoicing system, in one billing month
/// and currency.
struct JournalTransaction {
  struct Posting {
    let account: String
    let service: String
    let plan: String
    let policyVersion: String
    /// A debit is positive, a credit negative. Never zero.
    let amount: MoneyTotal
  }

  /// `2026-11-02`
  let day: String
  /// `nil` where the invoicing system wrote the lines.
  let runId: Int64?
  let month: BillingMonth
  let currency: Currency
  let kind: JournalKind
  /// They add up to zero.
  let postings: [Posting]

  /// The same whenever the journal is made: `run-12/2026-10/USD/granted`.
  var id: String {
    let writer = runId.map { "run-\($0)" } ?? "invoicing-\(day)"
    return "\(writer)/\(month.text)/\(currency.code)/\(kind.code)"
  }
}

/// Follows credits from their first revision on and adds up what is posted.
///
/// What a credit is booked as follows from its state alone: what it is worth, what invoices carry,
/// and what it was decided on. A transaction is the difference of two states, so accounts always
/// hold exactly what the credits come to, and what is taken back goes where it was granted.
struct JournalTally {
  /// What a credit is booked under. Texts are numbers in `texts`.
  private struct Subject: Hashable {
    let service: Int32
    let plan: Int32
    let policyVersion: Int32
    /// In the order of the roles.
    let accounts: [Int32]
  }

  private struct State {
    var subject: Int32
    var entitledMinor: Int128 = 0
    var placedMinor: Int128 = 0
    /// What of it is on balances.
    var handedMinor: Int128 = 0

    /// Debits are positive. Open and overcredited amounts are in accounts of their own.
    func balance(_ role: AccountMap.Role) -> Int128 {
      switch role {
      case .credits: entitledMinor
      case .liability: -max(0, entitledMinor - placedMinor)
      case .receivable: -(placedMinor - handedMinor)
      case .balances: -handedMinor
      case .overcredited: max(0, placedMinor - entitledMinor)
      }
    }
  }

  private struct TransactionKey: Hashable, Comparable {
    let day: Int32
    /// The largest number for the invoicing system, which comes after the runs of a day.
    let writer: Int64
    let month: BillingMonth
    let currency: Currency
    let kind: JournalKind

    static func < (left: TransactionKey, right: TransactionKey) -> Bool {
      if left.day != right.day { return left.day < right.day }
      if left.writer != right.writer { return left.writer < right.writer }
      if left.month != right.month { return left.month < right.month }
      if left.currency != right.currency { return left.currency < right.currency }
      return left.kind < right.kind
    }
  }

  private struct PostingKey: Hashable {
    let role: AccountMap.Role
    let subject: Int32
  }

  private struct SubjectKey: Hashable {
    let map: Int
    let basis: JournalledCredit.Basis
  }

  private static let invoicing = Int64.max

  private let postedOn: [Int64: Int32]
  private let days: Range<Int32>
  private let texts: ByteTable
  private let accountNames = ByteTable()
  private var subjects: [Subject] = []
  private var subjectNumbers: [Subject: Int32] = [:]
  private var known: [SubjectKey: Int32] = [:]
  private var cells: [TransactionKey: [PostingKey: Int128]] = [:]

  /// - Parameters:
  ///   - posted: the runs whose rows are posted.
  ///   - days: the days on which the lines of the invoicing system are.
  ///   - texts: those that credits refer to.
  init(posted: [PostedRun], days: Range<Int32>, texts: ByteTable) {
    self.init(
      postedOn: Dictionary(uniqueKeysWithValues: posted.map { ($0.runId, $0.postedOn) }),
      days: days, texts: texts)
  }

  /// - Parameter postedOn: the day of each run whose rows are posted.
  init(postedOn: [Int64: Int32], days: Range<Int32>, texts: ByteTable) {
    self.postedOn = postedOn
    self.days = days
    self.texts = texts
  }

  // MARK: Adding

  mutating func add(_ credit: JournalledCredit, accounts: NumberedAccounts) {
    guard let first = credit.revisions.first else { return }
    var state = State(subject: subject(of: first.basis, accounts))
    var lines = credit.lines[...]
    func postLines(_ tally: inout JournalTally, while condition: (JournalledCredit.Line) -> Bool) {
      while let line = lines.first, condition(line) {
        let before = state
        state.placedMinor -= Int128(line.amountMinor)
        if line.isBalance { state.handedMinor -= Int128(line.amountMinor) }
        tally.post(line.writer, JournalTally.kind(of: line), credit, before, state)
        lines.removeFirst()
      }
    }
    for revision in credit.revisions {
      let run = JournalledCredit.Writer.run(revision.runId)
      // What was there before the run. Its own lines come after its revision.
      postLines(&self) { $0.number <= revision.linesThrough && $0.writer != run }
      if let basis = revision.basis {
        let before = state
        state.subject = subject(of: basis, accounts)
        if before.subject != state.subject { post(run, .moved, credit, before, state) }
      }
      let before = state
      state.entitledMinor += Int128(revision.amountMinor)
      post(run, revision.amountMinor > 0 ? .granted : .takenBack, credit, before, state)
      postLines(&self) { $0.number <= revision.linesThrough }
    }
    postLines(&self) { _ in true }
  }

  private static func kind(of line: JournalledCredit.Line) -> JournalKind {
    if line.isBalance { return line.amountMinor < 0 ? .handedOver : .handedBack }
    return line.amountMinor < 0 ? .placed : .released
  }

  /// Posts what leads from one state to the next, if its writer is one of those that are posted.
  private mutating func post(
    _ writer: JournalledCredit.Writer, _ kind: JournalKind, _ credit: JournalledCredit,
    _ before: State, _ after: State
  ) {
    let day: Int32
    let number: Int64
    switch writer {
    case .run(let runId):
      guard let posted = postedOn[runId] else { return }
      (day, number) = (posted, runId)
    case .invoicing(let placed):
      guard days.contains(placed) else { return }
      (day, number) = (placed, JournalTally.invoicing)
    }
    let key = TransactionKey(
      day: day, writer: number, month: credit.month, currency: credit.currency, kind: kind)
    for role in AccountMap.Role.allCases {
      add(-before.balance(role), PostingKey(role: role, subject: before.subject), key)
      add(after.balance(role), PostingKey(role: role, subject: after.subject), key)
    }
  }

  private mutating func add(_ minor: Int128, _ posting: PostingKey, _ key: TransactionKey) {
    guard minor != 0 else { return }
    cells[key, default: [:]][posting, default: 0] += minor
  }

  private mutating func subject(
    of basis: JournalledCredit.Basis?, _ accounts: NumberedAccounts
  ) -> Int32 {
    let nothing = texts.insert(UnsafeRawBufferPointer(start: nil, count: 0))
    let basis =
      basis
      ?? JournalledCredit.Basis(
        service: nothing, plan: nothing, policyVersion: nothing, customerTier: nothing)
    let key = SubjectKey(map: accounts.number, basis: basis)
    if let number = known[key] { return number }
    let names = accounts.map.accounts(
      service: texts.text(Int(basis.service)), plan: texts.text(Int(basis.plan)),
      tier: texts.text(Int(basis.customerTier)))
    let subject = Subject(
      service: basis.service, plan: basis.plan, policyVersion: basis.policyVersion,
      accounts: AccountMap.Role.allCases.map { role in
        Array(names[role].utf8).withUnsafeBytes { accountNames.insert($0) }
      })
    let number = subjectNumbers[subject] ?? Int32(subjects.count)
    if Int(number) == subjects.count {
      subjects.append(subject)
      subjectNumbers[subject] = number
    }
    known[key] = number
    return number
  }

  // MARK: What it came to

  /// In the order of day, writer, month, currency and kind.
  var transactions: [JournalTransaction] {
    cells.sorted { $0.key < $1.key }.compactMap { key, postings in
      let own = self.postings(postings, key.currency)
      guard !own.isEmpty else { return nil }
      precondition(own.reduce(0) { $0 + $1.amount.totalMinor } == 0, "debits are credits")
      return JournalTransaction(
        day: CalendarDate(daysSinceUnixEpoch: key.day).text,
        runId: key.writer == JournalTally.invoicing ? nil : key.writer, month: key.month,
        currency: key.currency, kind: key.kind, postings: own)
    }
  }

  /// The postings of a transaction by role, account, service, plan and policy version. Accounts
  /// that several roles share keep a posting for each.
  private func postings(
    _ cells: [PostingKey: Int128], _ currency: Currency
  ) -> [JournalTransaction.Posting] {
    let roles = AccountMap.Role.allCases
    let ordered = cells.filter { $0.value != 0 }.map { key, minor in
      let subject = subjects[Int(key.subject)]
      let role = roles.firstIndex(of: key.role) ?? 0
      let texts = [
        accountNames.text(Int(subject.accounts[role])), text(subject.service), text(subject.plan),
        text(subject.policyVersion),
      ]
      return (role: role, texts: texts, minor: minor)
    }.sorted { left, right in
      if left.role != right.role { return left.role < right.role }
      for (mine, theirs) in zip(left.texts, right.texts) where !mine.utf8.elementsEqual(theirs.utf8)
      {
        return mine.utf8.lexicographicallyPrecedes(theirs.utf8)
      }
      return left.minor < right.minor
    }
    return ordered.map { posting in
      JournalTransaction.Posting(
        account: posting.texts[0], service: posting.texts[1], plan: posting.texts[2],
        policyVersion: posting.texts[3],
        amount: MoneyTotal(totalMinor: posting.minor, currency: currency))
    }
  }

  private func text(_ number: Int32) -> String { texts.text(Int(number)) }
}
