extension FindingCode {
  /// What to do about findings of this code, for every kind of row.
  public var advice: String {
    switch self {
    case .unknownSeverity: "Give it one of P0 to P3."
    case .reversedWindow: "Correct its beginning or its end."
    case .windowNotClosed: "Close the outage window of a resolved incident."
    case .shareOutOfRange: "Give a share above 0 and at most 1, or none."
    case .noOutageScope: "Say with an outage window what the incident touched, or void it."
    case .incidentTimes: "Correct when it began and when it was resolved."
    case .unknownCustomer: "Add the customer, or correct the reference."
    case .unknownService: "Add the service, or correct the reference."
    case .unknownPlan: "Write the plan as the policy file does, or name it there."
    case .unknownTimeZone: "Give an IANA name such as Europe/Berlin, or none."
    case .unknownCurrency: "Give a code of ISO 4217."
    case .negativeFee: "Correct the fee; it cannot be below zero."
    case .feePrecision: "Round the fee to six decimals."
    case .overlappingTerms: "End one term where the next begins."
    case .reversedTerm: "Correct its beginning or its end."
    case .infiniteTime: "Give a real time, or null where it is not known."
    case .noPolicyInForce: "Add a policy version that was in force then."
    case .incidentMissing: "Bring the incident back, or void it; its credits stand until then."
    case .subscriptionMissing: "Bring the subscription back; its credits stand until then."
    case .heldOpen: "Nothing, once the incident is resolved again; until then its credits stand."
    case .overcredited: "Decide whether to claim back what a finalized invoice gave too much."
    case .monthClosed:
      "Reopen the month, or let the policy book such changes in the next open one; until then the credit stands."
    case .amountOutOfRange: "Correct the fee; the credit is larger than can be recorded."
    case .missingKey: "Give the row its id; nothing is done with it until then."
    case .missingValue: "Give the row the value that it lacks."
    case .duplicateRow:
      "Make the key unique; a join in a view that matches twice is the usual cause."
    case .unknownStatus: "Give the invoice the status draft, finalized or void."
    case .unknownKind: "Give it a kind that is listed."
    case .implausibleTime: "Correct the time, or set it to null where there is none."
    case .pastRewritten: "End the old term and begin a new one, where a fee or plan has changed."
    case .invoiceChanged:
      "Set the invoice back to the customer and currency that its credits are for; they stay on it until then."
    case .reservedId: "Give the invoice another id."
    case .idTooLong: "Give shorter ids to one of customer, subscription and incident."
    }
  }
}
