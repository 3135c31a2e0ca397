package import Postgres
import RedressSQL

/// How the other nodes of a distributed database are reached: as the same user and with the same options, where the
/// coordinator has them.
package struct NodeAccess {
  let target: ConnectionTarget
  let interruption: Interruption

  package init(_ target: ConnectionTarget, _ interruption: Interruption) {
    self.target = target
    self.interruption = interruption
  }
}

/// A session on every node of a distributed database. They hold back the commits of transactions on several nodes for as
/// long as it takes another session to have a snapshot on each node.
final class CommitHold {
  private final class Node {
    let name: String
    let connection: Connection
    /// What had ended there when the commits were held.
    var ended = ""

    init(name: String, connection: consuming Connection) {
      self.name = name
      self.connection = connection
    }

    /// - Throws: `ApartReason` for an error of the server.
    func state() throws -> (group: Int32, unfinished: Int64, ended: String) {
      do {
        let states = try connection.rows(.nodeState) { row in
          (try row.int32(0), try row.int64(1), try row.string(2))
        }
        guard let state = states.first else { throw ApartReason.anotherNode(node: name) }
        return state
      } catch let error as PostgresError {
        throw ApartReason.refused(node: name, error)
      }
    }
  }

  /// How long a commit that goes on is waited for, on each node. Others wait behind.
  private static let lockWaitSeconds = 2
  /// How long the reading session may take meanwhile.
  private static let readingSeconds = 5
  /// How often a moment is looked for in which no transaction ends.
  private static let attempts = 3

  private let nodes: [Node]
  /// Whether not every node has a part of the ledger, by which it would be brought to take its snapshot.
  private let needsSource: Bool

  /// Opens a session on each node. Nothing is held yet.
  /// - Parameter home: inside a transaction.
  /// - Throws: `ApartReason` where that is not possible.
  private init(_ home: borrowing Connection, _ access: NodeAccess) throws {
    let rights = try home.rows(.mayHoldCommits) { row in
      (
        group: try row.int32(0), isMade: try row.bool(1), isGranted: try row.bool(2),
        hasBareNodes: try row.bool(3)
      )
    }
    guard let right = rights.first, right.isMade else { throw ApartReason.notMade }
    guard right.isGranted else { throw ApartReason.notGranted }
    var nodes = [try CommitHold.open(access.target, "this node", right.group, access)]
    let others = try home.rows(.otherNodes) { row in
      (group: try row.int32(0), host: try row.string(1), port: try row.int32(2))
    }
    for other in others {
      var target = access.target
      target.server = ConnectionTarget.Server(host: other.host, port: Int(other.port))
      nodes.append(try CommitHold.open(target, "\(other.host):\(other.port)", other.group, access))
    }
    self.nodes = nodes
    needsSource = right.hasBareNodes
  }

  private static func open(
    _ target: ConnectionTarget, _ name: String, _ group: Int32, _ access: NodeAccess
  ) throws -> Node {
    do {
      let node = Node(name: name, connection: try access.interruption.connect(target))
      try node.connection.begin(.asking, lockTimeoutSeconds: lockWaitSeconds)
      guard try node.state().group == group else { throw ApartReason.anotherNode(node: name) }
      return node
    } catch let error as PostgresError {
      throw ApartReason.unreachable(node: name, error)
    }
  }

  /// Begins a transaction on `connection` whose snapshots of all nodes show one moment, if that is possible, and else as
  /// each node has it.
  /// - Parameters:
  ///   - connection: inside a transaction that has changed nothing; it is rolled back.
  ///   - lockTimeoutSeconds: of the transaction that is begun.
  static func begin(
    _ connection: borrowing Connection, needs: ContractNeeds, _ access: NodeAccess,
    lockTimeoutSeconds: Int
  ) throws -> NodeMoment {
    do {
      let hold = try CommitHold(connection, access)
      try connection.rollback()
      // Connects to the nodes, and finds out whether they can be read, while nobody waits.
      try CommitHold.beginReading(connection)
      try CommitHold.read(connection, .touchLedger)
      if needs.contains(.source) { try CommitHold.read(connection, .touchSource) }
      try connection.rollback()
      let pause = try hold.pause(connection, needs)
      if needs.contains(.source) { try CommitHold.read(connection, .touchSource) }
      try connection.execute(
        "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '\(lockTimeoutSeconds)s'")
      return .held(pause)
    } catch let reason as ApartReason {
      try access.interruption.check()
      if connection.transactionStatus != .idle { try connection.rollback() }
      try connection.begin(.reading(), lockTimeoutSeconds: lockTimeoutSeconds)
      return .apart(reason)
    }
  }

  /// Takes the snapshots, again if a transaction ended meanwhile.
  private func pause(
    _ reader: borrowing Connection, _ needs: ContractNeeds
  ) throws -> CommitPause {
    var left = CommitHold.attempts
    while true {
      let start = ContinuousClock.now
      try hold()
      try CommitHold.beginReading(reader)
      try CommitHold.read(reader, .touchLedger)
      if needsSource, needs.contains(.source) { try CommitHold.read(reader, .touchSource) }
      let wasQuiet = try nodes.allSatisfy { try $0.state().ended == $0.ended }
      try release()
      left -= 1
      if wasQuiet || left == 0 {
        let taken = (ContinuousClock.now - start).components
        return CommitPause(
          nodes: nodes.count,
          microseconds: taken.seconds * 1_000_000 + taken.attoseconds / 1_000_000_000_000,
          wasQuiet: wasQuiet)
      }
      try reader.rollback()
      for node in nodes { try begin(node) }
    }
  }

  private func begin(_ node: Node) throws {
    do throws(PostgresError) {
      try node.connection.begin(.asking, lockTimeoutSeconds: CommitHold.lockWaitSeconds)
    } catch {
      throw ApartReason.unreachable(node: node.name, error)
    }
  }

  private func hold() throws {
    for node in nodes {
      do {
        try node.connection.query(RedressSQL.Query.holdCommits.text)
      } catch let error as PostgresError {
        throw error.sqlState == "55P03"
          ? ApartReason.commitGoesOn(node: node.name, waitedSeconds: CommitHold.lockWaitSeconds)
          : ApartReason.refused(node: node.name, error)
      }
    }
    // Only now does no commit go on anywhere.
    for node in nodes {
      let state = try node.state()
      guard state.unfinished == 0 else {
        throw ApartReason.unfinished(node: node.name, transactions: state.unfinished)
      }
      node.ended = state.ended
    }
  }

  /// Begins the transaction that reads everything, in one connection for each node: what a second one reads would be of
  /// another snapshot.
  private static func beginReading(_ reader: borrowing Connection) throws {
    try reader.begin(.reading(), lockTimeoutSeconds: lockWaitSeconds)
    try reader.execute(
      """
      SET LOCAL citus.max_adaptive_executor_pool_size = 1; \
      SET LOCAL statement_timeout = '\(readingSeconds)s'
      """)
  }

  /// Makes the nodes that have a part of the ledger or of the source take their snapshots. Whoever reads a table first
  /// settles the connection that later statements read it in, so each is read before anything else is.
  private static func read(_ reader: borrowing Connection, _ query: RedressSQL.Query) throws {
    do {
      try reader.query(query.text)
    } catch let error as PostgresError where reader.isUsable {
      throw ApartReason.notRead(error)
    }
  }

  private func release() throws {
    for node in nodes {
      do throws(PostgresError) {
        try node.connection.rollback()
      } catch {
        throw ApartReason.unreachable(node: node.name, error)
      }
    }
  }
}
