import CreditLedger
import PlainText
import ServiceCredits

extension HandoverProblem {
  package init(_ kind: Kind, _ message: OutboxMessage) {
    self.init(kind: kind, key: message.key, system: message.system, line: message.lineName)
  }

  package var code: String {
    switch kind {
    case .untold: "cannot_be_said"
    case .unknownKey: "unknown_here"
    case .otherId: "other_id"
    case .refusedAfterSent: "refused_after_sent"
    case .otherAmount: "other_amount"
    case .missingThere: "missing_there"
    case .doubledThere: "doubled_there"
    case .notRecorded: "not_recorded"
    case .refused: "refused"
    case .unknown: "unknown"
    }
  }

  package var problem: String {
    let there = system.words
    switch kind {
    case .untold(.currency): return "\(there) has no rule for this currency."
    case .untold(.tooLarge(let most)): return "\(there) takes no more than \(most) in one message."
    case .untold(.walletMissing): return "No wallet is known for this customer and currency."
    case .untold(.feeMissing): return "No fee is known of this invoice."
    case .untold(.unreadableId): return "The customer's id is no UTF-8."
    case .unknownKey: return "No message of this ledger to \(there) has this key."
    case .otherId(let known, let told):
      return "It is recorded as sent with the id \(known), and is told with the id \(told)."
    case .refusedAfterSent: return "It is recorded as sent, and is told as refused."
    case .otherAmount(let said, let told):
      return "The message says \(said), and \(there) has \(told)."
    case .missingThere(let id):
      return "It is recorded as sent\(id.map { " with the id \($0)" } ?? ""), and is not there."
    case .doubledThere(let ids): return "It is there \(ids.count) times: \(Listed.and(ids))."
    case .notRecorded(let id):
      return "It is there\(id.map { " with the id \($0)" } ?? ""), and is not recorded as sent."
    case .refused(let status, let message):
      return "\(there) refused it with status \(status): \(message)"
    case .unknown(let message): return "Nobody knows whether it arrived: \(message)"
    }
  }

  package var remedy: String {
    switch kind {
    case .untold(.currency): "Credit it by hand there, and record that as sent."
    case .untold(.tooLarge):
      "Credit it there by hand in parts, with this key, and record that as sent."
    case .untold(.walletMissing):
      "Name the wallet in a line of the file of --map: {\"customer\": …, \"currency\": …, \"wallet\": …}."
    case .untold(.feeMissing):
      "Name a fee of the invoice in a line of the file of --map: {\"invoice\": …, \"fee\": …}."
    case .untold(.unreadableId): "Give the customer an id that the other system can have."
    case .unknownKey:
      "See whether it is another ledger's, or of another system; if not, take it back there."
    case .otherId: "Compare both there; one of them may have to be taken back."
    case .refusedAfterSent: "Look there which is true. If it is not there, ask for its maker."
    case .otherAmount: "Correct the amount there by the difference."
    case .missingThere:
      "Look for it there by its key. If it was deleted, create it again with this key."
    case .doubledThere: "Take all but one back there."
    case .notRecorded: "Record it: redress handover --record, with the status sent and its id."
    case .refused:
      "Mend what it names, and send it again: redress handover send --again, with the other options."
    case .unknown:
      "Send again: the message keeps its key, and is looked for first where the system has no keys."
    }
  }

  /// A line to read.
  package var text: String {
    let subject = line.map { " (\($0))" } ?? ""
    return Printable.oneLine("\(code) \(key)\(subject): \(problem) \(remedy)") + "\n"
  }

  package var json: String {
    var members: [(String, PlainJSON)] = [
      ("code", .text(code)), ("key", .text(key)), ("system", .text(system.rawValue)),
    ]
    if let line { members.append(("line", .text(line))) }
    members += [("problem", .text(problem)), ("remedy", .text(remedy))]
    return PlainJSON.object(members).text + "\n"
  }
}

extension OutboxMessage {
  /// `ada / sub-1 / INC-1 / 2026-10 / USD / 2`, as other outputs name a line; of a credit note the invoice.
  package var lineName: String {
    func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
    guard let key = line.key else {
      return [customer, "invoice \(text(line.invoice))", line.currency.code].joined(
        separator: " / ")
    }
    return [
      customer, text(key.subscription), text(key.incident), key.month.text, line.currency.code,
      "\(key.number)",
    ].joined(separator: " / ")
  }

  /// One line of JSON: what is to be sent, and for what.
  package var json: String? {
    guard case .request(let request) = content else { return nil }
    return PlainJSON.object([
      ("key", .text(key)), ("system", .text(system.rawValue)), ("state", .text(state.rawValue)),
      ("customer", .text(customer)), ("currency", .text(line.currency.code)),
      ("line", .text(lineName)), ("amount_minor", .number("\(line.amountMinor)")),
      ("amount", .text(said)), ("carried_minor", .text("\(carriedMinor)")),
      ("tax", .text(tax.rawValue)), ("method", .text(request.method)),
      ("path", .text(request.path)),
      ("headers", .object(request.headers.map { ($0.name, .text($0.value)) })),
      ("body", .text(request.body)),
    ]).text + "\n"
  }
}
