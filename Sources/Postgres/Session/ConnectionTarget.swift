/// The server and database to connect to, in libpq's terms.
public struct ConnectionTarget: Sendable {
  /// Where another server of the same installation is.
  public struct Server: Hashable, Sendable {
    /// A name, an address, or the folder of a socket.
    public var host: String
    public var port: Int

    public init(host: String, port: Int) {
      self.host = host
      self.port = port
    }
  }

  /// A libpq URI or `key=value` string; nil or empty to use the PG* variables, the service file and
  /// `.pgpass`.
  ///
  /// It may contain a password. No error of this module does: values that libpq marks as secret are
  /// removed from its messages, and a string that cannot be read is never quoted.
  public var conninfo: String?

  /// The server to connect to with everything else as `conninfo` and the environment have it; nil for theirs. An attempt
  /// then takes five seconds at most. A `hostaddr` of theirs still wins, so ask the server who it is.
  public var server: Server?

  /// The name in `pg_stat_activity`, unless the operator set one (`PGAPPNAME`, or in the string).
  public var applicationName: String

  /// Whether a server may ask for the password in clear text on a connection that is neither
  /// encrypted nor a Unix socket.
  ///
  /// If false, every byte that such a server sends before it has accepted the user is inspected
  /// before libpq sees it. A request for a password in clear text ends the attempt before anything
  /// is sent. This works with every version of libpq (`require_auth` of libpq 16 and later can be
  /// used as well).
  public var allowCleartextPassword: Bool

  /// How long the server or the network may be silent while this program waits for it, in seconds;
  /// 0 for no limit.
  ///
  /// The limit is for the *next bytes*, not for a statement: a COPY may take all night as long as
  /// rows arrive. It must be longer than the longest wait for a lock or a sort. It also works on
  /// Unix sockets, where TCP's time-outs do not.
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
