public import Postgres
import RedressSQL

/// Asks the server whether the key of a credit fits into the ledger's indexes.
///
/// An index entry has about 2,700 bytes after compression, which only the server can tell. A row is inserted on a
/// session of its own and rolled back: where it fails, no other transaction has to.
public final class KeyProbe {
  /// The ids of a key fit if they have so many bytes together, whatever they are.
  public static let certainBytes = 2_600

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
    try connection!.execute("BEGIN READ WRITE")
    var hasRoom = true
    do {
      try connection!.query(
        RedressSQL.Query.probeKey.text, [.text(customer), .text(subscription), .text(incident)])
    } catch let error as PostgresError {
      switch error.sqlState {
      case "54000": hasRoom = false
      case "42501", "25006": break
      default: throw error
      }
    }
    try connection!.execute("ROLLBACK")
    return hasRoom
  }
}
