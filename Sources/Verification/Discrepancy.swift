package import ServiceCredits

/// Something in the ledger, or in a file of it, that is not as a run leaves it.
package struct Discrepancy: Sendable {
  package enum Kind: Hashable, Sendable {
    /// A value is not the one that follows from what the ledger holds.
    case value(column: String, found: String, expected: String)
    /// Numbers that count from 1 leave one out, or come twice.
    case sequence(column: String, found: Int64, expected: Int64)
    /// A run's row says another number than there are.
    case count(of: String, recorded: Int64, found: Int64)
    case unknownRun(Int64)
    case unknownPolicyVersion(String)
    /// The frozen document with this digest, in hexadecimal, is not there.
    case evidenceMissing(digest: String)
    /// The content is not the one that was digested.
    case contentChanged
    /// The content is as it was digested, and not what a run writes.
    case contentUnreadable
    /// A run does not write this into the column.
    case unreadable(column: String)
    /// The ledger makes other credits or findings of the run than the run reported.
    case reportChanged(String)
    /// The run's invoice lines are not the ones that it wrote.
    case linesChanged
    /// The run's rows of credit are not the ones that it wrote.
    case creditsChanged
    /// The run's row, or what it was made with, is not what was digested when the run was made.
    case recordChanged
    /// There is no digest of the run's record.
    case recordMissing
    /// The row is not the one that place_on_invoice or release_invoice wrote.
    case placementChanged
    /// What was frozen cannot be put together again.
    case evidenceUnreadable(String)
    /// The run passed a limit of its policy, and nobody approved it.
    case limitPassed(isGranted: Bool, total: MoneyTotal)
    /// Another customer has the credit of the same subscription and incident for the same time.
    case creditedTwice(customer: String)
    /// Lines that no run wrote are not those that place_on_invoice and release_invoice noted for this time.
    case linesNotNoted(at: String, there: Int64, noted: Int64)
    /// The policy file that the run read is not there.
    case policyFileMissing(digest: String)
    /// The policy file has a version of this name that is other than the frozen one.
    case policyVersionDiffers(String)
    /// There are invoice lines for a credit that was never granted.
    case lineWithoutCredit
    /// An invoice gives back more than was placed on it.
    case givenBack(invoice: String, byMinor: Int64)
    /// Invoices carry more than the customer is entitled to, and no run has reported it since.
    case overcredited(placedMinor: Int64, entitledMinor: Int64)
    case capExceeded(month: BillingMonth, percent: BasisPoints, cap: BasisPoints)
    /// A file has other bytes than the ledger makes of the run; `line` counts from 1.
    case file(line: Int64, offset: Int64)
    case fileMissing
    /// None of the run's files is there.
    case filesMissing
    case fileUnreadable(code: Int32)
    /// A file is there for a run that the ledger does not have.
    case fileOfUnknownRun
    /// The ledger cannot make the files of this run.
    case fileNotMade
  }

  /// The relation, without its schema, or `file`.
  package let relation: String
  /// The row's key, its parts joined with ` / `; or the file's name.
  package let key: String
  package let kind: Kind
}

/// What a verification did.
package struct VerificationSummary: Sendable {
  package internal(set) var runs = 0
  package internal(set) var revisions: Int64 = 0
  /// Of these, how many were worked out again from their frozen evidence.
  package internal(set) var recomputed: Int64 = 0
  package internal(set) var lines: Int64 = 0
  package internal(set) var documents: Int64 = 0
  /// Files that were compared.
  package internal(set) var files = 0
  package internal(set) var discrepancies: Int64 = 0
}
