import Postgres

/// Causes of errors that are not about the statement: the server's state, its limits, other
/// sessions, a pooler. One table of causes with a remedy for each, because the class of a SQLSTATE
/// is too general.
struct ServerTrouble {
  /// Used by tests.
  let name: String
  /// From PostgreSQL's manual, appendix A; empty if the message is from a pooler or libpq.
  private let states: Set<String>
  /// Parts of the message; `…` matches anything. Without a SQLSTATE, one of them must occur. With
  /// one of ``states`` too, unless the list is empty.
  private let phrases: [String]
  let remedy: String

  private init(
    _ name: String, _ states: Set<String> = [], says phrases: [String] = [], _ remedy: String
  ) {
    self.name = name
    self.states = states
    self.phrases = phrases
    self.remedy = remedy
  }

  /// The first matching cause in the table; `nil` if none matches.
  init?(_ error: PostgresError) {
    guard let found = ServerTrouble.all.first(where: { $0.fits(error) }) else { return nil }
    self = found
  }

  private func fits(_ error: PostgresError) -> Bool {
    let isSaid = phrases.contains { ServerTrouble.contains($0, in: error.message) }
    guard let state = error.sqlState, !states.isEmpty else { return isSaid }
    return states.contains(state) && (isSaid || phrases.isEmpty)
  }

  private static func contains(_ phrase: String, in message: String) -> Bool {
    var rest = message[...]
    for part in phrase.split(separator: "…") {
      guard let range = rest.firstRange(of: part) else { return false }
      rest = rest[range.upperBound...]
    }
    return true
  }

  /// Specific causes come before general ones.
  static let all = connecting + poolers + limits + standbys + endings + locks

  private static let connecting = [
    ServerTrouble(
      "wrong password", ["28P01"], says: ["password authentication failed"],
      "Check the user and the password in ~/.pgpass, the service file or PGPASSWORD."),
    ServerTrouble(
      "no password", says: ["no password supplied"],
      "Put the password into ~/.pgpass (host:port:database:user:password, mode 0600)."),
    ServerTrouble(
      "no entry", ["28000"], says: ["no pg_hba.conf entry"],
      "The server lets this user in from elsewhere only, or only with TLS: add a line to its pg_hba.conf, or add "
        + "sslmode=verify-full to the connection."),
    ServerTrouble(
      "no database", ["3D000"], says: ["database \"…\" does not exist", "no such database"],
      "Create the database, or name another one with --database 'dbname=…' or PGDATABASE."),
    ServerTrouble(
      "no role", ["28000"], says: ["role \"…\" does not exist"],
      "Create the role, or name another one with --database 'user=…' or PGUSER."),
    ServerTrouble(
      "no service", says: ["service …not found"],
      "Define the service in ~/.pg_service.conf, or name the one that is there with --database service=NAME."
    ),
  ]

  private static let poolers = [
    ServerTrouble(
      "statement pooling", ["08P01"], says: ["in statement pooling mode"],
      "The pooler lets every statement end its transaction, and a run is one transaction. Connect to the server "
        + "itself, or give this database pool_mode = transaction or pool_mode = session."),
    ServerTrouble(
      "pool too small", ["08P01"], says: ["query_wait_timeout"],
      "The pooler had no connection to the server free in time. A run takes up to ten at once: set pool_size to 12 or "
        + "more for this database (default_pool_size of pgbouncer), or connect to the server itself."
    ),
    ServerTrouble(
      "pooler is full", ["08P01"],
      says: ["no more connections allowed", "max_user_connections", "max_client_conn"],
      "The pooler takes no further clients. A run takes up to ten connections for each job: raise max_client_conn and "
        + "max_user_connections of pgbouncer, or connect to the server itself."),
    ServerTrouble(
      "pooler ends sessions", ["08P01"],
      says: [
        "query_timeout", "query timeout", "idle_transaction_timeout", "idle transaction timeout",
        "transaction_timeout",
      ],
      "The pooler ended the session. One of a run's sessions holds the snapshot and is idle meanwhile: set query_timeout, "
        + "idle_transaction_timeout and transaction_timeout of the pooler to 0 for this user, or connect to the server "
        + "itself."),
    ServerTrouble(
      "pooler without server", ["08P01"],
      says: [
        "server login has been failing", "server_login_retry", "cannot connect to server",
        "server_connect_timeout", "server login failed",
      ],
      "The pooler does not reach the server, or is not let in: see the pooler's log."),
    ServerTrouble(
      "pooler refuses options", ["08P01"], says: ["unsupported startup parameter"],
      "The pooler does not pass settings on. Leave PGOPTIONS and options= away: this program sets what it needs itself."
    ),
  ]

  private static let limits = [
    ServerTrouble(
      "connections of the role", ["53300"], says: ["too many connections for role"],
      "A run takes up to ten connections for each job, and the role may have fewer: ALTER ROLE … CONNECTION LIMIT 12, or -1 for no "
        + "limit."),
    ServerTrouble(
      "connections of the database", ["53300"], says: ["too many connections for database"],
      "A run takes up to ten connections for each job, and the database has no more of them: ALTER DATABASE … CONNECTION LIMIT, "
        + "or run when fewer are in use."),
    ServerTrouble(
      "connections", ["53300"],
      says: ["too many clients", "remaining connection slots", "too many connections"],
      "A run takes up to ten connections for each job: raise max_connections, or run when fewer are in use."
    ),
    ServerTrouble(
      "connections, in other words", ["53300"],
      "A run takes up to ten connections for each job: raise the limit that the message names, or run when fewer are in use."
    ),
    ServerTrouble(
      "disk full", ["53100"],
      "The server's disk is full; nothing was written. Make room and run the command again."),
    ServerTrouble(
      "shared memory", ["53200"], says: ["out of shared memory"],
      "The server has no room for further locks: raise max_locks_per_transaction; nothing was written."
    ),
    ServerTrouble(
      "memory", ["53200"],
      "The server has no memory left; nothing was written. Run the command again when less goes on there. Each of a "
        + "run's sessions may sort in 64 MB."),
    ServerTrouble(
      "temporary files", ["53400"], says: ["temp_file_limit"],
      "A sort of the source needs more room than temp_file_limit allows: ALTER ROLE … SET temp_file_limit, as a "
        + "superuser; nothing was written."),
    ServerTrouble(
      "configured limit", ["53400"],
      "Raise the limit that the message names, and run the command again; nothing was written."),
  ]

  private static let standbys = [
    ServerTrouble(
      "conflict with recovery", ["40001", "57014", "57P01"],
      says: ["conflict with recovery"],
      "This server is a standby, and what this command still reads was removed on the primary. Set hot_standby_feedback = "
        + "on there, or raise max_standby_streaming_delay, or connect to the primary."),
    ServerTrouble(
      "standby", ["0A000", "25006"], says: ["during recovery"],
      "This server is a standby, and only reads: connect to the primary (target_session_attrs=read-write)."
    ),
    ServerTrouble(
      "read-only", ["25006"],
      "This server only reads, as a standby does: connect to the primary (target_session_attrs=read-write)."
    ),
  ]

  private static let endings = [
    ServerTrouble(
      "starting or stopping", ["57P03"],
      says: ["starting up", "shutting down", "in recovery mode", "not yet accepting"],
      "The server is going down or coming up; run the command again when it is there."),
    ServerTrouble(
      "cannot connect now", ["57P03"],
      "The server is going down or coming up; run the command again when it is there."),
    ServerTrouble(
      "ended by an administrator", ["57P01"],
      "An administrator ended the session, or the server is being stopped; nothing was written. Run the command again "
        + "when it is there."),
    ServerTrouble(
      "crash", ["57P02"],
      "Another session of the server crashed, and it starts anew: see its log for why, and run the command again. "
        + "Nothing was written."),
    ServerTrouble(
      "database dropped", ["57P04"],
      "Somebody dropped the database: name the right one with --database."
    ),
    ServerTrouble(
      "idle in transaction", ["25P03", "25P04"],
      "The server ends sessions that are idle in a transaction, or transactions that take long, and one of a run's "
        + "sessions is on purpose. This program sets idle_in_transaction_session_timeout and transaction_timeout to 0 in "
        + "each transaction; find who sets them again, a trigger or a function of a view."),
    ServerTrouble(
      "idle", ["57P05"],
      "idle_session_timeout ended the session before it began to work: ALTER ROLE … SET idle_session_timeout = '1min'."
    ),
    ServerTrouble(
      "statement timeout", ["57014"], says: ["statement timeout"],
      "This program sets statement_timeout to 0 in each transaction. The role's, or that of a function of a view, is too "
        + "short even so: ALTER ROLE … SET statement_timeout = 0. Nothing was written."),
    ServerTrouble(
      "cancelled", ["57014"],
      "Somebody cancelled the statement (pg_cancel_backend); nothing was written. Run the command again."
    ),
  ]

  private static let locks = [
    ServerTrouble(
      "others in the way", ["40001", "40P01"],
      "Other transactions were in the way several times; nothing was written. Run the command again."
    ),
    ServerTrouble(
      "lock", ["55P03"],
      "Another session has locked a relation of this statement, or waits to: TRUNCATE, ALTER TABLE, VACUUM FULL, REFRESH "
        + "MATERIALIZED VIEW and LOCK TABLE do. Nothing was written. See who: SELECT pid, relation::regclass, granted "
        + "FROM pg_locks WHERE mode = 'AccessExclusiveLock'. Run the command again when that has ended."
    ),
  ]
}
