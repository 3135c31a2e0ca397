public import Postgres
import RedressSQL

/// Which of the relations that a night streams have rows. The session that asked holds a lock on each of them until its
/// transaction ends.
public struct SourceRelations: Sendable {
  /// In the order of the streams; the last two are the ledger's.
  private var isThere = [Bool](repeating: false, count: 7)
  private(set) var hasClaims = false

  /// - Parameters:
  ///   - connection: inside the run's snapshot.
  ///   - withInvoices: whether invoices and the lines on them are read.
  ///   - withClaims: whether claims are read, where the source has such a relation.
  /// - Throws: `LedgerError.rewritten` where the rows of a relation are not those of the snapshot.
  public init(
    _ connection: borrowing Connection, withInvoices: Bool = true, withClaims: Bool
  ) throws {
    var isThere = isThere
    try connection.query(RedressSQL.Query.whatIsThere.text) { row in
      for column in isThere.indices { isThere[column] = try row.bool(column) }
    }
    if withClaims { hasClaims = try SourceRelations.claims(connection) }
    let rewritten = try connection.rows(.rewrittenRelations) { try $0.string(0) }
    if let relation = rewritten.first { throw LedgerError.rewritten(relation: relation) }
    if !withInvoices { (isThere[4], isThere[6]) = (false, false) }
    self.isThere = isThere
  }

  private static func claims(_ connection: borrowing Connection) throws -> Bool {
    let found = try connection.rows(
      .sourceRelations, [.textArray(SourceContract.optionalRelations)]
    ) { try $0.string(0) }
    guard found.contains("claim") else { return false }
    return try connection.rows(.claimsAreThere) { try $0.bool(0) } == [true]
  }

  /// Seven answers, in the order of the streams. The ledger has no rows without a customer.
  func haveRows(for scope: CustomerScope) -> [Bool] {
    scope == .nobody ? isThere.dropLast(2) + [false, false] : isThere
  }
}
