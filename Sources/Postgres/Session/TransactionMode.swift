/// What a transaction may see and do.
public enum TransactionMode: Hashable, Sendable {
  /// Sees one moment, and cannot write: the moment of its first statement, or that of the snapshot of this name, which
  /// another session holds.
  case reading(snapshot: String? = nil)
  /// Sees with each statement what is committed by then, and cannot write.
  case asking
  /// Sees with each statement what is committed by then, and writes.
  case writing
}

extension Connection {
  /// Begins a transaction in which statements mean the same whatever the role, the database or the operator has set.
  ///
  /// Every setting ends with the transaction. So nothing of it is left in a session that a pooler gives to somebody
  /// else.
  /// - Parameter lockTimeoutSeconds: how long a statement waits for a lock before the server refuses it with SQLSTATE
  ///   55P03. Where another session of this program holds locks it must be short: a statement that queues between the
  ///   two waits for the one and is waited for by the other, and the server cannot see that they belong together.
  public func begin(
    _ mode: TransactionMode, lockTimeoutSeconds: Int
  ) throws(PostgresError) {
    let statements =
      TransactionSettings.beginning(mode)
      + TransactionSettings.always + TransactionSettings.of(mode, serverVersion: serverVersion)
      + ["SET LOCAL lock_timeout = '\(lockTimeoutSeconds)s'"]
    try execute(statements.joined(separator: "; "), name: "BEGIN")
  }

  /// From here on statements of the transaction wait so long for a lock.
  public func waitForLocks(seconds: Int) throws(PostgresError) {
    try execute("SET LOCAL lock_timeout = '\(seconds)s'")
  }

  /// From here on the server brings to its end what it was told, though the program may be gone: a COMMIT that waits for a
  /// disk or a standby is not broken off.
  public func outliveTheProgram() throws(PostgresError) {
    guard serverVersion >= 140_000 else { return }
    try execute("SET LOCAL client_connection_check_interval = 0")
  }

  public func commit() throws(PostgresError) {
    try execute("COMMIT")
  }

  public func rollback() throws(PostgresError) {
    try execute("ROLLBACK")
  }
}

/// The one place where settings are made.
private enum TransactionSettings {
  /// Says all that `default_transaction_isolation`, `_read_only` and `_deferrable` would decide otherwise. A snapshot
  /// must be taken over before anything else.
  static func beginning(_ mode: TransactionMode) -> [String] {
    switch mode {
    case .reading(let snapshot):
      ["BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY, NOT DEFERRABLE"]
        + (snapshot.map { ["SET TRANSACTION SNAPSHOT '\($0)'"] } ?? [])
    case .asking: ["BEGIN ISOLATION LEVEL READ COMMITTED, READ ONLY, NOT DEFERRABLE"]
    case .writing: ["BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE, NOT DEFERRABLE"]
    }
  }

  static let always = [
    // Before what the server puts together from names.
    "SET LOCAL quote_all_identifiers = off",
    // No name can mean another object than the one that was meant.
    "SET LOCAL search_path = pg_catalog, pg_temp",
    "SET LOCAL TimeZone = 'UTC'",
    "SET LOCAL DateStyle = 'ISO, YMD'",
    "SET LOCAL IntervalStyle = 'postgres'",
    "SET LOCAL bytea_output = 'hex'",
    "SET LOCAL extra_float_digits = 1",
    "SET LOCAL standard_conforming_strings = on",
    "SET LOCAL transform_null_equals = off",
    // A policy that would hide rows makes the statement fail.
    "SET LOCAL row_security = off",
    // A session that holds a snapshot or a lock is idle on purpose, and a night may take long.
    "SET LOCAL idle_in_transaction_session_timeout = 0",
    "SET LOCAL statement_timeout = 0",
  ]

  static func of(_ mode: TransactionMode, serverVersion: Int) -> [String] {
    var settings: [String] = []
    if serverVersion >= 170_000 { settings.append("SET LOCAL transaction_timeout = 0") }
    switch mode {
    case .reading:
      // Sorting and hashing may take this much before they spill; compiling queries that run once does not pay.
      settings += ["SET LOCAL jit = off", "SET LOCAL work_mem = '64MB'"]
    case .asking: break
    case .writing:
      // A server that loses sight of this program must not keep the lock until its system's default of two hours.
      settings += [
        "SET LOCAL tcp_keepalives_idle = 30", "SET LOCAL tcp_keepalives_interval = 10",
        "SET LOCAL tcp_keepalives_count = 3",
        // Files appear after COMMIT, and a crash must not take back what they say. Every other value waits for this
        // server's own disk at least, and how far it waits for others is the operator's decision.
        """
        SELECT set_config('synchronous_commit', 'on', true)
         WHERE current_setting('synchronous_commit') = 'off'
        """,
        // The functions that a migration makes are compiled then, and again wherever they are called.
        "SET LOCAL plpgsql.extra_errors = 'none'", "SET LOCAL plpgsql.extra_warnings = 'none'",
      ]
    }
    if serverVersion >= 140_000 {
      // Ends a statement whose program is gone, and with it what the session holds. Not every system can tell; Linux can.
      settings.append(
        """
        SELECT set_config('client_connection_check_interval', '1s', true) WHERE version() ~ 'linux'
        """)
    }
    return settings
  }
}
