import ArgumentParser
import PlainText
import Postgres
import RedressSQL
import ServiceCredits
import SourceMappings

struct MapCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "map",
    abstract: "Reads the tables of a billing or an incident system as the source, by views.",
    discussion: """
      Example, in the database of the billing system:
        redress map list
        redress map apply lago --database 'dbname=lago'
        redress map apply goalert --database 'dbname=lago' --hub --server goalert
        redress check --database 'dbname=lago'
      """,
    subcommands: [List.self, Show.self, Apply.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Lists the systems, what of each is read, and what it needs.",
      discussion: "Example: redress map list | less")

    func run() throws {
      var table = TextTable(["system", "is", "gives", "usual schema", "reads"])
      for system in SourceMapping.System.allCases {
        let mapping = SourceMapping(system)
        table.append([
          system.rawValue, mapping.title, mapping.relations.joined(separator: ", "),
          mapping.usualSchema, mapping.tables.map(\.name).joined(separator: ", "),
        ])
      }
      try StandardOutput.write(
        table.lines.map { $0 + "\n" }.joined()
          + "\nOne billing and one incident system make a source. redress map show SYSTEM prints the SQL.\n"
      )
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Prints the SQL that apply runs. Needs no database.",
      usage: "redress map show <system> [<options>]",
      discussion: "Example: redress map show lago > lago.sql")

    @OptionGroup var mapped: MappedOptions

    func run() throws {
      let mapping = try mapped.mapping()
      let files = mapping.sql(mapped.place(mapping))
      try StandardOutput.write(
        files.map { "-- \($0.name)\n\n\($0.text)" }.joined(separator: "\n"))
    }
  }

  struct Apply: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Makes the views and the tables of decisions. Safe to repeat: decisions stay.",
      usage: "redress map apply <system> [<options>]",
      discussion: """
        Example: redress map apply lago --database 'dbname=lago'
        Example: redress map apply lago --database 'dbname=hub' --hub --server lago

        The user must be able to read the system's tables and to create in redress_source. Everything is one \
        transaction. What is still to be decided is listed, and redress check reports what depends on it.
        """)

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var mapped: MappedOptions

    func run() throws {
      let mapping = try mapped.mapping()
      let place = mapped.place(mapping)
      let connection = try Connection(database.target("map apply"))
      let undecided = try MappingApplication(mapping, place).apply(connection)
      try StandardOutput.write(MapText.applied(mapping, place, undecided))
    }
  }
}

/// Which system, and where its tables are.
struct MappedOptions: ParsableArguments {
  @Argument(help: "A name of redress map list.")
  var system: String

  @Flag(
    help: ArgumentHelp(
      "The tables are in another database: make foreign tables for them, with plain types.",
      discussion: "Then updates of the system find no view in their way."))
  var hub = false

  @Option(
    help: ArgumentHelp("With --hub: the foreign server, which must be there.", valueName: "name"))
  var server: String?

  @Option(
    help: ArgumentHelp(
      "The schema of the system's tables, where it is not the usual one.", valueName: "name"))
  var schema: String?

  func validate() throws {
    guard hub == (server != nil) else {
      throw ValidationError(
        hub
          ? "--hub needs --server NAME: a foreign server of this database for the system's. See redress map apply --help."
          : "--server is for --hub.")
    }
  }

  func mapping() throws -> SourceMapping {
    guard let found = SourceMapping.System(rawValue: system.lowercased()) else {
      let names = SourceMapping.System.allCases.map(\.rawValue)
      throw ValidationError(
        "there is no mapping for \(Quoted.text(system)). "
          + (NearMiss.nearest(to: system, among: names).map { "Did you mean \($0)?" }
            ?? "There is one for \(Listed.and(names))."))
    }
    return SourceMapping(found)
  }

  func place(_ mapping: SourceMapping) -> MappedPlace {
    let schema = schema ?? mapping.usualSchema
    return server.map { .behind(server: $0, schema: schema) } ?? .here(schema: schema)
  }
}

/// What `redress map apply` says.
enum MapText {
  static func applied(
    _ mapping: SourceMapping, _ place: MappedPlace, _ undecided: [MappingApplication.Undecided]
  ) -> String {
    let tables =
      switch place {
      case .here(let schema): "the tables of schema \(schema)"
      case .behind(let server, let schema):
        "foreign tables in schema redress_\(mapping.system.rawValue), of schema \(schema) behind server \(server)"
      }
    var text =
      "mapped \(mapping.title): \(Listed.and(mapping.relations)) in redress_source read \(tables)\n"
    if undecided.isEmpty {
      text += "everything is decided\n"
    } else {
      var table = TextTable(["table in redress_mapping", "row", "to set"])
      for row in undecided {
        table.append([row.decision, Printable.oneLine(row.subject), row.answer])
      }
      let count = undecided.count == 1 ? "1 decision is" : "\(undecided.count) decisions are"
      text += "\(count) still to be made; the comment of each table says whose it is:\n\n"
      text += table.lines.map { $0 + "\n" }.joined() + "\n"
    }
    if let known = mapping.knownOnlyNow {
      text +=
        "Its tables know only as they are now: \(known).\nLet the policy say rewritten_past: hold, so that a person decides "
        + "on each credit whose past they rewrite.\n"
    }
    let other: SourceMapping.Kind = mapping.kind == .billing ? .incidents : .billing
    let names = SourceMapping.System.allCases.filter { SourceMapping($0).kind == other }
    return text
      + "Next: \(undecided.isEmpty ? "" : "decide, ")map the \(other.rawValue) "
      + "(\(Listed.or(names.map(\.rawValue)))) where that is not done, then redress check.\n"
  }
}
