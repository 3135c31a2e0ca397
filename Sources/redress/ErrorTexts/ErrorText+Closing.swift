import CreditRun
import ServiceCredits

extension ErrorText {
  init(_ error: ClosingError) {
    switch error {
    case .monthIsNotOver(let month, let now):
      self.init(
        "\(month.text) is not over at \(now.text); nothing was closed",
        "Close it after its end. The last month that is over is \(now.utcDay.billingMonth.advanced(by: -1).text)."
      )
    case .monthIsNotSettled(let month, let asOf):
      self.init(
        "no run has been made since the end of \(month.text); nothing was closed",
        (asOf.map { "The latest run took \($0.text) for now. " } ?? "")
          + "Run redress run first, so that the month is worked out, and close it then.")
    case .alreadyClosed(let month, let through):
      self.init(
        "\(month.text) is closed already: everything through \(through.text) is; nothing was changed",
        "See who closed it with redress close --list; reopen it with redress reopen --from \(month.text) --reason TEXT."
      )
    case .notClosed(let month, let through):
      self.init(
        "\(month.text) is not closed; nothing was changed",
        through.map { "Closed is everything through \($0.text). See redress close --list." }
          ?? "No month is closed.")
    case .reasonMissing:
      self.init("the reason is empty; nothing was changed", "Say why with --reason TEXT.")
    }
  }
}
