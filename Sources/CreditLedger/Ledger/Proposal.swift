public import Postgres
import RedressSQL
public import ServiceCredits

/// What a held run came to, as a row of `redress.proposal` says.
public struct Proposal: Sendable {
  /// SHA-256 of what would be committed.
  public let digest: [UInt8]
  public let asOf: Instant
  public let months: ClosedRange<BillingMonth>
  public let policyDigest: [UInt8]
  /// SHA-256 of the two CSVs that were to be read.
  public let creditsDigest: [UInt8]
  public let findingsDigest: [UInt8]
  /// The database user whose run it was.
  public let runBy: String
  /// The run that was committed by it.
  public let committedBy: Int64?

  /// The proposals whose digest begins with these hexadecimal digits, in lower case.
  public static func all(
    beginning digits: String, _ connection: borrowing Connection
  ) throws -> [Proposal] {
    try connection.rows(.findProposals, [.text(digits)]) { row in
      let first = BillingMonth(daysSinceUnixEpoch: try row.date(2))
      return Proposal(
        digest: row.id(0), asOf: Instant(microseconds: try row.timestamp(1)),
        months: first...max(first, BillingMonth(daysSinceUnixEpoch: try row.date(3))),
        policyDigest: row.id(4), creditsDigest: row.id(5), findingsDigest: row.id(6),
        runBy: row.text(7), committedBy: row.isNull(8) ? nil : try row.int64(8))
    }
  }
}

/// What is recorded of a proposal besides who made it and when.
public struct ProposalRow: Sendable {
  public var digest: [UInt8]
  public var asOf: Instant
  public var months: ClosedRange<BillingMonth>
  public var policyDigest: [UInt8]
  public var creditsDigest: [UInt8]
  public var findingsDigest: [UInt8]
  public var revisions: Int64
  public var lines: Int64
  public var findings: Int64
  /// JSON.
  public var amounts: String
  public var limits: String
  public var programVersion: String

  public init(
    digest: [UInt8], asOf: Instant, months: ClosedRange<BillingMonth>, policyDigest: [UInt8],
    creditsDigest: [UInt8], findingsDigest: [UInt8], revisions: Int64, lines: Int64,
    findings: Int64, amounts: String, limits: String, programVersion: String
  ) {
    self.digest = digest
    self.asOf = asOf
    self.months = months
    self.policyDigest = policyDigest
    self.creditsDigest = creditsDigest
    self.findingsDigest = findingsDigest
    self.revisions = revisions
    self.lines = lines
    self.findings = findings
    self.amounts = amounts
    self.limits = limits
    self.programVersion = programVersion
  }

  /// Records it, unless it was before.
  public func insert(_ connection: borrowing Connection) throws {
    try connection.query(
      RedressSQL.Query.insertProposal.text,
      [
        .bytes(digest), .timestamptz(asOf.microseconds),
        .date(months.lowerBound.daysSinceUnixEpoch), .date(months.upperBound.daysSinceUnixEpoch),
        .bytes(policyDigest), .bytes(creditsDigest), .bytes(findingsDigest), .int64(revisions),
        .int64(lines), .int64(findings), .text(amounts), .text(limits), .text(programVersion),
      ])
  }
}

/// Who let a run through past the limits of its policy, as a row of `redress.approval` says.
public struct RecordedApproval: Hashable, Sendable {
  /// The proposal's digest; `nil` where the run was let through whatever it came to.
  public let proposal: [UInt8]?
  /// The name and the reason that were given.
  public let approvedBy: String?
  public let reason: String?
  public let databaseUser: String

  public init(proposal: [UInt8]?, approvedBy: String?, reason: String?, databaseUser: String) {
    self.proposal = proposal
    self.approvedBy = approvedBy
    self.reason = reason
    self.databaseUser = databaseUser
  }

  /// Returns `nil` if nobody let the run through.
  public static func find(
    _ runId: Int64, _ connection: borrowing Connection
  ) throws -> RecordedApproval? {
    try connection.rows(.runApproval, [.int64(runId)]) { row in
      RecordedApproval(
        proposal: row.isNull(1) ? nil : row.id(1), approvedBy: row.isNull(2) ? nil : row.text(2),
        reason: row.isNull(4) ? nil : row.text(4), databaseUser: row.text(3))
    }.first
  }

  /// Records an approval in the transaction of its run.
  public static func insert(
    _ runId: Int64, proposal: [UInt8]?, approvedBy: String?, reason: String?,
    _ connection: borrowing Connection
  ) throws {
    func text(_ text: String?) -> Parameter { text.map { .text($0) } ?? .null }
    try connection.query(
      RedressSQL.Query.insertApproval.text,
      [
        .int64(runId), .text(proposal == nil ? "limits" : "digest"),
        proposal.map { .bytes($0) } ?? .null, text(approvedBy), text(reason),
      ])
  }

  /// Whether the session's user may record an approval, and who that is.
  public static func right(
    _ connection: borrowing Connection
  ) throws -> (mayApprove: Bool, user: String) {
    try connection.rows(.mayApprove) { (try $0.bool(0), $0.text(1)) }.first ?? (false, "")
  }
}

/// An approval, or a run that was let through, to be verified.
public struct VerifiedApproval: Sendable {
  public let runId: Int64
  public let hasRun: Bool
  /// Whether the run says that it was let through.
  public let isMarked: Bool
  public let hasApproval: Bool
  /// Whether the row is the one that was written.
  public let isOwn: Bool
  public let kind: String
  public let databaseUser: String
  public let proposal: [UInt8]?
  /// `nil` where there is no such proposal.
  public let proposedBy: String?
  /// Whether policy, months and counts of the run are those of the proposal.
  public let isAsProposed: Bool

  public static func all(_ connection: borrowing Connection) throws -> [VerifiedApproval] {
    try connection.rows(.verifyApprovals) { row in
      VerifiedApproval(
        runId: try row.int64(0), hasRun: try row.bool(1), isMarked: try row.bool(2),
        hasApproval: try row.bool(3), isOwn: try row.bool(4),
        kind: row.isNull(5) ? "" : row.text(5), databaseUser: row.isNull(6) ? "" : row.text(6),
        proposal: row.isNull(7) ? nil : row.id(7), proposedBy: row.isNull(8) ? nil : row.text(8),
        isAsProposed: try row.bool(9))
    }
  }
}

/// A proposal that is not as it was recorded, or whose policy file is not there.
public struct VerifiedProposal: Sendable {
  public let digest: [UInt8]
  public let isOwn: Bool
  public let policyDigest: [UInt8]
  public let hasPolicy: Bool

  public static func differing(_ connection: borrowing Connection) throws -> [VerifiedProposal] {
    try connection.rows(.verifyProposals) { row in
      VerifiedProposal(
        digest: row.id(0), isOwn: try row.bool(1), policyDigest: row.id(2),
        hasPolicy: try row.bool(3))
    }
  }
}
