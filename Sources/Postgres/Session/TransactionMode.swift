/// What a transaction sees and may do.
public enum TransactionMode: Hashable, Sendable {
  /// Sees the state at one moment, and cannot write. The moment is that of its first statement, or
  /// that of the snapshot with this name, which another session holds.
  case reading(snapshot: String? = nil)
  /// Each statement sees what is committed by then. Cannot write.
  case asking
  /// Each statement sees what is committed by then. Can write.
  case writing
}

extension Connection {
  /// Begins a transaction in which statements do not depend on settings of the role, the database
  /// or the operator.
  ///
  /// Every setting ends with the transaction, so nothing remains in a session that a pooler gives
  /// to others.
  /// - Parameter lockTimeoutSeconds: how long a statement waits for a lock before the server
  ///   refuses it with SQLSTATE 55P03. It must be short if another session of this program holds
  ///   locks. Otherwise a statement that queues between the two waits for one session and blocks
  ///   the other, and the server cannot detect this deadlock.
  public func begin(
    _ mode: TransactionMode, lockTimeoutSeconds: Int
  ) throws(PostgresError) {
    let statements =
      TransactionSettings.beginning(mode)
      + TransactionSettings.always + TransactionSettings.of(mode, serverVersion: serverVersion)
      + ["SET LOCAL lock_timeout = '\(lockTimeoutSeconds)s'"]
    try execute(statements.joined(separator: "; "), name: "BEGIN")
  }

  /// Sets how long the following statements of the transaction wait for a lock.
  public func waitForLocks(seconds: Int) throws(PostgresError) {
    try execute("SET LOCAL lock_timeout = '\(seconds)s'")
  }

  /// Lets the server finish later statements even if the program is gone, so that a COMMIT that
  /// waits for a disk or a standby is not interrupted.
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

/// All settings are made here.
private enum TransactionSettings {
  /// Overrides `default_transaction_isolation`, `_read_only` and `_deferrable`. A snapshot must be
  /// set before anything else.
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
    // First, because it changes how the server writes names, also in the settings below.
    "SET LOCAL quote_all_identifiers = off",
    // So that no unqualified name can refer to an object in an ordinary schema.
    "SET LOCAL search_path = pg_catalog, pg_temp",
    "SET LOCAL TimeZone = 'UTC'",
    "SET LOCAL DateStyle = 'ISO, YMD'",
    "SET LOCAL IntervalStyle = 'postgres'",
    "SET LOCAL bytea_output = 'hex'",
    "SET LOCAL extra_float_digits = 1",
    "SET LOCAL standard_conforming_strings = on",
    "SET LOCAL transform_null_equals = off",
    // A statement fails instead of silently leaving out rows because of a row security policy.
    "SET LOCAL row_security = off",
    // A session that holds a snapshot or a lock is idle on purpose, and a run can take long.
    "SET LOCAL idle_in_transaction_session_timeout = 0",
    "SET LOCAL statement_timeout = 0",
  ]

  static func of(_ mode: TransactionMode, serverVersion: Int) -> [String] {
    var settings: [String] = []
    if serverVersion >= 170_000 { settings.append("SET LOCAL transaction_timeout = 0") }
    switch mode {
    case .reading:
      // More memory for sorting and hashing before they use the disk. Compiling queries that run
      // once does not pay off.
      settings += ["SET LOCAL jit = off", "SET LOCAL work_mem = '64MB'"]
    case .asking: break
    case .writing:
      // If the program's host disappears, the server must not keep the lock for the system's
      // default of two hours.
      settings += [
        "SET LOCAL tcp_keepalives_idle = 30", "SET LOCAL tcp_keepalives_interval = 10",
        "SET LOCAL tcp_keepalives_count = 3",
        // Files appear after COMMIT, and a crash of the server must not undo what they say. All
        // other values wait at least for this server's own disk. Whether to wait for standbys is
        // the operator's decision.
        """
        SELECT set_config('synchronous_commit', 'on', true)
         WHERE current_setting('synchronous_commit') = 'off'
        """,
        // The functions of a migration are compiled then, and again in the sessions that call them.
        "SET LOCAL plpgsql.extra_errors = 'none'", "SET LOCAL plpgsql.extra_warnings = 'none'",
      ]
    }
    if serverVersion >= 140_000 {
      // Ends a statement whose program is gone and releases what its session holds. Only some
      // systems support this; Linux does.
      settings.append(
        """
        SELECT set_config('client_connection_check_interval', '1s', true) WHERE version() ~ 'linux'
        """)
    }
    return settings
  }
}
