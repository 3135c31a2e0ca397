package import ServiceCredits

/// Something in the ledger or in a run's file that a run would not write.
package struct Discrepancy: Sendable {
  package enum Kind: Hashable, Sendable {
    /// A value is different from what follows from the rest of the ledger.
    case value(column: String, found: String, expected: String)
    /// A number in a sequence from 1 is missing or occurs twice.
    case sequence(column: String, found: Int64, expected: Int64)
    /// The count in a run's row differs from the number of rows.
    case count(of: String, recorded: Int64, found: Int64)
    case unknownRun(Int64)
    case unknownPolicyVersion(String)
    /// The decision that the revision refers to does not exist.
    case decisionMissing
    /// The frozen document with this digest (in hexadecimal) does not exist.
    case evidenceMissing(digest: String)
    /// The content does not match its digest.
    case contentChanged
    /// The content matches its digest, but no run writes such content.
    case contentUnreadable
    /// No run writes such a value into the column.
    case unreadable(column: String)
    /// The run's credits or findings in the ledger are not those that the run reported.
    case reportChanged(String)
    /// The run's invoice lines are not those that it wrote.
    case linesChanged
    /// The run's revisions and decisions are not those that it wrote.
    case creditsChanged
    /// The credits that the run carried forward are not those that it wrote.
    case carriedChanged
    /// A credit that is not settled and that the newest run did not carry forward.
    case notCarried
    /// `recorded_month` and `credit` differ in the first run of an incident's month.
    case monthDiffers(BillingMonth, noted: Int64?, run: Int64?)
    /// The run's row, or what it depends on, does not match the digest that the run recorded.
    case recordChanged
    /// The digest of the run's record does not exist.
    case recordMissing
    /// The row is not the one that was written when it was decided.
    case decisionOfPersonChanged
    /// The run was let through past the limits, and nobody is named who did.
    case approvalMissing
    /// Somebody approved the run, and the run says that it needed nobody.
    case approvalUnused
    /// The proposal that was approved does not exist.
    case proposalMissing(digest: String)
    /// The run is not the one that was proposed.
    case notAsProposed(digest: String)
    /// The policy asks for two persons, and there was one.
    case approvedAlone(user: String)
    /// The row is not the one that place_on_invoice or release_invoice wrote.
    case placementChanged
    /// The row is not the one that closed or reopened a month.
    case closingChanged
    /// A run changed a credit of a closed month, and its policy does not allow that.
    case closedMonthChanged(through: BillingMonth)
    /// The lines of a run on the pseudo invoice for set-offs do not add up to zero. Minor units.
    case setOffDiffers(currency: String, amountMinor: String)
    /// A message was noted for a line that is not there, or not of this amount. Minor units.
    case lineOfMessageMissing(amountMinor: Int64, found: Int64?)
    /// The row is not the decision about a finding that was noted.
    case acceptanceChanged
    /// The frozen evidence cannot be replayed.
    case evidenceUnreadable(String)
    /// The run exceeded a limit of its policy without approval.
    case limitPassed(isGranted: Bool, total: MoneyTotal)
    /// Another customer has the credit of the same subscription and incident for the same time.
    case creditedTwice(customer: String)
    /// The lines that no run wrote differ from those that place_on_invoice and release_invoice
    /// noted for this time.
    case linesNotNoted(at: String, there: Int64, noted: Int64)
    /// The policy file that the run read, or that was adopted, does not exist.
    case policyFileMissing(digest: String)
    /// The run read another policy than the one that was adopted when it was made.
    case otherPolicy(adoption: Int64)
    /// The policy file has a version of this name that differs from the frozen one.
    case policyVersionDiffers(String)
    /// An invoice line belongs to a credit that was never granted.
    case lineWithoutCredit
    /// An invoice gave back more than was placed on it.
    case givenBack(invoice: String, byMinor: Int64)
    /// Invoices carry more than the customer is entitled to, and no run has reported it since.
    case overcredited(placedMinor: Int64, entitledMinor: Int64)
    case capExceeded(month: BillingMonth, percent: BasisPoints, cap: BasisPoints)
    /// A file differs from what the ledger gives for the run. `line` counts from 1.
    case file(line: Int64, offset: Int64)
    case fileMissing
    /// None of the run's files exists.
    case filesMissing
    case fileUnreadable(code: Int32)
    /// The file belongs to a run that the ledger does not have.
    case fileOfUnknownRun
    /// The ledger cannot produce the files of this run.
    case fileNotMade
  }

  /// The relation without its schema; `file` for a file.
  package let relation: String
  /// The row's key, with its parts joined by ` / `; for a file, its name.
  package let key: String
  package let kind: Kind
}

/// Counts of what a verification checked.
package struct VerificationSummary: Sendable {
  package internal(set) var runs = 0
  package internal(set) var revisions: Int64 = 0
  /// How many of the revisions were recomputed from their frozen evidence.
  package internal(set) var recomputed: Int64 = 0
  package internal(set) var lines: Int64 = 0
  package internal(set) var documents: Int64 = 0
  /// How many files were compared.
  package internal(set) var files = 0
  package internal(set) var discrepancies: Int64 = 0
}
