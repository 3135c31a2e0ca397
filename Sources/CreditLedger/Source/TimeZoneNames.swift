public import Postgres
import RedressSQL

/// The names of time zones that the server knows, in any case.
public struct TimeZoneNames {
  private let lowercase = ByteTable()

  /// Asks the server.
  public init(_ connection: borrowing Connection) throws {
    let names = lowercase
    try connection.query(RedressSQL.Query.timeZoneNames.text) { row in
      _ = names.insert(row.bytes(0))
    }
  }

  public func contains(_ name: UnsafeRawBufferPointer) -> Bool {
    let lowered = name.map { (65...90).contains($0) ? $0 + 32 : $0 }
    return lowered.withUnsafeBytes { lowercase.find($0) } != nil
  }

  public func contains(_ name: String) -> Bool {
    Array(name.utf8).withUnsafeBytes { contains($0) }
  }
}
