import CreditLedger
import Digests
import Postgres
import RedressSQL

extension ErrorText {
  init(_ error: MigrationError) {
    switch error {
    case .postgres(let error):
      self.init(error)
    case .serverTooOld(let version):
      self.init(
        "the server is PostgreSQL \(version / 10_000), and Redress needs \(Migrator.oldestServerVersion / 10_000) "
          + "or later",
        "Use a database on a newer server.")
    case .serverEncoding(let encoding):
      self.init(
        "the database keeps its text in \(encoding), and Redress needs UTF8",
        "Create one with: CREATE DATABASE name ENCODING 'UTF8' TEMPLATE template0")
    case .standby:
      let text = ContractText(.standby)
      self.init("\(text.subject): \(text.statement)", text.remedy)
    case .edited(let number, let name, let recorded, let carried):
      self.init(
        "migration \(number) (\(name)) was applied with other content than this program carries: SHA-256 "
          + "\(recorded.hex.prefix(12))… there, \(carried.hex.prefix(12))… here",
        "Use the Redress that migrated this database, or a later release; an applied migration is never edited."
      )
    case .unknown(let number, let name, let newest):
      self.init(
        "a newer Redress has migrated this database: it has migration \(number) (\(name)), and this program knows "
          + "\(newest) at most",
        "Use that version of Redress, or a later one.")
    case .gap(let missing, let recorded):
      self.init(
        "migration \(recorded) is recorded in redress.schema_migration, and migration \(missing) is not",
        "The table was changed by other hands: restore its rows from a backup.")
    case .refused(let fileName, let error):
      let place = ErrorText.place(in: fileName, error).map { ":\($0)" } ?? ""
      self.init(
        "\(fileName)\(place): \(ErrorText.message(error)). Nothing of this migration is left",
        details: ErrorText.details(error).filter { !$0.hasPrefix("Statement:") },
        ErrorText.migrationRemedy(error))
    case .ledgerIsBusy(let seconds):
      self.init(
        "a run or an invoicing transaction has kept the ledger locked for \(seconds) seconds; nothing was migrated",
        "Wait for the run, or end the session that called place_on_invoice or release_invoice without COMMIT. Then "
          + "migrate again.")
    case .sourceTablesInTheWay(let present, let missing):
      self.init(
        "redress_source has \(present.joined(separator: ", ")) and lacks \(missing.joined(separator: ", ")), so no "
          + "plain tables were created",
        "Create views for the missing ones too (one without rows will do), or remove what is there, and run again."
      )
    case .citusMissing, .notCoordinator, .notDistributed:
      self = ErrorText.distribution(error)
    }
  }

  private static func distribution(_ error: MigrationError) -> ErrorText {
    switch error {
    case .citusMissing:
      ErrorText(
        "the database has no extension citus, so nothing can be distributed; nothing was migrated",
        "CREATE EXTENSION citus on every node, or migrate without --distributed.")
    case .notCoordinator:
      ErrorText(
        "this node is a worker, and tables are distributed by the coordinator; nothing was migrated",
        "Name the coordinator with --database.")
    case .notDistributed(let table, let error):
      ErrorText(
        "\(table) cannot be distributed: \(ErrorText.message(error)). What was distributed before stays so",
        details: ErrorText.details(error).filter { !$0.hasPrefix("Statement:") },
        ErrorText.migrationRemedy(error))
    default: preconditionFailure("\(error) is not about distributing")
    }
  }

  private static func migrationRemedy(_ error: PostgresError) -> String {
    if error.sqlState == "42501" {
      return
        "Migrate as a role that owns the schema redress, or may create schemas here (CREATE on the database) and roles (CREATEROLE)."
    }
    guard ServerTrouble(error) == nil else { return ErrorText(error).remedy }
    return "Put right what the server names, and run it again: it goes on where it stopped."
  }

  /// `line:column` of the character that the server's error points at.
  private static func place(in fileName: String, _ error: PostgresError) -> String? {
    let files =
      RedressSQL.migrations.map { ($0.fileName, $0.bytes) }
      + [(RedressSQL.sourceTablesFileName, RedressSQL.sourceTables)]
    guard let position = error.position, let file = files.first(where: { $0.0 == fileName }) else {
      return nil
    }
    let before = String(decoding: file.1, as: UTF8.self).unicodeScalars.prefix(max(0, position - 1))
    let line = before.count { $0 == "\n" } + 1
    let column = before.reversed().prefix { $0 != "\n" }.count + 1
    return "\(line):\(column)"
  }
}
