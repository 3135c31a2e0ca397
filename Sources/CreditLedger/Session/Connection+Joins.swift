public import Postgres

extension Connection {
  /// Until the transaction ends, joins are made key by key through an index. For statements that take a few keys out of a
  /// large ledger, where the server would rather read all of it: what that costs grows with every year.
  ///
  /// Does nothing in a session that other statements share.
  func joinByIndex() throws(PostgresError) {
    guard !isShared else { return }
    try execute("SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off")
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
