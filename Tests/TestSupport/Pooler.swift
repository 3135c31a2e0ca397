import Glibc
import Synchronization

/// A test's own pgbouncer in front of a server, on a Unix socket. It can be stopped and started
/// again.
public final class Pooler: Sendable {
  public enum Mode: String, Sendable, CaseIterable {
    case session, transaction, statement
  }

  /// The value for `PGHOST`. The port is 5432.
  public let folder: String
  private let process = Mutex<pid_t>(0)
  private var socketPath: String { "\(folder)/.s.PGSQL.5432" }

  /// - Parameters:
  ///   - server: the folder of the server's socket, port 5432.
  ///   - size: how many server sessions it has for each database and user.
  ///   - waitSeconds: how long a client waits for a session.
  public init(
    _ mode: Mode, server: String, size: Int = 20, waitSeconds: Int = 60
  ) throws {
    folder = try temporaryFolder("pooler")
    let configuration = """
      [databases]
      * = host=\(server) port=5432
      [pgbouncer]
      listen_addr =
      listen_port = 5432
      unix_socket_dir = \(folder)
      unix_socket_mode = 0777
      auth_type = trust
      auth_file = \(folder)/users
      pool_mode = \(mode.rawValue)
      default_pool_size = \(size)
      query_wait_timeout = \(waitSeconds)
      logfile = \(folder)/log
      """
    try sh(
      """
      printf '%s\\n' '\(configuration)' > '\(folder)/pgbouncer.ini'
      printf '"%s" ""\\n' postgres '\(TestServer.user)' | sort -u > '\(folder)/users'
      touch '\(folder)/log'
      if [ "$(id -u)" = 0 ]; then chown -R postgres '\(folder)'; fi
      """)
    try start()
  }

  deinit {
    stop()
    _ = try? sh("rm -rf '\(folder)'")
  }

  /// Starts it. Returns when it accepts connections.
  public func start() throws {
    // It refuses to run as root, and its user must be able to reach the server's socket.
    let program = try sh("PATH=$PATH:/usr/sbin; command -v pgbouncer").dropLast()
    var words = [String(program), "-q", "\(folder)/pgbouncer.ini"]
    if geteuid() == 0 {
      words = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] + words
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for descriptor in 0...2 {
      posix_spawn_file_actions_addopen(&actions, Int32(descriptor), "/dev/null", O_RDWR, 0)
    }
    let argv = words.map { strdup($0) } + [nil]
    defer { for word in argv { free(word) } }
    // A test's thread may have blocked the signals that will end it.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var pid: pid_t = 0
    let status = posix_spawnp(&pid, words[0], &actions, &attributes, argv, environ)
    guard status == 0 else { throw SystemError("posix_spawn \(words[0])", status) }
    process.withLock { $0 = pid }
    for _ in 0..<3000 {
      if isListening { return }
      if waitpid(pid, nil, WNOHANG) == pid {
        process.withLock { $0 = 0 }
        break
      }
      usleep(10_000)
    }
    stop()
    throw TestServerError.notThere(why: (try? sh("cat '\(folder)/log'")) ?? "pgbouncer has no log")
  }

  private var isListening: Bool {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    defer { close(descriptor) }
    return withAddress(socketPath) { connect(descriptor, $0, $1) } == 0
  }

  public func stop() {
    stop(SIGKILL)
  }

  /// Ends it with `signal`. Returns when it has ended.
  public func stop(_ signal: Int32) {
    process.withLock { process in
      guard process > 0 else { return }
      kill(process, signal)
      while waitpid(process, nil, 0) < 0, errno == EINTR {}
      process = 0
      unlink(socketPath)
      unlink("\(socketPath).lock")
    }
  }
}
