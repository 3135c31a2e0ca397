public import RedressSQL

/// How the tables of a system are read as relations of `redress_source`.
public struct SourceMapping: Sendable {
  public typealias System = RedressSQL.MappedSystem

  /// A table of the system, with the columns that are read.
  public struct Table: Hashable, Sendable {
    public struct Column: Hashable, Sendable {
      public let name: String
      /// A plain type of PostgreSQL, for a foreign table.
      public let type: String
    }

    public let name: String
    public let columns: [Column]
  }

  public enum Kind: String, Sendable {
    case billing
    case incidents
  }

  public let system: System

  public init(_ system: System) {
    self.system = system
  }

  /// What people call the system.
  public var title: String {
    switch system {
    case .dispatch: "Dispatch (Netflix)"
    case .goalert: "GoAlert (Target)"
    case .killbill: "Kill Bill"
    case .lago: "Lago"
    case .oneuptime: "OneUptime"
    case .stripe: "Stripe (stripe/sync-engine)"
    }
  }

  public var kind: Kind {
    switch system {
    case .killbill, .lago, .stripe: .billing
    case .dispatch, .goalert, .oneuptime: .incidents
    }
  }

  /// What the system knows only as it is now, so that a change of today changes the past; `nil` for nothing.
  public var knownOnlyNow: String? {
    switch system {
    case .lago: "minimum commitments, coupons, and prices from before its audit trail"
    case .stripe: "prices and quantities that no line of an invoice says, statuses and discounts"
    case .dispatch, .goalert, .killbill, .oneuptime: nil
    }
  }

  /// Where the system keeps its tables if nobody has moved them.
  public var usualSchema: String {
    switch system {
    case .stripe: "stripe"
    case .dispatch: "dispatch_organization_default"
    case .goalert, .killbill, .lago, .oneuptime: "public"
    }
  }

  /// What of `redress_source` it makes, besides `service`.
  public var relations: [String] {
    switch kind {
    case .billing: ["customer", "subscription_term", "invoice"]
    case .incidents:
      ["incident", "outage", "exclusion", "incident_event", "post_mortem", "action_item"]
    }
  }

  /// Every table that is read, in byte order of their names.
  public var tables: [Table] {
    system.tables.split(separator: "\n").map { line in
      guard let colon = line.firstIndex(of: ":") else {
        preconditionFailure("a line of \(system.rawValue)_tables.txt has no colon: \(line)")
      }
      let columns = line[line.index(after: colon)...].split(separator: ",").map { column in
        let words = column.split(separator: " ", maxSplits: 1)
        precondition(words.count == 2, "a column has a name and a type: \(line)")
        return Table.Column(name: String(words[0]), type: String(words[1]))
      }
      return Table(name: String(line[..<colon]), columns: columns)
    }
  }
}

/// Where the tables of a system are.
public enum MappedPlace: Hashable, Sendable {
  /// In a schema of the same database.
  case here(schema: String)
  /// In a schema of the database behind a foreign server of this one.
  case behind(server: String, schema: String)

  /// The schema that the views read.
  func localSchema(_ system: SourceMapping.System) -> String {
    switch self {
    case .here(let schema): schema
    case .behind: "redress_\(system.rawValue)"
    }
  }
}

extension SourceMapping {
  /// The statements that make the mapping, in the order in which they are run.
  ///
  /// Run again, they keep what was decided.
  /// - Parameter makesService: whether the view `service` is made. Others may have made it.
  public func sql(
    _ place: MappedPlace, makesService: Bool = true
  ) -> [(name: String, text: String)] {
    let vendor = SQLName.quoted(place.localSchema(system))
    let name = system.rawValue
    var files: [(name: String, text: String)] = []
    if case .behind(let server, let schema) = place {
      files.append(("foreign tables of \(name)", foreignTables(server, schema)))
    }
    files.append(("common_decisions.sql", RedressSQL.commonDecisions))
    if makesService { files.append(("common_service.sql", RedressSQL.commonService)) }
    files.append(("common_undecided.sql", RedressSQL.commonUndecided))
    files.append(
      ("\(name)_decisions.sql", system.decisions.replacing("{{vendor}}", with: vendor)))
    files.append(("\(name)_views.sql", system.views.replacing("{{vendor}}", with: vendor)))
    let made = relations + (makesService ? ["service"] : [])
    files.append(("privileges and comments of \(name)", ending(made)))
    return files
  }

  /// Foreign tables with plain types. They have no dependency on the system's own tables, which its updates can change.
  private func foreignTables(_ server: String, _ schema: String) -> String {
    let local = SQLName.quoted(
      MappedPlace.behind(server: server, schema: schema).localSchema(system))
    var statements = [
      "CREATE SCHEMA IF NOT EXISTS \(local)", SourceMapping.sameServer(local, server),
    ]
    for table in tables {
      let name = "\(local).\(SQLName.quoted(table.name))"
      let columns = table.columns.map { "  \(SQLName.quoted($0.name)) \($0.type)" }
      statements.append(
        """
        CREATE FOREIGN TABLE IF NOT EXISTS \(name) (
        \(columns.joined(separator: ",\n"))
        ) SERVER \(SQLName.quoted(server))
          OPTIONS (schema_name \(SQLName.literal(schema)), table_name \(SQLName.literal(table.name)))
        """)
      let added = table.columns.map {
        "  ADD COLUMN IF NOT EXISTS \(SQLName.quoted($0.name)) \($0.type)"
      }
      statements.append(
        """
        ALTER FOREIGN TABLE \(name)
        \(added.joined(separator: ",\n")),
          OPTIONS (SET schema_name \(SQLName.literal(schema)))
        """)
    }
    return statements.map { $0 + ";\n" }.joined(separator: "\n")
  }

  /// A foreign table stays with its server. Tables of another one would be read on without a word.
  private static func sameServer(_ schema: String, _ server: String) -> String {
    """
    DO $$
    DECLARE
      other text;
    BEGIN
      SELECT min(pg_foreign_server.srvname::text) INTO other
      FROM pg_catalog.pg_foreign_table
      JOIN pg_catalog.pg_class ON pg_class.oid = pg_foreign_table.ftrelid
      JOIN pg_catalog.pg_foreign_server ON pg_foreign_server.oid = pg_foreign_table.ftserver
      WHERE pg_class.relnamespace = \(SQLName.literal(schema))::pg_catalog.regnamespace
        AND pg_foreign_server.srvname <> \(SQLName.literal(server));
      IF other IS NOT NULL THEN
        RAISE EXCEPTION 'the foreign tables in schema % are of server %', \(SQLName.literal(schema)), other
          USING HINT = 'Name that server, or drop the schema with its views first; decisions are not in it.';
      END IF;
    END
    $$
    """
  }

  /// What the comment of a view begins with that this program has made.
  static let maker = "Made by redress map apply"

  /// What the comment of a relation says.
  func comment(_ relation: String) -> String {
    relation == "service" ? "\(Self.maker)." : "\(Self.maker) \(system.rawValue)."
  }

  private func ending(_ made: [String]) -> String {
    made.map { relation in
      """
      COMMENT ON VIEW redress_source.\(relation) IS \(SQLName.literal(comment(relation)));
      GRANT SELECT ON redress_source.\(relation) TO redress_job;

      """
    }.joined() + "GRANT USAGE ON SCHEMA redress_source TO redress_job;\n"
  }
}

/// Names and texts in SQL.
enum SQLName {
  static func quoted(_ name: String) -> String {
    "\"" + name.replacing("\"", with: "\"\"") + "\""
  }

  /// With `standard_conforming_strings = on`.
  static func literal(_ text: String) -> String {
    "'" + text.replacing("'", with: "''") + "'"
  }
}
