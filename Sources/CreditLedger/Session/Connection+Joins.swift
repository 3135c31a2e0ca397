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
    try without(["enable_seqscan", "enable_hashjoin", "enable_mergejoin"], body)
  }

  /// Runs `body`, whose statements join large tables that may have no statistics, or those of other rows. Inside a
  /// transaction.
  ///
  /// A server that takes a table for empty compares each row of one side with each row of the other. Without that it
  /// sorts or hashes, which takes no longer where there are few rows. A single row that is joined with all is still
  /// joined so; that this is taken for dear must not make the server compile the statement.
  func joiningWhole(_ body: () throws -> Void) throws {
    try without(["enable_nestloop", "jit"], body)
  }

  /// - Parameter settings: are off while `body` runs.
  private func without(_ settings: [String], _ body: () throws -> Void) throws {
    func set(_ value: String) throws {
      try execute(settings.map { "SET LOCAL \($0) = \(value)" }.joined(separator: "; "))
    }
    try set("off")
    try body()
    try set("DEFAULT")
  }
}
