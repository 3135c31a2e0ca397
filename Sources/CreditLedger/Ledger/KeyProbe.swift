public import Postgres
import RedressSQL

/// Asks the server whether the key of a credit fits into the ledger's indexes.
///
/// An index entry has about 2,700 bytes after compression, which only the server can tell. A row is inserted on a
/// session of its own and rolled back: where it fails, no other transaction has to.
public final class KeyProbe {
  /// The ids of a key fit if they have so many bytes together, whatever they are.
  public static let certainBytes = 2_600

  /// Another session of the program reads the ledger, see ``Connection/begin(_:lockTimeoutSeconds:)``.
  private static let lockTimeoutSeconds = 5

  private let open: () throws -> Connection
  private var connection: Connection?

  /// - Parameter open: called when the first doubtful key comes.
  public init(open: @escaping () throws -> Connection) {
    self.open = open
    connection = nil
  }

  /// Also where the session may not write: then nobody can tell, and nothing will be written.
  public func hasRoom(customer: String, subscription: String, incident: String) throws -> Bool {
    if connection == nil { connection = try open() }
    var hasRoom = true
    do {
      try connection!.begin(.writing, lockTimeoutSeconds: KeyProbe.lockTimeoutSeconds)
      try connection!.query(
        RedressSQL.Query.probeKey.text, [.text(customer), .text(subscription), .text(incident)])
      try connection!.query(RedressSQL.Query.probeEvidence.text, [.text(customer)])
    } catch let error as PostgresError {
      switch error.sqlState {
      case "54000": hasRoom = false
      // 0A000 is what a standby says to a transaction that is to write.
      case "42501", "25006", "0A000": break
      default: throw error
      }
    }
    try connection!.rollback()
    return hasRoom
  }
}
