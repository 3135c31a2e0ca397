import ArgumentParser
import CreditLedger
import Postgres
import RedressSQL

struct MigrateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate",
    abstract: "Creates or updates the schema redress. Safe to repeat.",
    usage: "redress migrate [<options>]",
    discussion: """
      Examples, as the role that shall own the schema:
        redress migrate --database 'dbname=billing'
        redress migrate --database 'dbname=billing' --with-source-tables
        redress migrate --database 'host=coordinator dbname=billing' --distributed
      """)

  @OptionGroup var database: DatabaseOptions

  @Flag(help: "Also create plain source tables in redress_source, for those who have none to map.")
  var withSourceTables = false

  @Flag(
    help: ArgumentHelp(
      "Also distribute the tables by customer, where the database has the extension citus.",
      discussion: "With --with-source-tables the plain source tables too."))
  var distributed = false

  func run() throws {
    let connection = try Connection(database.target("migrate"))
    let outcome = try Migrator().migrate(
      connection, withSourceTables: withSourceTables, distributed: distributed)
    var lines = outcome.applied.map { "applied \($0.fileName)" }
    if lines.isEmpty { lines.append("schema redress is up to date, version \(outcome.version)") }
    switch outcome.sourceTables {
    case .notAskedFor: break
    case .created: lines.append("created the source tables in redress_source")
    case .alreadyThere: lines.append("the source relations are already there")
    }
    if distributed {
      lines +=
        outcome.distributed.isEmpty
        ? ["every table is distributed already"]
        : outcome.distributed.map { "distributed \($0)" }
    }
    try StandardOutput.write(lines.map { $0 + "\n" }.joined())
  }
}
