public import Postgres

extension Connection {
  /// Until the transaction ends, rows of the ledger are read through its indexes and in their order. For statements that
  /// take some months or some keys out of a large ledger, where the server would rather read and sort all of it: what that
  /// costs grows with every year, and the first row has to wait for it. Each such session has a process of the server for
  /// itself, so that it needs no others to help.
  ///
  /// Does nothing in a session that other statements share.
  func readByIndex() throws(PostgresError) {
    guard !isShared else { return }
    let unwanted = ["hashjoin", "mergejoin", "hashagg", "seqscan", "bitmapscan"]
    try execute(
      (unwanted.map { "SET LOCAL enable_\($0) = off" }
        + ["SET LOCAL max_parallel_workers_per_gather = 0"]).joined(separator: "; "))
  }

  /// Runs `body`, whose statements look rows up through an index where there is one, however many they look up. Inside a
  /// transaction.
  public func preferringIndexes(_ body: () throws -> Void) throws {
    func prefer(_ areWanted: Bool) throws {
      let others = areWanted ? "off" : "on"
      try execute(
        ["seqscan", "hashjoin", "mergejoin"].map { "SET LOCAL enable_\($0) = \(others)" }
          .joined(separator: "; "))
    }
    try prefer(true)
    try body()
    try prefer(false)
  }
}
