public import Postgres
public import RedressSQL

/// Why a mapping was not made. Nothing of it is left.
public enum MappingError: Error, Sendable {
  case postgres(PostgresError)
  /// The server refused a statement of the named file.
  case refused(file: String, PostgresError)
  /// The ledger lacks the functions that the views call, or the schema of the source.
  case notMigrated
  case noSuchServer(String)
  /// The server behind it could not be asked.
  case serverUnusable(String, PostgresError)
  /// Tables, and columns as `table.column`, that are not there or may not be read.
  case missing(system: SourceMapping.System, schema: String, tables: [String], columns: [String])
  /// A relation of `redress_source` that somebody else has made.
  case relationInTheWay(relation: String, maker: String?)
}

/// Makes the views of a mapping in a database.
public struct MappingApplication: Sendable {
  /// A decision that nobody has made yet.
  public struct Undecided: Hashable, Sendable {
    /// The table of `redress_mapping`.
    public let decision: String
    public let subject: String
    /// The column to set, and what it may be.
    public let answer: String
  }

  private static let lockWaitSeconds = 60

  private let mapping: SourceMapping
  private let place: MappedPlace

  public init(_ mapping: SourceMapping, _ place: MappedPlace) {
    self.mapping = mapping
    self.place = place
  }

  /// Makes or renews everything in one transaction. What was decided stays.
  /// - Returns: what is still to be decided, in byte order.
  /// - Throws: `MappingError`.
  public func apply(_ connection: borrowing Connection) throws(MappingError) -> [Undecided] {
    do throws(PostgresError) {
      try connection.begin(.writing, lockTimeoutSeconds: Self.lockWaitSeconds)
    } catch {
      throw .postgres(error)
    }
    do throws(MappingError) {
      let undecided = try make(connection)
      do throws(PostgresError) { try connection.commit() } catch { throw .postgres(error) }
      return undecided
    } catch {
      // The first error is the one to report; a connection that cannot roll back is lost anyway.
      try? connection.rollback()
      throw error
    }
  }

  private func make(_ connection: borrowing Connection) throws(MappingError) -> [Undecided] {
    var server: String?
    if case .behind(let name, _) = place { server = name }
    let needs = try rows(connection, .mappingNeeds, [server.map { .text($0) } ?? .null]) { row in
      (try row.bool(0), try row.bool(1), try row.bool(2))
    }
    guard let (hasFunctions, hasSource, hasServer) = needs.first, hasFunctions, hasSource else {
      throw .notMigrated
    }
    if let server, !hasServer { throw .noSuchServer(server) }
    let makesService = try checkRelations(connection)
    try checkColumns(connection)
    for (name, text) in mapping.sql(place, makesService: makesService) {
      do throws(PostgresError) {
        try connection.execute(text, name: name)
      } catch {
        throw .refused(file: name, error)
      }
    }
    let text =
      "SELECT decision, subject, answer FROM redress_mapping.common_undecided UNION ALL "
      + "SELECT decision, subject, answer FROM redress_mapping.\(mapping.system.rawValue)_undecided "
      + "ORDER BY 1, 2"
    do throws(PostgresError) {
      return try connection.textRows(text, name: "undecided").map { row in
        Undecided(decision: row[0] ?? "", subject: row[1] ?? "", answer: row[2] ?? "")
      }
    } catch {
      throw .postgres(error)
    }
  }

  /// What others have made is theirs: plain tables, views by hand, another system's mapping.
  /// - Returns: whether `service` is to be made. If others have made it, their services are what is sold.
  private func checkRelations(
    _ connection: borrowing Connection
  ) throws(MappingError) -> Bool {
    let present = try rows(connection, .sourceMakers) { row in
      (try row.string(0), try row.string(1))
    }
    for (relation, comment) in present {
      guard mapping.relations.contains(relation) else { continue }
      guard comment != mapping.comment(relation) else { continue }
      let maker =
        comment.hasPrefix(SourceMapping.maker + " ")
        ? String(comment.dropFirst(SourceMapping.maker.count + 1).prefix { $0 != "." }) : nil
      throw .relationInTheWay(relation: relation, maker: maker)
    }
    return present.allSatisfy { $0.0 != "service" || $0.1 == mapping.comment("service") }
  }

  private func checkColumns(_ connection: borrowing Connection) throws(MappingError) {
    let found: [(String, String)]
    let schema: String
    switch place {
    case .here(let name):
      schema = name
      found = try rows(connection, .mappedColumns, [.text(name)]) { row in
        (try row.string(0), try row.string(1))
      }
    case .behind(let server, let name):
      schema = name
      found = try columns(behind: server, in: name, connection)
    }
    let tables = Set(found.map(\.0))
    let columns = Set(found.map { "\($0.0).\($0.1)" })
    let missing = mapping.tables.filter { !tables.contains($0.name) }.map(\.name)
    let missingColumns = mapping.tables.filter { tables.contains($0.name) }.flatMap { table in
      table.columns.map { "\(table.name).\($0.name)" }.filter { !columns.contains($0) }
    }
    guard missing.isEmpty, missingColumns.isEmpty else {
      throw .missing(
        system: mapping.system, schema: schema, tables: missing, columns: missingColumns)
    }
  }

  /// Asks the other server for its columns, through a foreign table that is gone afterwards.
  private func columns(
    behind server: String, in schema: String, _ connection: borrowing Connection
  ) throws(MappingError) -> [(String, String)] {
    do throws(PostgresError) {
      try connection.execute(
        """
        CREATE SCHEMA IF NOT EXISTS redress_mapping;
        CREATE FOREIGN TABLE redress_mapping.remote_column (table_schema text, table_name text, column_name text)
          SERVER \(SQLName.quoted(server)) OPTIONS (schema_name 'information_schema', table_name 'columns')
        """, name: "remote_column")
    } catch {
      throw .refused(file: "remote_column", error)
    }
    let found: [(String, String)]
    do throws(MappingError) {
      found = try rows(connection, .mappedColumnsThere, [.text(schema)]) { row in
        (try row.string(0), try row.string(1))
      }
    } catch {
      guard case .postgres(let cause) = error else { throw error }
      throw .serverUnusable(server, cause)
    }
    do throws(PostgresError) {
      try connection.execute("DROP FOREIGN TABLE redress_mapping.remote_column")
    } catch {
      throw .postgres(error)
    }
    return found
  }

  private func rows<Value>(
    _ connection: borrowing Connection, _ query: RedressSQL.Query, _ parameters: [Parameter] = [],
    _ read: (borrowing Row) throws -> Value
  ) throws(MappingError) -> [Value] {
    var values: [Value] = []
    do {
      try connection.query(query.text, parameters, name: query.rawValue) { row in
        values.append(try read(row))
      }
    } catch let error as PostgresError {
      throw .postgres(error)
    } catch {
      preconditionFailure("only PostgresError is thrown here: \(error)")
    }
    return values
  }
}
