import Documents

extension SourceSign {
  /// A heading: what was seen.
  package var title: String {
    switch self {
    case .follows: "Subscriptions that follow each other without a gap"
    case .placedDraft: "Drafts whose amount may already have a credit taken off"
    case .presentOnly: "The source knows only the present"
    case .trialPlan: "Plans that look like trials or tests"
    case .feeZero: "Fees of zero"
    case .shortTerm: "Terms shorter than a day"
    case .periodPlan: "Plans that are named after a period"
    case .feeFactor: "Fees of one plan that differ by the number of a period"
    case .currencyFactor: "A currency far away from the others of its plan"
    case .feeFraction: "Decimals in a currency that has none"
    case .currencyUnknown: "Currencies that ISO 4217 does not have"
    case .planMissing: "Terms without a plan"
    case .customerMissing: "Subscriptions of customers that are not there"
    case .serviceMissing: "Subscriptions to services that are not there"
    case .idBeginnings: "Customer ids with different beginnings"
    case .sameEmail: "One email, several customers"
    case .sameName: "One name, several customers"
    case .testCustomer: "Customers that look like tests"
    case .unlisted: "Statuses, severities and kinds that mean nothing here"
    case .customerName: "Customers without a name"
    case .serviceName: "Services without a name"
    case .incidentTitle: "Incidents without a title"
    case .noDrafts: "No draft invoices"
    case .noSubscription: "Customers without a subscription"
    case .feeDecimals: "Fees with more decimals than their currency"
    case .emailMissing: "Customers without an email"
    case .zoneMissing: "Customers without a time zone"
    }
  }

  /// What is counted, in the singular.
  var unit: String {
    switch self {
    case .follows: "pair"
    case .placedDraft: "draft"
    case .presentOnly: "subscription"
    case .trialPlan, .feeZero, .shortTerm, .feeFraction, .currencyUnknown, .planMissing,
      .feeDecimals:
      "term"
    case .periodPlan, .feeFactor, .currencyFactor: "plan"
    case .customerMissing, .serviceMissing: "subscription"
    case .idBeginnings: "beginning"
    case .sameEmail: "email"
    case .sameName: "name"
    case .testCustomer, .customerName, .noSubscription, .emailMissing, .zoneMissing: "customer"
    case .unlisted: "row"
    case .serviceName: "service"
    case .incidentTitle: "incident"
    case .noDrafts: "draft"
    }
  }

  /// Why it matters, for whoever signs.
  package var meaning: String {
    switch self {
    case .follows:
      "One subscription ends on the day, in the customer's time zone, on which another one of the same customer and service begins, or at the end of the day before. If it is one subscription that was upgraded, an outage across the change is cut in two, and each half may be too short for the percentage that the whole would earn."
    case .placedDraft:
      "The ledger has placed credits on these drafts, and the source does not say whether amount_due is before or after them. If the billing system has taken them off, the next run takes the amount for smaller than it is, and gives credits back."
    case .presentOnly:
      "No subscription has a second term and none has ended, or all begin at one instant. A change of a price, a plan or an end then changes the past too, and the next run corrects credits that were right."
    case .trialPlan:
      "The plan or the id of the subscription has a word such as trial, test, free or demo. A trial that nobody pays for earns no credit, and what is only a test should not be here."
    case .feeZero: "A fee of zero earns no credit, however long the outage."
    case .shortTerm:
      "These terms ended on the day on which they began. Usually that is a correction of an entry, or times that were cut to dates."
    case .periodPlan:
      "monthly_fee is the fee of a whole month. If the plan is billed by the year, the quarter or the week, the fee may still be the one of that period."
    case .feeFactor:
      "One plan of one service has two fees in one currency of which one is 7, 12, 100, 1000, 52/12 or 365/12 times the other. The larger one may be for another period, or in minor units. It may also be right: seven seats, for example."
    case .currencyFactor:
      "The median fee in this currency is at least ten times away from what the median in the most used major currency suggests, of the plan or of all plans. The amount may have been divided by 100 although the currency has no minor unit, or not divided although it has one."
    case .feeFraction:
      "This currency has no minor unit, so its prices are whole numbers. Decimals usually mean that the amount was divided by 100."
    case .currencyUnknown:
      "The currency is missing, or not the code in capital letters. Nothing of these subscriptions is credited."
    case .planMissing: "The policy cannot tell which terms hold for these subscriptions."
    case .customerMissing, .serviceMissing:
      "Nothing of these subscriptions is credited, and their fees are in the totals above."
    case .idBeginnings:
      "The ids begin with different letters, so they may come from different systems or belong to different organisations (tenants). The customers of another organisation must not be credited here."
    case .sameEmail, .sameName:
      "It may be one customer who is listed several times, or the same test or staff account in several organisations (tenants)."
    case .testCustomer: "The name has a word such as test, demo or sandbox."
    case .unlisted:
      "The value is none that Redress knows, or the mapping made null of it. Incidents with such a value are not credited; invoices take no credits."
    case .customerName, .serviceName, .incidentTitle:
      "Reports and messages to customers would have an empty place there."
    case .noDrafts:
      "Credits are placed on draft invoices. Without drafts all of them stay open until the billing system fetches them."
    case .noSubscription: "They cannot get a credit."
    case .feeDecimals:
      "That is usual where a yearly price is divided by twelve. Six decimals are kept, and the credit is rounded once."
    case .emailMissing: "No message about a credit can be sent to them."
    case .zoneMissing: "The time zone of the policy decides in which month an outage falls."
    }
  }

  /// What to do.
  package var advice: String {
    switch self {
    case .follows:
      "Give both terms one subscription_id if they are one subscription: the id that stays when a plan changes."
    case .placedDraft:
      "Map amount_due to the amount before any credit of ours, or add the column applied_credit with what was taken off."
    case .presentOnly:
      "Map a source that keeps history, or keep one with redress observe, and let the policy say rewritten_past: hold: then a person decides on each credit whose past was rewritten."
    case .trialPlan: "Leave trials and tests out of the view, or confirm that they are paid for."
    case .feeZero:
      "Confirm that these are free. If the price is elsewhere (seats, usage, a minimum), add it."
    case .shortTerm: "Leave entries out that were taken back, and map the full time of a change."
    case .periodPlan:
      "Compare the fees with the price list. Divide a yearly fee by 12, multiply a weekly one by 52/12."
    case .feeFactor: "Look both fees up in the contract."
    case .currencyFactor, .feeFraction:
      "Divide by the currency's own minor units: 1 for JPY, 100 for USD, 1000 for KWD."
    case .currencyUnknown: "Write the three letters in capitals: upper(currency)."
    case .planMissing: "Map the plan, or leave the rows out."
    case .customerMissing: "Let the view of customers have them, or leave the subscriptions out."
    case .serviceMissing:
      "Let the view of services have them, or map them to a service that is there."
    case .idBeginnings: "Find out what the beginnings mean. Let the views keep one organisation."
    case .sameEmail, .sameName:
      "Look at the first and the last of each. Leave out what is not a customer of yours."
    case .testCustomer: "Leave them out of the view of customers, together with what they have."
    case .unlisted:
      "Let the view say one of the values of the contract for each value that your system has."
    case .customerName, .serviceName, .incidentTitle:
      "Map another column where the name is empty: the email or the id."
    case .noDrafts:
      "Let the billing system call redress.place_on_invoice when it makes an invoice, or hand the credits over to its balance."
    case .noSubscription:
      "Confirm that they have none. Otherwise the customer_id of their subscriptions is another one."
    case .feeDecimals: "Confirm that these are fees of longer periods, divided."
    case .emailMissing: "Map the address that invoices go to."
    case .zoneMissing: "Confirm that the policy's zone is right for them."
    }
  }

  /// The titles of an example's cells, as many as are shown.
  var columns: [PageTable.Column] {
    func texts(_ titles: String...) -> [PageTable.Column] { titles.map { .text($0) } }
    switch self {
    case .follows: return texts("Customer", "Service", "Ends", "At (UTC)", "Begins", "At (UTC)")
    case .placedDraft:
      return texts("Customer", "Invoice") + [.number("Amount due")] + texts("Currency")
        + [.number("Placed")]
    case .presentOnly:
      return [
        .number("Subscriptions"), .number("With several terms"), .number("Terms that ended"),
        .number("Different beginnings"), .text("Earliest (UTC)"), .text("Latest (UTC)"),
      ]
    case .trialPlan, .feeZero, .shortTerm, .feeFraction, .feeDecimals, .currencyUnknown,
      .planMissing:
      return texts("Customer", "Subscription", "Plan") + [.number("Monthly fee")]
        + texts("From (UTC)", "To (UTC)")
    case .periodPlan:
      return texts("Plan", "Service", "Currency")
        + [.number("Terms"), .number("Lowest fee"), .number("Highest fee")]
    case .feeFactor:
      return texts("Plan", "Service", "Currency") + [.number("Lower fee"), .number("Higher fee")]
        + texts("Factor")
    case .currencyFactor:
      return texts("Plan", "Service")
        + [
          .number("Median"), .number("This median"), .number("Expected from"), .number("to"),
        ]
    case .customerMissing: return texts("Subscription", "Customer")
    case .serviceMissing: return texts("Subscription", "Service")
    case .idBeginnings: return texts("Beginning") + [.number("Customers")] + texts("First", "Last")
    case .sameEmail: return texts("Email") + [.number("Customers")] + texts("First", "Last")
    case .sameName: return texts("Name") + [.number("Customers")] + texts("First", "Last")
    case .testCustomer: return texts("Name") + [.number("Customers")] + texts("Customer")
    case .unlisted:
      return texts("Relation", "Column", "Value") + [.number("Rows")] + texts("First key")
    case .serviceName: return texts("Service")
    case .incidentTitle: return texts("Incident")
    case .customerName: return texts("Customer")
    case .noDrafts: return []
    case .noSubscription, .emailMissing, .zoneMissing: return texts("Customer", "Name")
    }
  }
}

extension SeenSign {
  /// `term` or `terms`.
  var counted: String { sign.unit + (total == 1 ? "" : "s") }
}
