import Glibc
public import Postgres
import Synchronization

/// A test's own database on a real server. It is dropped after the test.
///
/// Tests run in parallel, each in its own database.
public final class TestDatabase: Sendable {
  public let name: String

  /// - Parameter template: a database to copy, see ``template(_:prepare:)``; `nil` for an empty one
  ///   in UTF-8.
  public init(template: String? = nil) throws {
    name = try Self.create(template: template)
  }

  deinit {
    Self.drop(name)
  }

  /// The value for `--database`.
  public var conninfo: String { Self.conninfo(TestServer.host, name) }

  public var target: ConnectionTarget { target(user: TestServer.user) }

  /// The same database as another role.
  public func target(user: String) -> ConnectionTarget {
    ConnectionTarget(
      conninfo: Self.conninfo(TestServer.host, name, user: user), applicationName: "redress tests")
  }

  /// A new session as the owner.
  public func connect() throws -> Connection {
    try Connection(target)
  }

  /// Runs statements in a new session.
  public func execute(_ sql: String) throws {
    try connect().execute(sql)
  }

  /// The rows of the last statement as text, nil for null.
  public func rows(_ sql: String) throws -> [[String?]] {
    try connect().textRows(sql)
  }

  /// The only value of the only row.
  public func value(_ sql: String) throws -> String? {
    let rows = try rows(sql)
    guard rows.count == 1, rows[0].count == 1 else {
      throw TestServerError.notOneValue(rows: rows.count, sql: sql)
    }
    return rows[0][0]
  }

  // MARK: Templates

  private static let templates = Mutex<[String: String]>([:])

  /// A prepared database to copy. Made once in each process, so that migrations do not run for
  /// every test.
  public static func template(
    _ label: String, prepare: (borrowing Connection) throws -> Void
  ) throws -> String {
    try templates.withLock { templates in
      if let name = templates[label] { return name }
      let name = try create(template: nil)
      do {
        let connection = try Connection(
          ConnectionTarget(
            conninfo: conninfo(TestServer.host, name), applicationName: "redress tests"))
        try prepare(connection)
      } catch {
        drop(name)
        throw error
      }
      templates[label] = name
      return name
    }
  }

  // MARK: Making and dropping

  private static let counter = Atomic<Int>(0)

  private static func create(template: String?) throws -> String {
    try TestServer.require()
    let number = counter.add(1, ordering: .relaxed).newValue
    let name = "redress_test_\(getpid())_\(number)"
    let administrator = try Connection(TestServer.administrator)
    let source =
      if let template {
        "\"\(template)\""
      } else {
        "template0 ENCODING 'UTF8' LOCALE '\(try TestServer.locale())'"
      }
    // A session that was just closed may still hold the template.
    var attempts = 0
    while true {
      do {
        try administrator.execute("CREATE DATABASE \(name) TEMPLATE \(source)")
        return name
      } catch {
        guard error.sqlState == "55006", attempts < 100 else { throw error }
        attempts += 1
        usleep(20_000)
      }
    }
  }

  private static func drop(_ name: String) {
    guard let administrator = try? Connection(TestServer.administrator) else { return }
    try? administrator.execute("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
  }

  private static func conninfo(_ host: String, _ name: String, user: String? = nil) -> String {
    "host='\(host)' port=\(TestServer.port) user='\(user ?? TestServer.user)' dbname='\(name)'"
  }
}

public enum TestServerError: Error, CustomStringConvertible {
  case notThere(why: String)
  case notOneValue(rows: Int, sql: String)

  public var description: String {
    switch self {
    case .notThere(let why):
      "No PostgreSQL server for the tests: \(why). Run `make test`, which starts one, or set "
        + "REDRESS_TEST_PGHOST to the socket folder of a server that may be used."
    case .notOneValue(let rows, let sql): "\(rows) rows where one value was expected: \(sql)"
    }
  }
}

/// The server of the tests: the one named by `REDRESS_TEST_PGHOST`, or a private one that is
/// started.
public enum TestServer {
  public static var user: String { environment("REDRESS_TEST_PGUSER") ?? "postgres" }
  public static var port: String { environment("REDRESS_TEST_PGPORT") ?? "5432" }

  /// The folder of the socket; empty if there is no server.
  public static var host: String {
    if case .success(let host) = place { host } else { "" }
  }

  /// The top folder of the package.
  public static let packageFolder: String = {
    // Tests/TestSupport/TestDatabase.swift
    var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    parts.removeLast(3)
    return parts.joined(separator: "/")
  }()

  public static func require() throws {
    _ = try place.get()
    _ = isSwept
  }

  /// The database `postgres` as the owner, for statements that change nothing.
  public static var administrator: ConnectionTarget {
    ConnectionTarget(
      conninfo: "host='\(host)' port=\(port) user='\(user)' dbname=postgres",
      applicationName: "redress tests")
  }

  /// `C.UTF-8`, or `C` if the system does not have it.
  static func locale() throws -> String {
    let administrator = try Connection(administrator)
    let rows = try administrator.textRows(
      "SELECT datcollate FROM pg_database WHERE datname = 'template0'")
    return rows.first?.first.flatMap { $0 } ?? "C"
  }

  private static let place: Result<String, TestServerError> = {
    if let host = environment("REDRESS_TEST_PGHOST") { return .success(host) }
    let script = packageFolder + "/.make/cluster.sh"
    let cluster = packageFolder + "/.test/cluster"
    guard let output = popen("'\(script)' start-volatile '\(cluster)' 2>&1", "r") else {
      return .failure(.notThere(why: "\(script) cannot be run"))
    }
    var text: [UInt8] = []
    var byte = fgetc(output)
    while byte != EOF {
      text.append(UInt8(truncatingIfNeeded: byte))
      byte = fgetc(output)
    }
    let status = pclose(output)
    let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
    guard status == 0, let line = lines.first(where: { $0.hasPrefix("PGHOST=") }) else {
      return .failure(.notThere(why: lines.joined(separator: "; ")))
    }
    return .success(String(line.dropFirst("PGHOST=".count)))
  }()

  /// Drops the databases of test processes that were killed.
  private static let isSwept: Bool = {
    guard let connection = try? Connection(administrator),
      let rows = try? connection.textRows(
        "SELECT datname FROM pg_database WHERE datname LIKE 'redress\\_test\\_%'")
    else { return false }
    for case let name? in rows.compactMap(\.first) {
      let parts = name.split(separator: "_")
      guard parts.count == 4, let process = Int32(parts[2]), kill(process, 0) != 0, errno == ESRCH
      else { continue }
      try? connection.execute("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
    }
    return true
  }()

  private static func environment(_ name: String) -> String? {
    guard let value = getenv(name) else { return nil }
    let text = String(cString: value)
    return text.isEmpty ? nil : text
  }
}
