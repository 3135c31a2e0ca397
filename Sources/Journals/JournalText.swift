import Documents
import OutputFiles
import ServiceCredits

/// Writes transactions in the formats of a journal.
struct JournalText {
  private let selection: JournalSelection
  private let format: JournalFormat

  static let columns = [
    "transaction", "posted_on", "run_id", "kind", "billing_month", "account", "service_id", "plan",
    "policy_version", "currency", "debit", "credit", "amount", "amount_minor",
  ]

  init(_ selection: JournalSelection, _ format: JournalFormat) {
    self.selection = selection
    self.format = format
  }

  func append(
    _ transactions: [JournalTransaction], to sink: inout some ByteSink & ~Copyable
  ) throws {
    try sink.append { buffer in
      switch format {
      case .csv: buffer += "\(JournalText.columns.joined(separator: ","))\r\n".utf8
      case .hledger: buffer += hledgerHead(transactions).utf8
      case .beancount: buffer += beancountHead.utf8
      }
    }
    for transaction in transactions {
      try sink.append { buffer in
        switch format {
        case .csv: JournalText.appendCSV(transaction, to: &buffer)
        case .hledger: buffer += JournalText.hledger(transaction).utf8
        case .beancount: buffer += JournalText.beancount(transaction).utf8
        }
      }
    }
  }

  private var title: String {
    switch selection {
    case .run(let runId): "redress journal --run \(runId)"
    case .posted(let month): "redress journal --posted \(month.text)"
    }
  }

  // MARK: CSV

  private static func appendCSV(_ transaction: JournalTransaction, to buffer: inout [UInt8]) {
    for posting in transaction.postings {
      var csv = CSVText()
      csv.append(text: transaction.id, to: &buffer)
      csv.append(text: transaction.day, to: &buffer)
      if let runId = transaction.runId {
        csv.append(to: &buffer) { appendInteger(runId, to: &$0) }
      } else {
        csv.appendEmpty(to: &buffer)
      }
      csv.append(text: transaction.kind.code, to: &buffer)
      csv.append(to: &buffer) { transaction.month.appendText(to: &$0) }
      for text in [posting.account, posting.service, posting.plan, posting.policyVersion] {
        csv.append(text: text, to: &buffer)
      }
      csv.append(text: transaction.currency.code, to: &buffer)
      let amount = posting.amount
      let size = MoneyTotal(
        totalMinor: abs(amount.totalMinor), currency: amount.currency
      ).decimalText
      csv.append(to: &buffer) { $0 += (amount.totalMinor > 0 ? size : "").utf8 }
      csv.append(to: &buffer) { $0 += (amount.totalMinor < 0 ? size : "").utf8 }
      csv.append(to: &buffer) { $0 += amount.decimalText.utf8 }
      csv.append(to: &buffer) { $0 += String(amount.totalMinor).utf8 }
      csv.endLine(&buffer)
    }
  }

  // MARK: hledger

  /// Accounts and commodities are declared, so that `hledger check --strict` passes.
  private func hledgerHead(_ transactions: [JournalTransaction]) -> String {
    var accounts: Set<[UInt8]> = []
    var currencies: Set<Currency> = []
    for transaction in transactions {
      currencies.insert(transaction.currency)
      for posting in transaction.postings {
        accounts.insert(Array(AccountName.hledger(posting.account).utf8))
      }
    }
    var lines = ["; \(title)", "decimal-mark ."]
    for currency in currencies.sorted() {
      let zeros = String(repeating: "0", count: Int(currency.exponent))
      lines.append("commodity 1000.\(zeros) \(currency.code)")
    }
    for account in accounts.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      lines.append("account \(String(decoding: account, as: UTF8.self))")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func hledger(_ transaction: JournalTransaction) -> String {
    var lines = [
      "",
      "\(transaction.day) * (\(transaction.id)) \(transaction.kind.words), \(transaction.month.text)",
      "    ; \(tags(of: transaction).map { "\($0.name):\($0.value)" }.joined(separator: ", "))",
    ]
    for posting in transaction.postings {
      let tags = tags(of: posting).map { "\($0.name):\($0.value)" }.joined(separator: ", ")
      lines.append(
        "    \(AccountName.hledger(posting.account))  \(posting.amount.text)  ; \(tags)")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  // MARK: beancount

  /// The plugin opens the accounts of a journal that is read alone. A ledger that includes the
  /// journals of many months opens each account once.
  private var beancountHead: String {
    "; \(title)\nplugin \"beancount.plugins.auto_accounts\"\n"
  }

  private static func beancount(_ transaction: JournalTransaction) -> String {
    var lines = [
      "", "\(transaction.day) * \"\(transaction.kind.words), \(transaction.month.text)\"",
      "  id: \"\(transaction.id)\"",
    ]
    lines += tags(of: transaction).map { "  \($0.name): \"\($0.value)\"" }
    for posting in transaction.postings {
      lines.append("  \(AccountName.beancount(posting.account))  \(posting.amount.text)")
      lines += tags(of: posting).map { "    \($0.name): \"\($0.value)\"" }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  // MARK: Tags

  private typealias Tag = (name: String, value: String)

  private static func tags(of transaction: JournalTransaction) -> [Tag] {
    [
      ("writer", transaction.runId.map { "run \($0)" } ?? "invoicing"),
      ("month", transaction.month.text),
    ]
  }

  private static func tags(of posting: JournalTransaction.Posting) -> [Tag] {
    [
      ("service", TagText.escape(posting.service)), ("plan", TagText.escape(posting.plan)),
      ("policy", TagText.escape(posting.policyVersion)),
    ]
  }
}
