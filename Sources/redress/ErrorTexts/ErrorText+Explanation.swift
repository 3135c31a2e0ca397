import CreditLedger
import CreditRun
import Explanations
import ServiceCredits

extension ErrorText {
  init(_ error: NoSuchId) {
    let what =
      error.kind.map { "no \($0.rawValue)" } ?? "no customer, subscription, incident or invoice"
    self.init(
      "there is \(what) '\(error.id)'",
      error.nearMiss.map { "Did you mean '\($0)'?" }
        ?? "Ids are compared byte for byte, with redress_source and with the ledger.")
  }

  init(_ error: ExplanationError) {
    switch error {
    case .notRecorded(let id, let kind):
      let what =
        kind.map { "\($0.rawValue)" } ?? "customer, subscription, incident or invoice"
      self.init(
        "nothing is recorded for a \(what) '\(id)'",
        "This database user may not read redress_source: what was not credited is told to one who may."
      )
    case .ambiguous(let id, let found):
      self.init(
        "'\(id)' is the id of several things",
        details: found.map { found in
          found.customerId.isEmpty || found.kind == .customer
            ? "  redress explain --\(found.kind.rawValue) '\(id)'"
            : "  redress explain --customer '\(found.customerId)' --\(found.kind.rawValue) '\(id)'"
        }, "Say which.")
    case .ofAnotherCustomer(let id, let kind, let customer):
      self.init(
        "\(kind.rawValue) '\(id)' belongs to customer '\(customer)'",
        "Name that customer, or leave --customer out.")
    case .customerNeeded:
      self.init("nothing says whose credits are meant", "Give --customer, or any id.")
    }
  }
}
