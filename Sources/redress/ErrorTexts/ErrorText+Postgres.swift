import CreditLedger
import Postgres
import RedressSQL

extension ErrorText {
  init(_ error: PostgresError) {
    let (problem, remedy) = ErrorText.sentences(error)
    self.init(problem, details: ErrorText.details(error), remedy)
  }

  /// What the server sent besides its message.
  static func details(_ error: PostgresError) -> [String] {
    var details: [String] = []
    if error.kind == .server || error.kind == .cancelled, let statement = error.statement {
      details.append("Statement: \(statement)")
      let relations = sourceRelations(of: statement)
      if !relations.isEmpty { details.append("Reads: \(relations.joined(separator: ", "))") }
    }
    if let detail = error.detail { details.append("Detail: \(detail)") }
    if let hint = error.hint { details.append("Hint: \(hint)") }
    if let context = error.context { details.append("Context: \(context)") }
    return details.map { $0.split(whereSeparator: \.isNewline).joined(separator: "; ") }
  }

  /// The source relations that the query with this name reads. A message about a value does not
  /// name them.
  private static func sourceRelations(of statement: String) -> [String] {
    guard let query = RedressSQL.Query(rawValue: statement) else { return [] }
    let words = Set(query.text.split { !($0.isLetter || $0 == "_" || $0 == ".") }.map(String.init))
    return SourceContract.relations.map { "redress_source.\($0)" }.filter(words.contains)
  }

  /// `message (SQLSTATE 42P01)`
  static func message(_ error: PostgresError) -> String {
    // libpq indents its further lines.
    var message = error.message.replacing("\t", with: "")
    while message.last == "." { message.removeLast() }
    return message + (error.sqlState.map { " (SQLSTATE \($0))" } ?? "")
  }

  private static func sentences(_ error: PostgresError) -> (problem: String, remedy: String) {
    let place = error.statement.map { " in \($0)" } ?? ""
    switch error.kind {
    case .connection where error.statement == nil:
      return (
        "no connection to the database: \(message(error))",
        ServerTrouble(error)?.remedy
          ?? "Say where the database is with --database 'host=db.example.com dbname=billing' or with PGHOST, PGPORT, "
          + "PGDATABASE and PGUSER, and check that the server runs."
      )
    case .connection:
      return (
        "the connection to the database was lost\(place): \(message(error))",
        ServerTrouble(error)?.remedy
          ?? "See the server's log for the reason, then run the command again."
      )
    case .connectionString:
      return (
        "the database's connection string cannot be read: \(message(error))",
        "Write it as 'host=db.example.com dbname=billing user=redress_night' or as "
          + "postgresql://redress_night@db.example.com/billing; percent-encode special characters in a URI."
      )
    case .insecureAuthentication:
      return (
        "the server asks for the password in clear text on a connection that is not encrypted",
        "Add sslmode=verify-full to the connection, or, where nobody can listen, --allow-cleartext-password."
      )
    case .server, .cancelled:
      return ("the database refused a statement: \(message(error))", remedy(error))
    case .timedOut:
      return (
        "the database did not answer\(place): \(message(error))",
        "Check that the server runs and can be reached from here; connect_timeout in the connection string "
          + "and --io-timeout wait longer."
      )
    case .protocolViolation, .decoding:
      return (
        "the database answered what this program cannot read\(place): \(message(error))",
        "Run `redress check`; if it finds nothing, this is an error of Redress: report it with this message."
      )
    }
  }

  /// The remedy for a statement that the server refused.
  private static func remedy(_ error: PostgresError) -> String {
    if let trouble = ServerTrouble(error) { return trouble.remedy }
    guard let state = error.sqlState else { return "See the server's log." }
    switch state {
    // The message is in the server's language, but it contains "row-level security" in other
    // languages too.
    case "42501" where error.message.contains("row-level security"):
      return ContractText.hiddenRows
    case "42501":
      return
        "`redress check` names what a run's user is missing. Who only reads the ledger needs the role redress_reader."
    case "3F000", "42P01", "42703", "42883", "42704", "42804":
      // Only an error inside a function has a context.
      if error.context != nil { return ContractText.searchPath }
      return "Run `redress check`: it compares every relation and column with what a run needs."
    default: break
    }
    switch state.prefix(2) {
    case "22":
      return
        "A value of the source cannot be read as the column's type: correct the view or the row that the "
        + "message names."
    case "23":
      return
        "The ledger's own checks refused a row; nothing was written. Run `redress verify`, and report this."
    case "58", "XX": return "See the server's log before anything else; nothing was written."
    default: return "Run `redress check`; the server's log has the statement."
    }
  }
}
