import CreditLedger
import CreditRun

extension CheckText {
  /// What is so of a distributed database, one line for each thing.
  static func lines(_ cluster: ClusterExamination, in section: CheckSection) -> [CheckLine] {
    func line(_ status: CheckLine.Status, _ statement: String, _ remedy: String = "") -> CheckLine {
      CheckLine(
        section: section, status: status, subject: "citus \(cluster.version)", statement: statement,
        remedy: remedy)
    }
    guard cluster.isCoordinator else {
      return [
        line(.problem, "this node is a worker", "Name the coordinator with --database.")
      ]
    }
    var lines = [placement(of: cluster, line)]
    if let text = NodeMomentText(cluster.moment) {
      lines.append(
        line(cluster.moment.isProven ? .ok : .note, text.statement, text.remedy))
    }
    if cluster.mayLackSessions {
      lines.append(
        line(
          .note,
          "\(cluster.shardsOfANode) shards of redress.credit_revision on one node may take a run "
            + "\(cluster.sessionsOfANode) sessions there, and max_connections is \(cluster.maxConnections)",
          "Raise max_connections on the workers, or lower citus.max_adaptive_executor_pool_size for the role of the job."
        ))
    }
    switch cluster.oldPreparedTransactions {
    case .some(0): break
    case .some(let count):
      lines.append(
        line(
          .note,
          "\(count) prepared transaction\(count == 1 ? "" : "s") older than a minute: what "
            + "\(count == 1 ? "it has" : "they have") written cannot be seen yet",
          "The coordinator ends its own each citus.recover_2pc_interval. Look at pg_prepared_xacts on every node, and "
            + "call recover_prepared_transactions()."))
    case .none:
      lines.append(
        line(.note, "not every node tells what prepared transactions it has", ""))
    }
    return lines
  }

  private static func placement(
    of cluster: ClusterExamination,
    _ line: (CheckLine.Status, String, String) -> CheckLine
  ) -> CheckLine {
    let lacking = cluster.tables.filter { !$0.isDistributed }.map(\.name)
    let apart = cluster.tables.filter { $0.isDistributed && !$0.isAlike }.map(\.name)
    if lacking.count == cluster.tables.count {
      return line(
        .ok, "coordinator; the ledger is not distributed, and lies on this node alone", "")
    }
    if !lacking.isEmpty {
      return line(
        .problem,
        "\(lacking.joined(separator: ", ")) is not distributed, and other tables of the ledger are",
        "Run `redress migrate --distributed` as the owner.")
    }
    if !apart.isEmpty {
      return line(
        .problem,
        "what \(apart.joined(separator: ", ")) has of a customer is not on the node of the customer's credits",
        "Distribute it with colocate_with => 'redress.credit_revision'.")
    }
    return line(
      .ok, "coordinator; the ledger is distributed by customer, in \(cluster.shards) shards", "")
  }
}
