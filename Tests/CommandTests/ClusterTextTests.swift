import Testing

@testable import CreditLedger
@testable import CreditRun
@testable import redress

/// What `redress check` says of a distributed database; on a plain one it says nothing.
struct ClusterTextTests {
  private static func cluster(
    isCoordinator: Bool = true, distributed: Int = .max, apart: Int = 0, shardsOfANode: Int64 = 4,
    old: Int64? = 0
  ) -> ClusterExamination {
    ClusterExamination(
      version: "13.2-2", isCoordinator: isCoordinator,
      tables: Migrator.distributedTables.enumerated().map { index, name in
        ClusterExamination.Table(
          name: name, isDistributed: index < distributed,
          isAlike: index < Migrator.distributedTables.count - apart)
      }, shards: 8, shardsOfANode: shardsOfANode, maxConnections: 100, oldPreparedTransactions: old)
  }

  @Test(arguments: [
    (cluster(), true, "ok server coordinator; the ledger is distributed by customer, in 8 shards"),
    (
      cluster(distributed: 0), true,
      "ok server coordinator; the ledger is not distributed, and lies on this node alone"
    ),
    (cluster(isCoordinator: false), false, "problem server this node is a worker"),
    (
      cluster(distributed: 4), false,
      "problem server redress.carried_forward is not distributed, and other tables of the ledger are"
    ),
    (
      cluster(apart: 1), false,
      "problem server what redress.carried_forward has of a customer is not on the node of the customer's credits"
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
  ])
  func says(cluster: ClusterExamination, isUsable: Bool, wanted: String) {
    let lines = CheckText.lines(.cluster(cluster)).map {
      "\($0.status.rawValue) \($0.section.rawValue) \($0.statement)"
    }
    #expect(lines.contains(wanted), "\(lines)")
    #expect(cluster.isUsable == isUsable)
  }
}
