import Testing

@testable import CreditLedger
@testable import CreditRun
@testable import Postgres
@testable import redress

/// What `redress check` says of a distributed database; on a plain one it says nothing.
struct ClusterTextTests {
  /// The last of the tables that are distributed.
  private static let last = "redress.staged_carried_forward"

  private static func cluster(
    isCoordinator: Bool = true, distributed: Int = .max, apart: Int = 0, shardsOfANode: Int64 = 4,
    old: Int64? = 0, moment: NodeMoment = .oneServer
  ) -> ClusterExamination {
    ClusterExamination(
      version: "13.2-2", isCoordinator: isCoordinator,
      tables: Migrator.distributedTables.enumerated().map { index, name in
        ClusterExamination.Table(
          name: name, isDistributed: index < distributed,
          isAlike: index < Migrator.distributedTables.count - apart)
      }, shards: 8, shardsOfANode: shardsOfANode, maxConnections: 100, oldPreparedTransactions: old,
      moment: moment)
  }

  @Test(arguments: [
    (cluster(), true, "ok server coordinator; the ledger is distributed by customer, in 8 shards"),
    (
      cluster(distributed: 0), true,
      "ok server coordinator; the ledger is not distributed, and lies on this node alone"
    ),
    (cluster(isCoordinator: false), false, "problem server this node is a worker"),
    (
      cluster(distributed: Migrator.distributedTables.count - 1), false,
      "problem server \(last) is not distributed, and other tables of the ledger are"
    ),
    (
      cluster(apart: 1), false,
      "problem server what \(last) has of a customer is not on the node of the customer's credits"
    ),
    (
      cluster(shardsOfANode: 20), true,
      "note server 20 shards of redress.credit_revision on one node may take a run 120 sessions there, and max_connections is 100"
    ),
    (
      cluster(old: 1), true,
      "note server 1 prepared transaction older than a minute: what it has written cannot be seen yet"
    ),
    (
      cluster(old: nil), true,
      "note server not every node tells what prepared transactions it has"
    ),
    (
      cluster(moment: .held(CommitPause(nodes: 3, microseconds: 13_499, wasQuiet: true))), true,
      "ok server a run sees every node as of one moment: commits were held on 3 nodes for 13 ms"
    ),
    (
      cluster(moment: .held(CommitPause(nodes: 1, microseconds: 900, wasQuiet: false))), true,
      "note server a run sees each transaction on several nodes whole or not at all: commits were held on 1 node "
        + "for 1 ms; others ended on one node meanwhile, so it looks again for subscriptions under several customers "
        + "at its end, and begins again if they are others"
    ),
    (
      cluster(moment: .apart(.notGranted)), true,
      "note server a run sees each node as of a moment of its own, because this user may not hold commits; it looks "
        + "again for subscriptions under several customers at its end, and begins again if they are others"
    ),
  ])
  func says(cluster: ClusterExamination, isUsable: Bool, wanted: String) {
    let lines = CheckText.lines(.cluster(cluster)).map {
      "\($0.status.rawValue) \($0.section.rawValue) \($0.statement)"
    }
    #expect(lines.contains(wanted), "\(lines)")
    #expect(cluster.isUsable == isUsable)
  }

  private static let refusal = PostgresError(.server, "permission denied")

  /// What an operator can do is said with every reason, and only what was granted and fails is a warning.
  @Test(arguments: [
    (
      ApartReason.notMade, "redress.hold_commits is not there", "redress migrate --distributed",
      false
    ),
    (
      .notGranted, "this user may not hold commits",
      "GRANT EXECUTE ON FUNCTION redress.hold_commits()", false
    ),
    (
      .unreachable(node: "w1:5432", refusal),
      "this user cannot connect to w1:5432: permission denied",
      "pg_dist_node", true
    ),
    (.anotherNode(node: "w1:5432"), "w1:5432 leads to another server from here", "hostaddr", true),
    (
      .refused(node: "w1:5432", refusal), "w1:5432 refused to hold commits: permission denied",
      "redress migrate --distributed", true
    ),
    (
      .commitGoesOn(node: "w1:5432", waitedSeconds: 2),
      "a commit on w1:5432 went on for more than 2 seconds", "pg_locks", true
    ),
    (
      .unfinished(node: "w1:5432", transactions: 1),
      "w1:5432 has prepared 1 transaction and not ended it",
      "pg_prepared_xacts", true
    ),
    (
      .notRead(refusal), "not every node could be read in that time: permission denied", "", true
    ),
  ])
  func saysWhyNot(reason: ApartReason, cause: String, remedy: String, isFault: Bool) throws {
    let text = try #require(NodeMomentText(.apart(reason)))
    #expect(text.statement.contains("because \(cause); it looks again"), "\(text.statement)")
    #expect(text.remedy.contains(remedy) || remedy.isEmpty)
    #expect(text.isFault == isFault)
  }

  /// Only what is proven makes the second search needless, and only what was held needs one session.
  @Test(arguments: [
    (NodeMoment.oneServer, false, false),
    (.held(CommitPause(nodes: 3, microseconds: 1, wasQuiet: true)), true, true),
    (.held(CommitPause(nodes: 3, microseconds: 1, wasQuiet: false)), false, true),
    (.apart(.notGranted), false, false),
  ])
  func decides(moment: NodeMoment, isProven: Bool, needsOneSession: Bool) {
    #expect(moment.isProven == isProven)
    #expect(moment.needsOneSession == needsOneSession)
  }
}
