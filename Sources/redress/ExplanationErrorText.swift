import CreditLedger
import CreditRun
import ServiceCredits

extension ErrorText {
  init(_ error: ExplanationError) {
    switch error {
    case .noSuchId(let id, let kind, let nearMiss):
      let what =
        kind.map { "no \($0.rawValue)" } ?? "no customer, subscription, incident or invoice"
      self.init(
        "there is \(what) '\(id)'", nearMiss.map { "Did you mean '\($0)'?" } ?? "")
    case .ambiguous(let id, let found):
      self.init(
        "'\(id)' is the id of several things",
        details: found.map { found in
          found.customerId.isEmpty || found.kind == .customer
            ? "  redress explain --\(found.kind.rawValue) '\(id)'"
            : "  redress explain --customer '\(found.customerId)' --\(found.kind.rawValue) '\(id)'"
        }, "Say which.")
    case .belongsElsewhere(let id, let kind, let customer):
      self.init("\(kind.rawValue) '\(id)' belongs to customer '\(customer)'", "")
    case .customerNeeded:
      self.init("nothing says whose credits are meant", "Give --customer, or any id.")
    case .incidentNeedsCustomer(let id, let title, let recorded):
      self.init(
        "'\(id)' is an incident" + (title.isEmpty ? "" : " (\(title))")
          + ", and nothing says for whom to explain it",
        details: recorded.isEmpty
          ? ["Nothing is recorded for it."]
          : recorded.map { total in
            "\(total.amount.text) in \(count(total.credits, "credit")) to "
              + "\(count(total.customers, "customer"))."
          }, "Name the customer: redress explain --customer ID --incident '\(id)'")
    }
  }
}

private func count(_ number: Int64, _ noun: String) -> String {
  "\(number) \(noun)\(number == 1 ? "" : "s")"
}
