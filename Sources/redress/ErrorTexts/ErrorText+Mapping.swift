import PlainText
import Postgres
import RedressSQL
import SourceMappings

extension ErrorText {
  init(_ error: MappingError) {
    switch error {
    case .postgres(let error):
      self.init(error)
    case .refused(let file, let error):
      self.init(
        "\(file): \(ErrorText.message(error)). Nothing of this mapping is left",
        details: ErrorText.details(error).filter { !$0.hasPrefix("Statement:") },
        error.sqlState == "42501"
          ? "Map as a role that may read the system's tables, use schema redress (GRANT redress_reader TO it) and create in redress_source (CREATE ON SCHEMA redress_source, CREATE ON DATABASE)."
          : ServerTrouble(error) == nil
            ? "Put right what the server names, and run it again." : ErrorText(error).remedy)
    case .notMigrated:
      self.init(
        "the schema redress of this database is missing or of an older version; nothing was mapped",
        "Run redress migrate first.")
    case .noSuchServer(let server):
      self.init(
        "there is no foreign server \(Quoted.text(server)) in this database; nothing was mapped",
        "Make one: CREATE EXTENSION postgres_fdw; CREATE SERVER name FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'h', dbname 'd', options '-c row_security=off'); CREATE USER MAPPING FOR current_user SERVER name OPTIONS (user 'u', password 'p')."
      )
    case .serverUnusable(let server, let error):
      self.init(
        "the server \(Quoted.text(server)) cannot be read: \(ErrorText.message(error)). Nothing was mapped",
        details: ErrorText.details(error).filter { !$0.hasPrefix("Statement:") },
        "The role that maps owns the views, so it needs a user mapping: CREATE USER MAPPING FOR current_user SERVER name OPTIONS (user 'u', password 'p')."
      )
    case .missing(let system, let schema, let tables, let columns):
      var parts: [String] = []
      if !tables.isEmpty {
        parts.append("table\(tables.count == 1 ? "" : "s") \(Listed.and(tables))")
      }
      if !columns.isEmpty {
        parts.append("column\(columns.count == 1 ? "" : "s") \(Listed.and(columns))")
      }
      self.init(
        "schema \(Quoted.text(schema)) has no \(parts.joined(separator: " and no ")) that this user may read; nothing was mapped",
        "Name the schema of the tables of \(system.rawValue) with --schema, let this user read them, or use the release of Redress for this version of the system. redress map list says what is read."
      )
    case .relationInTheWay(let relation, let maker):
      self.init(
        "redress_source.\(relation) is there already, "
          + (maker.map { "from redress map apply \($0)" } ?? "and not from a mapping")
          + "; nothing was mapped",
        "What others have made is not replaced. Remove it first if this mapping is to take its place."
      )
    }
  }
}
