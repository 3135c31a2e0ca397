import CreditLedger

/// The text of a problem with the database, or of a note about it, and what to do.
struct ContractText {
  /// A schema, relation or column.
  let subject: String
  let statement: String
  /// Empty if nothing must be done.
  let remedy: String

  private init(_ subject: String, _ statement: String, _ remedy: String) {
    self.subject = subject
    self.statement = statement
    self.remedy = remedy
  }

  /// `15.18` for 150018.
  static func version(_ number: Int) -> String {
    "\(number / 10_000).\(number % 10_000)"
  }

  init(_ violation: ContractViolation) {
    switch violation {
    case .serverTooOld(let version):
      self.init(
        "PostgreSQL \(ContractText.version(version))", "the server is older than PostgreSQL 13",
        "Use a server of version 13 or later.")
    case .serverEncoding(let encoding):
      self.init(
        "encoding \(encoding)", "the database keeps its text in another encoding than UTF8",
        "Create the database with ENCODING 'UTF8'.")
    case .standby:
      self.init(
        "server", "it is a standby, which only reads",
        "Connect to the primary (target_session_attrs=read-write).")
    case .ledgerMissing, .ledgerBehind, .ledgerAhead, .ledgerEdited, .ledgerGap,
      .ledgerUnreadable, .ledgerPrivilege, .ledgerRowSecurity:
      self = ContractText.ledger(violation)
    case .sourceMissing, .sourceUnusable, .relationMissing, .columnMissing, .columnType,
      .columnPrivilege, .relationPrivilege, .relationUnusable, .rowSecurity,
      .hidingFunction:
      self = ContractText.source(violation)
    }
  }

  // MARK: Ledger

  private static func ledger(_ violation: ContractViolation) -> ContractText {
    let schema = "schema redress"
    switch violation {
    case .ledgerMissing:
      return ContractText(
        schema, "it has not been created, so this database has no ledger",
        "Create it with `redress migrate`, as its future owner, or name another database with --database."
      )
    case .ledgerBehind(let version, let known):
      return ContractText(
        schema, "it has version \(version), and this program needs \(known)",
        "Run `redress migrate` as its owner.")
    case .ledgerAhead(let version, let known):
      return ContractText(
        schema, "it has version \(version), and this program knows \(known) at most",
        "Use the newer redress that has migrated it.")
    case .ledgerEdited(let number, let name):
      return ContractText(
        schema, "migration \(number) (\(name)) was applied with other content",
        "Use the redress that has migrated it; an applied migration is never changed.")
    case .ledgerGap(let missing):
      return ContractText(
        schema, "migration \(missing) is not recorded, though a later one is",
        "Restore redress.schema_migration from a backup.")
    case .ledgerUnreadable(let role):
      return ContractText(schema, "this user may not read it", grant(role))
    case .ledgerPrivilege(let object, let privilege, let role):
      return ContractText("redress.\(object)", "this user lacks \(privilege)", grant(role))
    case .ledgerRowSecurity(let relation):
      return ContractText(
        "redress.\(relation)", "row level security hides rows of it from this user",
        "As its owner: ALTER TABLE redress.\(relation) DISABLE ROW LEVEL SECURITY.")
    default: preconditionFailure("not about the ledger")
    }
  }

  private static func grant(_ role: LedgerRole) -> String {
    "As its owner: GRANT \(role.rawValue) TO this user. A member that does not inherit its roles' rights needs "
      + "ALTER ROLE … INHERIT as well."
  }

  // MARK: Source

  private static func source(_ violation: ContractViolation) -> ContractText {
    switch violation {
    case .sourceMissing:
      return ContractText(
        "schema redress_source", "it does not exist",
        "Create it with views over your own tables, or run `redress migrate --with-source-tables`.")
    case .sourceUnusable(let role):
      return ContractText(
        "schema redress_source", "this user may not use it",
        "As its owner: GRANT USAGE ON SCHEMA redress_source TO \(grantee(role))."
          + (role == .reader
            ? " Also: GRANT SELECT ON ALL TABLES IN SCHEMA redress_source TO this user." : ""))
    case .relationMissing(let relation):
      return ContractText(
        "redress_source.\(relation)", "it does not exist",
        "Create a view or table of this name; one without rows will do where there is no such data."
      )
    case .columnMissing(let relation, let column, let type):
      return ContractText(
        "redress_source.\(relation).\(column)", "it does not exist",
        "Add a column of this name and type \(type).")
    case .columnType(let relation, let column, let found, let expected):
      return ContractText(
        "redress_source.\(relation).\(column)", "its type is \(found) instead of \(expected)",
        ColumnRemedy.text(column: column, found: found, expected: expected))
    case .columnPrivilege(let relation, let column, let role):
      return ContractText(
        "redress_source.\(relation).\(column)", "this user may not read it",
        "As its owner: GRANT SELECT ON redress_source.\(relation) TO \(grantee(role)).")
    case .relationPrivilege(let relation, let role):
      return ContractText(
        "redress_source.\(relation)", "this user may not read it",
        "As its owner: GRANT SELECT ON redress_source.\(relation) TO \(grantee(role)).")
    case .relationUnusable(let relation, let sqlState, let message):
      return ContractText(
        "redress_source.\(relation)", "the server refuses to read it: \(message) (\(sqlState))",
        unusableRemedy(sqlState, message))
    case .rowSecurity(let relation, let table, let policies, let reader):
      return rowSecurity(relation, table, policies, reader)
    case .hidingFunction(let relation, let function, let reader):
      return ContractText(
        "redress_source.\(relation)",
        "the function \(function) sets row_security = on, so policies may hide rows from \(reader) in it, and what is "
          + "hidden would count as gone",
        "As its owner: ALTER FUNCTION \(function) RESET row_security. What a policy hides is an error then."
      )
    default: preconditionFailure("not about the source")
    }
  }

  /// A user who only reads should not get the rights of the job.
  private static func grantee(_ role: LedgerRole) -> String {
    role == .job ? role.rawValue : "this user"
  }

  private static func unusableRemedy(_ sqlState: String, _ message: String) -> String {
    switch sqlState {
    case "42501" where message.contains("row-level security"): hiddenRows
    case "42501": "Correct the view; its owner needs SELECT on what it is made of."
    case "3F000", "42P01", "42883", "42703", "42704": "Correct the view. \(searchPath)"
    default: "Correct the view."
    }
  }

  /// The remedy if a policy refuses a query below the source and the error does not name the role.
  static let hiddenRows =
    "A policy hides rows of it from the role that reads it, and what is hidden would count as gone. As a superuser: "
    + "ALTER ROLE … BYPASSRLS, for this user, for the owner of the view or function that reads it, or behind a foreign "
    + "table for the role of the user mapping on the far server."

  /// Why a view can be read with psql but not by Redress.
  static let searchPath =
    "Every session of Redress has search_path = pg_catalog, pg_temp. A function that a view calls must name its "
    + "tables and functions with their schemas, or have a path of its own: ALTER FUNCTION … SET search_path = …."

  private static func rowSecurity(
    _ relation: String, _ table: String, _ policies: [String], _ reader: String
  ) -> ContractText {
    let owned = "redress_source.\(relation)"
    let names =
      policies.isEmpty
      ? "row level security without a policy"
      : "row level security (\(policies.count == 1 ? "policy" : "policies") \(policies.joined(separator: ", ")))"
    return ContractText(
      owned,
      "\(names) hides rows of \(table) from \(reader), and what is hidden would count as gone",
      "As a superuser: ALTER ROLE \(reader) BYPASSRLS. Or let the owner of \(table) own a view that shows all of its "
        + "rows, and read that one.")
  }

  private static func farRowSecurity(
    _ relation: String, _ server: String, _ options: String
  ) -> ContractText {
    let wanted = (options.isEmpty ? "" : options + " ") + "-c row_security=off"
    // A literal that means the same whatever standard_conforming_strings is.
    let quoted = wanted.replacing("\\", with: "\\\\").replacing("'", with: "''")
    let literal = (wanted.contains("\\") ? "E" : "") + "'\(quoted)'"
    return ContractText(
      "redress_source.\(relation)",
      "policies of row level security on the foreign server \(server) may hide rows, and what is hidden would count as gone",
      "As the owner of the server: ALTER SERVER \(server) OPTIONS (\(options.isEmpty ? "ADD" : "SET") options \(literal)). "
        + "What a policy hides is an error then.")
  }

  // MARK: Notes

  init(_ note: ContractNote) {
    switch note {
    case .oneSession(let relation, let parts):
      let names = parts.map { part in
        switch part {
        case .foreignTable(let name, let wrapper): "foreign table \(name) (\(wrapper))"
        case .function(let name): "volatile function \(name)"
        }
      }
      let others = parts.contains { part in
        switch part {
        case .foreignTable(_, let wrapper): wrapper != "postgres_fdw"
        case .function: true
        }
      }
      self.init(
        "redress_source.\(relation)",
        "it is made of \(names.joined(separator: ", ")); one session reads the whole source, so that it is read as of one moment",
        others
          ? "What gives another result each time it is read can still differ within that session. A table that is "
            + "filled before the run, or a materialized view, cannot."
          : "")
    case .sessionZone(let relation, let zone, let conversions):
      self.init(
        "redress_source.\(relation)",
        "the view converts times with the session's time zone (\(conversions.joined(separator: ", "))). It is UTC in "
          + "every session of Redress, and \(zone) for this user's other sessions on this database",
        "Name the zone that the column is in: started_at AT TIME ZONE '\(zone)'.")
    case .farRowSecurity(let relation, let server, let options):
      self = ContractText.farRowSecurity(relation, server, options)
    }
  }
}

/// What to write in a view instead of a column of the wrong type. If the advice changes the meaning
/// of a value, it says so.
enum ColumnRemedy {
  static func text(column: String, found: String, expected: String) -> String {
    switch expected {
    case "text": text(column, found)
    case "timestamp with time zone": time(column, found)
    case "numeric": amount(column, found)
    case "boolean": flag(column, found)
    case "date": day(column, found)
    case "integer": number(column, found)
    default: preconditionFailure("the contract has no columns of type \(expected)")
    }
  }

  private static let integers = ["smallint", "integer", "bigint"]
  private static let fractions = ["real", "double precision"]

  private static func text(_ column: String, _ found: String) -> String {
    switch found {
    case _ where found.hasSuffix("[]"):
      "Choose one element in the view, for example \(column)[1]."
    case "bytea": "Write it as text in the view: encode(\(column), 'hex')."
    case "numeric":
      "Write it as text in the view, without zeros at its end: trim_scale(\(column))::text."
    case _ where fractions.contains(found):
      "An id or a code is no number with a fraction: write \(column)::bigint::text in the view if all values are whole."
    default: "Write it as text in the view: \(column)::text."
    }
  }

  private static func time(_ column: String, _ found: String) -> String {
    switch found {
    case "timestamp without time zone":
      "Name the zone that the column is in: \(column) AT TIME ZONE 'Europe/Berlin', for example. A cast would take its "
        + "times for UTC."
    case "date":
      "Say at what time of the day, and in which zone: (\(column) + time '00:00') AT TIME ZONE 'Europe/Berlin', for "
        + "example."
    case _ where integers.contains(found) || fractions.contains(found) || found == "numeric":
      "Write to_timestamp(\(column)) in the view if it counts seconds since 1970, or to_timestamp(\(column) / 1000.0) "
        + "if it counts milliseconds."
    case _ where found == "text" || found.hasPrefix("character"):
      "Write \(column)::timestamptz in the view if every value ends with its offset from UTC, or else "
        + "\(column)::timestamp AT TIME ZONE 'Europe/Berlin' with the zone that the values are in."
    default: "Give an instant: a timestamp with time zone."
    }
  }

  private static func amount(_ column: String, _ found: String) -> String {
    let unit = "Fees and amounts are in major units, such as dollars."
    switch found {
    case _ where integers.contains(found):
      return
        "\(unit) Write \(column) / 100.0 in the view if it holds cents, or \(column)::numeric if it holds whole units. "
        + "JPY has no cents, and KWD has thousandths."
    case _ where fractions.contains(found):
      return
        "\(unit) A binary fraction is not exact: write round(\(column)::numeric, 2) in the view, with the decimals of "
        + "the currency."
    case "money":
      return
        "\(unit) Write round(\(column)::numeric, 2) in the view, with the decimals of the currency."
    case _ where found == "text" || found.hasPrefix("character"):
      return
        "\(unit) Write \(column)::numeric in the view if every value is a plain number in these units."
    default: return "\(unit) Give a numeric."
    }
  }

  private static func flag(_ column: String, _ found: String) -> String {
    if integers.contains(found) || found == "numeric" {
      return "Write \(column) <> 0 in the view if 0 means false and all else true."
    }
    return "Say which values mean true: \(column) = 'yes', for example."
  }

  private static func day(_ column: String, _ found: String) -> String {
    switch found {
    case "timestamp with time zone":
      "Name the zone in which invoices are dated: (\(column) AT TIME ZONE 'Europe/Berlin')::date, for example."
    case "timestamp without time zone":
      "Write \(column)::date in the view if its times are local ones where invoices are dated."
    case _ where found == "text" || found.hasPrefix("character"):
      "Say how the values are written: to_date(\(column), 'YYYY-MM-DD'), for example."
    default: "Give a date."
    }
  }

  private static func number(_ column: String, _ found: String) -> String {
    if integers.contains(found) || found == "numeric" || fractions.contains(found)
      || found == "text" || found.hasPrefix("character")
    {
      return "Write \(column)::integer in the view if all values are whole numbers."
    }
    return "Give an integer."
  }
}
