import Glibc
public import Postgres

/// A PostgreSQL server of a test's own, which may be stopped, killed and started again.
public final class PrivateCluster: Sendable {
  private let folder: String
  /// The socket's folder.
  public let host: String
  private let data: String

  public init(_ label: String) throws {
    folder = try temporaryFolder(label)
    // Its server is another user where the tests are run by root.
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

  /// Stops the server as `pg_ctl -m immediate` does: nothing is finished, nothing is flushed. Returns when it is gone.
  public func stopImmediately() throws {
    let text = try sh("head -n 1 '\(data)/postmaster.pid'")
    guard let process = Int32(text.split(separator: "\n")[0]), process > 1 else {
      throw TestServerError.notThere(why: "no postmaster in \(data)")
    }
    kill(process, SIGQUIT)
    var attempts = 0
    while kill(process, 0) == 0 {
      attempts += 1
      // On a machine with more to do its children take their time; what is started beside them would not be its successor.
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
