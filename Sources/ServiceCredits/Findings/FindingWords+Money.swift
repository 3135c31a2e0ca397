/// Money.
extension FindingWords {
  static func shareOutOfRange(_ share: [UInt8]) -> FindingWords {
    FindingWords(
      "The window's share is \(String(decoding: share, as: UTF8.self)). It says which share of the service was out.",
      "Give a number above 0 and at most 1, with at most six decimals, or null where all of it was out."
    )
  }

  static let negativeFee = FindingWords(
    "The monthly fee of the term is negative.", "Set the term's monthly_fee to zero or more.")
  static let feePrecision = FindingWords(
    "The monthly fee of the term has more than 6 decimals.",
    "Round the term's monthly_fee to 6 decimals.")
  static let feeOutOfRange = FindingWords(
    "The monthly fee of the term is missing, no number or too large.",
    "Set the term's monthly_fee to an amount below 9,223,372,036,854.")
  static let creditOutOfRange = FindingWords(
    "The credit does not fit 63 bits of minor units.", "Correct the term's monthly_fee.")

  static func dueOutOfRange(_ currency: Currency, _ isApplied: Bool) -> FindingWords {
    isApplied
      ? FindingWords(
        "The applied_credit of the invoice is negative, no number or too large.",
        "Set the invoice's applied_credit to an amount in \(currency.code) from zero on, or to null."
      )
      : FindingWords(
        "The amount_due of the invoice is missing, no number or too large.",
        "Set the invoice's amount_due to an amount in \(currency.code).")
  }

  static func overcredited(_ amount: Money) -> FindingWords {
    FindingWords(
      "Finalized invoices carry \(amount.text) more than the customer is entitled to.",
      "Decide whether to claim it back; it is not taken from a finalized invoice.")
  }

  static func monthClosed(_ cause: Finding.ClosedCause, _ change: Money) -> FindingWords {
    let amount = Money(
      amountMinor: Int64(clamping: change.amountMinor.magnitude), currency: change.currency
    ).text
    let would =
      change.amountMinor > 0 ? "\(amount) would be added" : "\(amount) would be taken back"
    return switch cause {
    case .itsMonth:
      FindingWords(
        "The month is closed, so the credit stands; \(would).",
        "Leave it, or reopen the month with redress reopen and run again for it.")
    case .anotherMonth:
      FindingWords(
        "The credit would change together with one of a closed month, so both stand; \(would).",
        "Leave it, or reopen the other month with redress reopen and run again for both.")
    case .itsQuarter:
      FindingWords(
        "A month of the quarter is closed, so what is measured of the quarter stands; \(would).",
        "Leave it, or reopen the quarter with redress reopen and run again for it.")
    }
  }
  static func reservedInvoice(isBalance: Bool) -> FindingWords {
    FindingWords(
      isBalance
        ? "The id of the invoice begins with \(BalanceInvoice.prefix), which stands for credits that are handed to balances."
        : "The id of the invoice is \(SetOffInvoice.id), which stands for credits that are set off.",
      "Give the invoice another id; no credit is placed on it.")
  }
}

/// Differences between the ledger and the source, and ids that are too long for the ledger.
extension FindingWords {
  static func invoiceChanged(
    _ change: Finding.InvoiceChange, _ carried: Money
  ) -> FindingWords {
    switch change {
    case .currency(let now):
      FindingWords(
        "The invoice carries credits of \(carried.text), and its currency is \(quoted(now)) now.",
        "Set the currency back, or void the invoice and issue another; the credits stay on it until then."
      )
    case .customer(let now, let isVoid):
      FindingWords(
        "The invoice carries credits of \(carried.text), and its customer is \(quoted(now.map(text))) now.",
        isVoid
          ? "Set the customer back; the invoice is void and gives its credits back once it is the customer's again."
          : "Set the customer back, then void the invoice and issue another where it must change; "
            + "the credits stay on it until then.")
    case .vanished:
      FindingWords(
        "The invoice was a draft when credits of \(carried.text) were placed on it, and the source does not list "
          + "it any more. It counts as finalized.",
        "List the invoice with its status; with the status void it gives its credits back.")
    }
  }

  static func pastRewritten(_ rewriting: Finding.PastRewriting) -> FindingWords {
    let changes = rewriting.changes.map { change in
      switch change {
      case .fee(let was, let now): "the monthly fee was \(was.text) and is \(now.text)"
      case .billed(let was, let now):
        "the period was billed at \(was.text) and is billed at \(now.text)"
      case .plan(let was, let now): "the plan was '\(text(was))' and is '\(text(now))'"
      case .service(let was, let now): "the service was '\(text(was))' and is '\(text(now))'"
      case .termEnd(let now): "the term ends at \(now.text), while the incident went on"
      case .currency(let was, let now): "the currency was \(was.code) and is \(now.code)"
      case .customer: "the subscription is another customer's then"
      case .noTerm: "the subscription has no term then any more"
      }
    }
    let minor = rewriting.difference.amountMinor
    let amount = Money(
      amountMinor: Int64(clamping: minor.magnitude), currency: rewriting.difference.currency)
    let problem =
      "Since the credit was recorded, its first instant has been rewritten, and not by the incident: "
      + "\(changes.joined(separator: ", ")). "
    if let waiting = rewriting.waiting {
      // The same words before and after the decision: it is about what was told.
      let beside = waiting.beside.map { "\($0.change.text) of \($0.month.text)" }
      return FindingWords(
        problem + (minor < 0 ? "Taking back \(amount.text)" : "Adding \(amount.text)")
          + " waits until the finding is accepted (rewritten_past: hold), as revision \(waiting.revision)"
          + (beside.isEmpty ? "." : ", and with it \(beside.joined(separator: ", "))."),
        "Where the source is wrong, end the old term and begin a new one. Where it is right, accept the finding; "
          + "the next run corrects the credit.")
    }
    return FindingWords(
      problem + "The run " + (minor < 0 ? "takes \(amount.text) back." : "adds \(amount.text)."),
      "Where the source knows only the present, end the old term and begin a new one; the next run corrects the credit."
    )
  }

  static let incidentGone = FindingWords(
    "Credits are recorded for this incident and the source no longer has it.",
    "Restore the incident; to take its credits back, restore it with status void.")
  static let subscriptionGone = FindingWords(
    "Credits are recorded for this subscription and the source no longer has it.",
    "Restore its terms; to take the credits back, end its terms before the outage.")
  static let openAgain = FindingWords(
    "The incident is open again; the credits recorded for it stand as they are.",
    "Nothing to do: they are reconciled once it is resolved.")

  static func creditIdsTooLong(
    _ customer: Int, _ subscription: Int, _ incident: Int
  ) -> FindingWords {
    FindingWords(
      "The ids of customer, subscription and incident have \(customer), \(subscription) and "
        + "\(incident) bytes, too many for an index of PostgreSQL, so the credit is not recorded.",
      "Give one of them a shorter id in the source; the next run records the credit.")
  }

  static func invoiceIdTooLong(_ bytes: Int, _ most: Int) -> FindingWords {
    FindingWords(
      "The id of the invoice has \(bytes) bytes, too many for an index of PostgreSQL.",
      "Give the invoice an id of \(most) bytes at most.")
  }
}
