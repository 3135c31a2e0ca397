import Handover
import ServiceCredits

/// What `redress handover` says at its end.
enum HandoverText {
  static func recorded(_ summary: AnswerRecorder.Summary) -> String {
    var parts = [
      "\(summary.sent) sent", "\(summary.refused) refused", "\(summary.unknown) unknown",
    ]
    if summary.repeated > 0 { parts.append("\(summary.repeated) known already") }
    if summary.problems > 0 { parts.append("\(summary.problems) not recorded") }
    return "recorded: \(parts.joined(separator: ", "))\n"
  }

  static func compared(_ summary: OutboxComparison.Summary) -> String {
    "compared: \(summary.agreed) agree, \(summary.problems) to look at\n"
  }

  static func sent(_ summary: MessageSender.Summary) -> String {
    var parts = ["\(summary.sent) sent"]
    if summary.found > 0 { parts.append("\(summary.found) of them there already") }
    if summary.problems > 0 { parts.append("\(summary.problems) to look at") }
    return "handed over: \(parts.joined(separator: ", "))\n"
  }

  /// - Returns: a line for each currency; empty where nothing is carried.
  static func carried(_ carried: [Currency: Outbox.Carried]) -> String {
    carried.sorted { $0.key < $1.key }.map { currency, amount in
      let sum = MoneyTotal(totalMinor: -amount.totalMinor, currency: currency).text
      let customers = amount.customers == 1 ? "1 customer" : "\(amount.customers) customers"
      return "carried: \(sum) of \(customers) cannot be said yet, and is in the next message\n"
    }.joined()
  }
}
