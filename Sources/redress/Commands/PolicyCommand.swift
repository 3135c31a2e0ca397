import ArgumentParser
import PlainText
import PolicyFiles
import ServiceCredits
import ShippedPolicies

struct PolicyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policy",
    abstract:
      "Adopts, checks and tests policy files; shows what was adopted and published programmes.",
    discussion: """
      Example, to change the promise:
        redress policy show > policy.yaml
        redress policy check policy.yaml
        redress policy adopt policy.yaml --note 'terms of 2027'

      Example, to begin with a published programme:
        redress policy list
        redress policy show vultr > policy.yaml
        redress policy test policy.yaml
      """,
    subcommands: [
      Adopt.self, History.self, Check.self, Test.self, List.self, Show.self,
    ])

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Checks a policy file: all errors at once, with line and column.",
      discussion: "Example: redress policy check /etc/redress/policy.yaml")

    @Argument(help: "The policy file.")
    var file: String

    func run() throws {
      let document = try PolicyFile.document(path: file)
      let count = document.policy.versions.count
      try StandardOutput.write(
        "\(file): \(count == 1 ? "1 version" : "\(count) versions"), no errors\n")
    }
  }

  struct Test: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Works out the examples in a policy file, and says which give something else.",
      usage: "redress policy test <file> [<options>]",
      discussion: """
        Example: redress policy test policy.yaml

        A file whose examples are all in UTC needs no database. Another zone's days and hours come \
        from PostgreSQL; it needs no ledger and no right but to connect. The exit code is 1 where \
        an example gives something else.
        """)

    @OptionGroup var database: DatabaseOptions

    @Argument(help: "The policy file.")
    var file: String

    func run() throws {
      let document = try PolicyFile.document(path: file)
      let examples = document.examples
      guard !examples.isEmpty else {
        try StandardOutput.write("\(file): no examples\n")
        return
      }
      let calendars = try ExampleCalendars(document, database.target("policy test"))
      var differing = 0
      for (example, calendar) in zip(examples, calendars.calendars) {
        let fault = Test.fault(of: example, in: calendar, document)
        let name = Printable.oneLine(example.name)
        try StandardOutput.write(fault.map { "differs  \(name): \($0)\n" } ?? "ok       \(name)\n")
        if fault != nil { differing += 1 }
      }
      let count = examples.count == 1 ? "1 example" : "\(examples.count) examples"
      let result = differing == 0 ? "all as expected" : "\(differing) not as expected"
      try StandardOutput.write("\(file): \(count), \(result)\n")
      if differing > 0 { throw ExitCode(ExitStatus.failed) }
    }

    /// What is not as the example says; `nil` if everything is.
    private static func fault(
      of example: PolicyExample, in calendar: ExampleCalendar, _ document: PolicyDocument
    ) -> String? {
      let currency = example.fee.currency
      let expected = Money(amountMinor: example.creditMinor, currency: currency).text
      do throws(AmountOutOfRange) {
        let credit = try document.credit(of: example, in: calendar)
        guard credit != example.creditMinor else { return nil }
        let found = Money(amountMinor: credit, currency: currency).text
        return "\(expected) expected, \(found) came out"
      } catch {
        return "\(expected) expected, and a number became too large to be counted with"
      }
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Lists the published programmes that ship with the program.",
      discussion: "Example: redress policy list | less")

    func run() throws {
      var table = TextTable(["name", "provider", "programme", "terms as of"])
      for file in ShippedPolicy.allCases {
        let document = try PolicyFile.document(bytes: file.bytes, name: file.rawValue)
        let programme = document.programme
        table.append([
          file.rawValue, programme?.provider ?? "", programme?.name ?? "",
          programme?.termsAsOf?.text ?? "",
        ])
      }
      try StandardOutput.write(table.lines.map { $0 + "\n" }.joined())
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Prints the built-in policy or a published programme, ready to edit.",
      discussion: """
        Example: redress policy show > policy.yaml
        Example: redress policy show vultr > policy.yaml
        """)

    @Argument(help: "A name of redress policy list. Default: the built-in policy.")
    var name: String?

    func run() throws {
      guard let name else {
        try StandardOutput.write(PolicyFile.builtInText)
        return
      }
      guard let file = ShippedPolicy(rawValue: name) else {
        let near = NearMiss.nearest(to: name, among: ShippedPolicy.allCases.map(\.rawValue))
        throw ValidationError(
          "no programme is called \(Quoted.text(name))."
            + (near.map { " Did you mean \($0)?" } ?? " redress policy list has all names."))
      }
      try StandardOutput.write(
        """
        # A starting point, and no legal advice: read the terms themselves before you promise them.
        # The file is as it ships with redress; redress policy test works its examples out.

        """ + String(decoding: file.bytes, as: UTF8.self))
    }
  }
}
