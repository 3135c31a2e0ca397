package import CreditLedger
import FrozenEvidence
package import PolicyFiles
package import Postgres
import RedressSQL
import ServiceCredits

/// The policy that a command works with, and where it comes from. Every command asks here.
package struct PolicyInForce: Sendable {
  package enum Origin: Sendable {
    /// The user gave a file.
    case file
    /// It was adopted for the ledger.
    case adopted(Adoption)
    /// Nothing is adopted; this is the file of the newest run.
    case run(Int64)
    /// Nothing is adopted, and no run has been committed, or the command is a run.
    case builtIn
  }

  package let document: PolicyDocument
  package let origin: Origin
  /// Every adoption, whether or not the policy is one of them.
  package let adoptions: [Adoption]

  /// The policy of a run: the file given, else what is adopted, else the built-in policy.
  /// - Throws: `AdoptionError` if what is adopted is not as it was recorded.
  package static func ofRun(
    _ given: PolicyDocument?, _ connection: borrowing Connection
  ) throws -> PolicyInForce {
    let adoptions = try adoptions(connection)
    if let given {
      return PolicyInForce(document: given, origin: .file, adoptions: adoptions)
    }
    if let adopted = try adopted(adoptions, connection) { return adopted }
    return PolicyInForce(
      document: PolicyFile.builtInDocument, origin: .builtIn, adoptions: adoptions)
  }

  /// The policy of a command that only reads: the file given, else what is adopted, else what runs
  /// have used, else the built-in policy.
  /// - Throws: `AdoptionError` if what is adopted is not as it was recorded.
  package static func ofReader(
    _ given: PolicyDocument?, _ connection: borrowing Connection
  ) throws -> PolicyInForce {
    // What is wrong with the adoptions does not concern a command that has its own policy.
    if let given { return PolicyInForce(document: given, origin: .file, adoptions: []) }
    let adoptions = try adoptions(connection)
    if let adopted = try adopted(adoptions, connection) { return adopted }
    guard let newest = try PolicyInUse(connection) else {
      return PolicyInForce(
        document: PolicyFile.builtInDocument, origin: .builtIn, adoptions: adoptions)
    }
    // The versions alone can be read where this program no longer accepts the whole file.
    let document =
      try (try? newest.document())
      ?? RecordedVersion.document(of: try RecordedVersion.all(connection))
    return PolicyInForce(document: document, origin: .run(newest.runId), adoptions: adoptions)
  }

  /// What holds before a policy is adopted: as `ofRun`, but where this program no longer accepts the
  /// adopted file, the versions that runs have used stand for it. Else it could not be replaced.
  static func beforeAdoption(_ connection: borrowing Connection) throws -> PolicyInForce {
    let adoptions = try adoptions(connection)
    do {
      return try ofRun(nil, connection)
    } catch let error as PolicyErrors {
      guard let newest = adoptions.last else { throw error }
      return PolicyInForce(
        document: try RecordedVersion.document(of: try RecordedVersion.all(connection)),
        origin: .adopted(newest), adoptions: adoptions)
    }
  }

  private static func adoptions(_ connection: borrowing Connection) throws -> [Adoption] {
    let adoptions = try Adoption.all(connection)
    if let changed = adoptions.first(where: { !$0.isIntact }) {
      throw AdoptionError.changed(number: changed.number)
    }
    return adoptions
  }

  private static func adopted(
    _ adoptions: [Adoption], _ connection: borrowing Connection
  ) throws -> PolicyInForce? {
    guard let newest = adoptions.last else { return nil }
    return PolicyInForce(
      document: try newest.document(connection), origin: .adopted(newest), adoptions: adoptions)
  }
}

extension Adoption {
  /// The policy that was adopted.
  /// - Throws: `AdoptionError`; `PolicyErrors` if this program refuses a file that an earlier
  ///   version accepted.
  package func document(_ connection: borrowing Connection) throws -> PolicyDocument {
    guard let content = try content(connection) else {
      throw AdoptionError.fileChanged(number: number)
    }
    return try PolicyFile.document(bytes: content, name: "adopted policy \(number)", isKept: true)
  }
}

/// The policy file of the newest committed run, from the ledger.
package struct PolicyInUse {
  let runId: Int64
  /// The latest as-of instant of all committed runs, or the present by the server's clock if that is earlier.
  let decidedUntil: Instant
  private let content: [UInt8]

  /// Returns `nil` if no run has been committed.
  package init?(_ connection: borrowing Connection) throws {
    var newest: (runId: Int64, content: [UInt8], asOf: Instant)?
    try connection.query(RedressSQL.Query.policyInUse.text) { row in
      newest = (
        try row.int64(0), row.array(1) ?? [], Instant(microseconds: try row.timestamp(2))
      )
    }
    guard let newest else { return nil }
    (runId, content, decidedUntil) = newest
  }

  /// - Throws: `PolicyErrors` if this program refuses a file that an earlier version accepted.
  package func document() throws -> PolicyDocument {
    try PolicyFile.document(bytes: content, name: "the policy of run \(runId)", isKept: true)
  }
}
