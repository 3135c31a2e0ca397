public import Postgres
import RedressSQL

/// What has to be known of a distributed database before a run: where it is, how the ledger lies there, and whether its
/// nodes agree.
public struct ClusterExamination: Sendable {
  public struct Table: Hashable, Sendable {
    public let name: String
    public let isDistributed: Bool
    /// Whether what belongs to a customer is on the node where the customer's credits are.
    public let isAlike: Bool
  }

  /// Of the extension citus.
  public let version: String
  public let isCoordinator: Bool
  /// The tables of the ledger that are distributed; empty on a worker.
  public let tables: [Table]
  public let shards: Int64
  /// On the node that has the most.
  public let shardsOfANode: Int64
  public let maxConnections: Int32
  /// On all nodes, older than a minute; `nil` where a node did not tell.
  public let oldPreparedTransactions: Int64?
  /// Whether a run of this user sees all nodes as of one moment.
  public let moment: NodeMoment

  /// Whether a run can begin here: on the coordinator, with the tables of a customer on one node, or none distributed.
  public var isUsable: Bool {
    isCoordinator
      && (tables.allSatisfy { $0.isDistributed && $0.isAlike }
        || tables.allSatisfy { !$0.isDistributed })
  }

  /// How many sessions of a run read or write what is distributed, each with a session for each shard of a node.
  private static let sessions: Int64 = 6

  /// Whether a run may need more sessions on a node than that has.
  public var mayLackSessions: Bool { shardsOfANode * Self.sessions > Int64(maxConnections) }
  /// How many that would be.
  public var sessionsOfANode: Int64 { shardsOfANode * Self.sessions }

}

extension ClusterExamination {
  /// - Parameters:
  ///   - connection: inside a transaction or not; what it may refuse stands behind a savepoint.
  ///   - moment: of the snapshot that this user was given.
  /// - Returns: `nil` where the database is not distributed.
  public init?(_ connection: borrowing Connection, moment: NodeMoment) throws {
    guard try !connection.rows(.citusVersion, [], { try $0.string(0) }).isEmpty else { return nil }
    var state: (String, Bool, Int32, Int64, Int64)?
    try connection.query(RedressSQL.Query.clusterState.text) { row in
      state = (
        try row.string(0), try row.bool(1), try row.int32(2), try row.int64(3), try row.int64(4)
      )
    }
    guard let state else { return nil }
    let (version, isCoordinator, maxConnections, shards, shardsOfANode) = state
    let tables =
      !isCoordinator
      ? []
      : try connection.rows(.tableDistribution, [.textArray(Migrator.distributedTables)]) { row in
        Table(name: try row.string(0), isDistributed: try row.bool(1), isAlike: try row.bool(2))
      }
    self.init(
      version: version, isCoordinator: isCoordinator, tables: tables, shards: shards,
      shardsOfANode: shardsOfANode, maxConnections: maxConnections,
      oldPreparedTransactions: isCoordinator ? try Self.oldPrepared(connection) : 0, moment: moment)
  }

  private static func oldPrepared(_ connection: borrowing Connection) throws -> Int64? {
    do {
      let counts = try connection.savepoint {
        try connection.rows(.oldPreparedTransactions) { $0.isNull(0) ? nil : try $0.int64(0) }
      }
      return counts.contains(nil) ? nil : counts.reduce(0) { $0 + ($1 ?? 0) }
    } catch let error as PostgresError where error.kind == .server && !error.isRetrySafe {
      return nil
    }
  }
}
