import CreditLedger
import Postgres

/// Whether a run sees the nodes of a distributed database as of one moment, and what the operator can do where not.
struct NodeMomentText {
  /// Whether something is not as the operator wanted it.
  let isFault: Bool
  let statement: String
  /// Empty where nothing is to be done.
  let remedy: String

  /// - Returns: `nil` on one server.
  init?(_ moment: NodeMoment) {
    switch moment {
    case .oneServer: return nil
    case .held(let pause):
      let held =
        "commits were held on \(pause.nodes) node\(pause.nodes == 1 ? "" : "s") for \(pause.milliseconds) ms"
      isFault = false
      remedy = ""
      statement =
        pause.wasQuiet
        ? "a run sees every node as of one moment: \(held)"
        : "a run sees each transaction on several nodes whole or not at all: \(held); others ended on one node "
          + "meanwhile, so \(NodeMomentText.repetition)"
    case .apart(let reason):
      let text = NodeMomentText.text(of: reason)
      isFault =
        switch reason {
        case .notMade, .notGranted: false
        default: true
        }
      statement =
        "a run sees each node as of a moment of its own, because \(text.cause); \(NodeMomentText.repetition)"
      remedy = text.remedy
    }
  }

  private static let repetition =
    "it looks again for subscriptions under several customers at its end, and begins again if they are others"

  private static let grant =
    "GRANT EXECUTE ON FUNCTION redress.hold_commits() TO redress_job;"

  private static func text(of reason: ApartReason) -> (cause: String, remedy: String) {
    switch reason {
    case .notMade:
      (
        "redress.hold_commits is not there",
        "Run `redress migrate --distributed` as the owner, and then: \(grant)"
      )
    case .notGranted: ("this user may not hold commits", "As the owner of the ledger: \(grant)")
    case .unreachable(let node, let error):
      (
        "this user cannot connect to \(node): \(ErrorText.message(error))",
        "Let the user connect to every node from here, at nodename and nodeport of pg_dist_node."
      )
    case .anotherNode(let node):
      (
        "\(node) leads to another server from here",
        "Let the names in pg_dist_node mean the same here, and leave out hostaddr."
      )
    case .refused(let node, let error):
      (
        "\(node) refused to hold commits: \(ErrorText.message(error))",
        error.sqlState == "42501"
          ? "The function's owner has to be allowed to lock pg_dist_transaction. As a superuser, on the coordinator: "
            + "ALTER FUNCTION redress.hold_commits() OWNER TO postgres;"
          : "Run `redress migrate --distributed` as the owner."
      )
    case .commitGoesOn(let node, let seconds):
      (
        "a commit on \(node) went on for more than \(seconds) seconds",
        "See who holds a lock of pg_dist_transaction there, in pg_locks."
      )
    case .unfinished(let node, let transactions):
      (
        "\(node) has prepared \(transactions) transaction\(transactions == 1 ? "" : "s") and not ended "
          + (transactions == 1 ? "it" : "them"),
        "The coordinator does that each citus.recover_2pc_interval. Look at pg_prepared_xacts there."
      )
    case .notRead(let error):
      ("not every node could be read in that time: \(ErrorText.message(error))", "")
    }
  }
}

extension CommitPause {
  var milliseconds: Int64 { (microseconds + 500) / 1_000 }
}
