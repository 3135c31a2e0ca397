/// Which server and database to talk to, in libpq's own terms.
public struct ConnectionTarget: Sendable {
  /// A libpq URI or `key=value` string; nil or empty for what the PG* variables, the service file and `.pgpass` say.
  ///
  /// It may hold a password. No error made by this module does: values that libpq marks as secret are taken out of
  /// its messages, and of a string that cannot be read nothing is repeated.
  public var conninfo: String?

  /// What `pg_stat_activity` shows, unless the operator set a name (`PGAPPNAME`, or in the string).
  public var applicationName: String

  /// Whether a server may ask for the password in clear text on a connection that is neither encrypted nor a Unix
  /// socket.
  ///
  /// While false, every byte that such a server sends before it has accepted the user is looked at before libpq
  /// sees it, and a request for a password in clear text ends the attempt before anything is sent. This does not
  /// depend on the version of libpq (`require_auth` of libpq 16 and later works besides it).
  public var allowCleartextPassword: Bool

  /// How long the server, or the way to it, may be silent while this program waits for it, in seconds; 0 is for ever.
  ///
  /// It bounds the wait for the *next bytes*, not a statement: a COPY may take all night as long as rows come. It must
  /// be longer than the longest wait for a lock or a sort. Works on Unix sockets too, where TCP's own time-outs do not.
  public var ioTimeoutSeconds: Int

  public init(
    conninfo: String? = nil,
    applicationName: String,
    allowCleartextPassword: Bool = false,
    ioTimeoutSeconds: Int = 0
  ) {
    self.conninfo = conninfo
    self.applicationName = applicationName
    self.allowCleartextPassword = allowCleartextPassword
    self.ioTimeoutSeconds = ioTimeoutSeconds
  }
}
