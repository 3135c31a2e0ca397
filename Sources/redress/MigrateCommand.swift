import ArgumentParser
import CreditLedger
import Postgres
import RedressSQL

struct MigrateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate",
    abstract: "Creates or updates the schema redress. Safe to repeat.")

  @OptionGroup var database: DatabaseOptions

  @Flag(help: "Also create plain source tables in redress_source, for who has none to map.")
  var withSourceTables = false

  func run() throws {
    let connection = try Connection(database.target("migrate"))
    let outcome = try Migrator().migrate(connection, withSourceTables: withSourceTables)
    for migration in outcome.applied { print("applied \(migration.fileName)") }
    if outcome.applied.isEmpty { print("schema redress is up to date, version \(outcome.version)") }
    switch outcome.sourceTables {
    case .notAskedFor: break
    case .created: print("created the source tables in redress_source")
    case .alreadyThere: print("the source relations are already there")
    }
  }
}
