import Glibc
public import Postgres

/// A test's own PostgreSQL server. It can be stopped, killed and started again.
public final class PrivateCluster: Sendable {
  private let folder: String
  /// The folder of the socket.
  public let host: String
  private let data: String

  public init(_ label: String) throws {
    folder = try temporaryFolder(label)
    // The server runs as another user if the tests are run by root.
    chmod(folder, 0o711)
    let cluster = "\(folder)/cluster"
    let lines = try PrivateCluster.script("start", cluster).split(separator: "\n")
    guard let line = lines.first(where: { $0.hasPrefix("PGHOST=") }) else {
      throw TestServerError.notThere(why: lines.joined(separator: "; "))
    }
    host = String(line.dropFirst("PGHOST=".count))
    data = "\(cluster)/data"
  }

  deinit {
    _ = try? PrivateCluster.script("destroy", "\(folder)/cluster")
    _ = try? sh("rm -rf '\(folder)'")
  }

  public func target(_ database: String, user: String = "postgres") -> ConnectionTarget {
    ConnectionTarget(
      conninfo: "host='\(host)' port=5432 user='\(user)' dbname='\(database)'",
      applicationName: "redress tests")
  }

  /// Stops the server like `pg_ctl -m immediate`: nothing is finished and nothing is flushed.
  /// Returns when it has ended.
  public func stopImmediately() throws {
    let text = try sh("head -n 1 '\(data)/postmaster.pid'")
    guard let process = Int32(text.split(separator: "\n")[0]), process > 1 else {
      throw TestServerError.notThere(why: "no postmaster in \(data)")
    }
    kill(process, SIGQUIT)
    var attempts = 0
    while kill(process, 0) == 0 {
      attempts += 1
      // On a busy machine the server's children take some time to end. A server started before that
      // would conflict with them.
      guard attempts < 12_000 else {
        throw TestServerError.notThere(why: "the server \(process) in \(data) does not stop")
      }
      usleep(10_000)
    }
  }

  public func start() throws {
    _ = try PrivateCluster.script("start", "\(folder)/cluster")
  }

  private static func script(_ command: String, _ folder: String) throws -> String {
    try sh("'\(TestServer.packageFolder)/.make/cluster.sh' \(command) '\(folder)'")
  }
}
