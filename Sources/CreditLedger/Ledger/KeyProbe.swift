public import Postgres
import RedressSQL

/// Asks the server whether the key of a credit fits into the ledger's indexes.
///
/// An index entry may have about 2,700 bytes after compression, and only the server knows the
/// compressed size. A row is inserted in a separate session and rolled back, so that a failure does
/// not break another transaction.
public final class KeyProbe {
  /// The ids of a key always fit if they have at most this many bytes together.
  public static let certainBytes = 2_600

  /// Another session of the program reads the ledger. See
  /// ``Connection/begin(_:lockTimeoutSeconds:)``.
  private static let lockTimeoutSeconds = 5

  private let open: () throws -> Connection
  private var connection: Connection?

  /// - Parameter open: called for the first key that is checked.
  public init(open: @escaping () throws -> Connection) {
    self.open = open
    connection = nil
  }

  /// Whether the key fits. Also returns `true` if the session may not write, because nothing will
  /// be written then.
  /// - Throws: `PostgresError` for every other failure of the insertion.
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
      // 0A000 is the error of a standby for a writing transaction.
      case "42501", "25006", "0A000": break
      default: throw error
      }
    }
    try connection!.rollback()
    return hasRoom
  }
}
