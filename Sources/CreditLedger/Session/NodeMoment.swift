public import Postgres

/// Whether a snapshot shows the nodes of a distributed database as of one moment.
///
/// Each node has snapshots of its own. They show one moment if nothing that spans two of them ends while they are taken.
public enum NodeMoment: Sendable {
  /// The database is one server.
  case oneServer
  /// Each transaction on several nodes is seen whole or not at all.
  case held(CommitPause)
  /// Each node is seen as of a moment of its own.
  case apart(ApartReason)

  /// Whether it is proven that there was an instant that every snapshot shows.
  public var isProven: Bool {
    if case .held(let pause) = self { pause.wasQuiet } else { false }
  }

  /// Whether the session that holds the snapshot has to read everything. Others would have other snapshots.
  var needsOneSession: Bool {
    if case .held = self { true } else { false }
  }
}

/// The time in which commits were held on every node.
public struct CommitPause: Sendable {
  public let nodes: Int
  public let microseconds: Int64
  /// Whether no transaction that had written ended on any node meanwhile, not even on one node alone.
  public let wasQuiet: Bool
}

/// Why commits were not held.
public enum ApartReason: Error, Sendable {
  /// The ledger was distributed by an earlier version, or is not distributed.
  case notMade
  case notGranted
  case unreachable(node: String, PostgresError)
  /// The address leads to another server.
  case anotherNode(node: String)
  /// The node refused to hold commits.
  case refused(node: String, PostgresError)
  /// A commit went on for longer than is waited.
  case commitGoesOn(node: String, waitedSeconds: Int)
  /// Commits that a node has not brought to an end; what they have written may be visible elsewhere.
  case unfinished(node: String, transactions: Int64)
  /// Not every node could be read in that time.
  case notRead(PostgresError)
}
