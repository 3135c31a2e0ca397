import ArgumentParser
import CreditLedger
import CreditRun
import PlainText
import PolicyFiles
import ServiceCredits
import Simulation

extension PolicyCommand {
  struct Adopt: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Makes a policy file the policy of this ledger, from now on.",
      usage: "redress policy adopt <file> --note <text> [<options>]",
      discussion: """
        Example, first to see what it changes, then to adopt it:
          redress policy adopt policy.yaml --note 'terms of 2027' --dry-run
          redress policy adopt policy.yaml --note 'terms of 2027'

        Checks the file and says what it changes against the policy in force: which versions, and which credits of the \
        months that a run reconciles. Then it is recorded with who and when, and run, check, explain, simulate, notices \
        and audit use it. A run is then refused any other file.

        Every version that a run has used stays as it is, and no version begins in what runs have decided. If recorded \
        months are to be decided anew, --restate-from says from which one. It also takes back a version that began then \
        or later: leave it out of the file. Closed months stay as they are.

        Needs the role redress_controller; a user who may also read redress_source is told about plans and credits.
        """)

    @OptionGroup var database: DatabaseOptions

    @Argument(help: "The policy file.")
    var file: String

    @Option(help: ArgumentHelp("Why, for the record.", valueName: "text"))
    var note: String

    @Option(
      help: ArgumentHelp(
        "Let recorded months be decided anew from this one on: 2026-10.", valueName: "yyyy-mm"),
      transform: { try MonthArgument(parsing: $0) })
    var restateFrom: MonthArgument?

    @Option(
      help: ArgumentHelp(
        "A plan of the file that nobody has yet. Can be repeated.", valueName: "name"))
    var newPlan: [String] = []

    @Option(
      help: ArgumentHelp(
        "Take this instant for now, for what would change; incidents resolved later count as open.",
        valueName: "time"),
      transform: { try InstantArgument(parsing: $0) })
    var asOf: InstantArgument?

    @Option(help: ArgumentHelp("How many months to compare, up to that of now.", valueName: "n"))
    var months = 3

    @Flag(help: "Say what it would change, and record nothing.")
    var dryRun = false

    func validate() throws {
      let words = note.split { $0.isWhitespace || $0.isNewline }
      guard !words.isEmpty else { throw ValidationError("--note says why, and is not empty.") }
      guard !note.unicodeScalars.contains("\0") else {
        throw ValidationError("--note has a character that PostgreSQL does not take (U+0000).")
      }
      guard (1...1200).contains(months) else {
        throw ValidationError("--months is \(months), and must be from 1 to 1200.")
      }
    }

    func run() throws {
      let document = try PolicyFile.document(path: file)
      let interruption = Interruption()
      SignalWatch.start { interruption.request(signal: $0) }
      let adoption = PolicyAdoption(
        target: database.target("policy adopt"), document: document, note: note,
        restateFrom: restateFrom?.month, newPlans: newPlan, asOf: asOf?.instant,
        interruption: interruption)
      let examined = try adoption.examine()
      if examined.isInForce, case .adopted(let inForce) = examined.before.origin {
        try StandardOutput.write(
          "\(file) is the policy in force already, adopted as number \(inForce.number) on "
            + "\(inForce.adoptedAt.text) by \(Printable.oneLine(inForce.adoptedBy)); nothing was recorded\n"
        )
        return
      }
      let text = AdoptionText(examined, file: file)
      try StandardOutput.write(text.changes)
      if examined.readsSource {
        let comparison = try PolicySimulation(
          options: options(document, examined), interruption: interruption
        ).run()
        try StandardOutput.write(text.credits(comparison))
      } else {
        try StandardOutput.write(
          "Plans and credits were not looked at: this user may not read redress_source.\n")
      }
      guard !dryRun else {
        try StandardOutput.write("Dry run: nothing was recorded.\n")
        return
      }
      try StandardOutput.write(text.recorded(try adoption.record(examined)))
    }

    /// Both policies by the days of their versions, for the months that a run would reconcile or
    /// that are restated.
    private func options(
      _ document: PolicyDocument, _ examined: PolicyAdoption.Examination
    ) -> SimulationOptions {
      let restated = restateFrom.map { Int(examined.month.index - $0.month.index) + 1 } ?? 1
      return SimulationOptions(
        target: database.target("policy adopt"), new: document, today: examined.comparedWith,
        followsDates: true, asOf: examined.asOf, lastMonth: examined.month,
        months: max(months, restated))
    }
  }
}

/// What an adoption prints.
private struct AdoptionText {
  private let examined: PolicyAdoption.Examination
  private let file: String

  init(_ examined: PolicyAdoption.Examination, file: String) {
    self.examined = examined
    self.file = file
  }

  /// The versions, compared with those in force.
  var changes: String {
    let before = examined.before.document
    var table = TextTable(untitled: 2)
    table.append(["in force", "\(before.name): \(names(before.policy.versions))"])
    let difference = examined.difference
    for (words, versions) in [
      ("adds", difference.added), ("changes", difference.changed), ("drops", difference.gone),
      ("keeps", difference.kept),
    ] {
      for version in versions {
        table.append([words, "\(version.name), from \(version.effectiveFrom.text)"])
      }
    }
    var lines = ["\(Printable.oneLine(file)):"] + table.lines
    if difference.isEmpty {
      lines.append("The versions are the same; what stands beside them is not.")
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private func names(_ versions: [PolicyVersion]) -> String {
    versions.map(\.name).joined(separator: ", ")
  }

  /// The credits of open months that would change, and apart from them those of closed months, by month and currency.
  func credits(_ comparison: PolicyComparison) -> String {
    let differing = comparison.totals.filter { $0.pair.today != $0.pair.new }
    let changed = differing.filter { !examined.closed.contains($0.month) }
    let staying = differing.filter { examined.closed.contains($0.month) }
    var lines =
      changed.isEmpty
      ? ["No credit of \(comparison.monthsText) changes, as of \(comparison.asOf.text)."]
      : ["Credits of \(comparison.monthsText) that change, as of \(comparison.asOf.text):"]
        + AdoptionText.table(changed)
    if !staying.isEmpty {
      lines.append("Credits that differ and stay, because their months are closed:")
      lines += AdoptionText.table(staying)
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private static func table(_ totals: [PolicyComparison.MonthTotal]) -> [String] {
    var table = TextTable(["month", "currency", ">in force", ">new", ">difference"])
    for total in totals {
      let difference = total.pair.differenceMinor
      table.append([
        total.month.text, total.currency.code,
        WideAmount.text(total.pair.today.minor, total.currency),
        WideAmount.text(total.pair.new.minor, total.currency),
        (difference > 0 ? "+" : "") + WideAmount.text(difference, total.currency),
      ])
    }
    return table.lines
  }

  func recorded(_ adoption: Adoption) -> String {
    var lines = [
      "Adopted as number \(adoption.number) by \(Printable.oneLine(adoption.adoptedBy)). Every run uses it from now on."
    ]
    if let month = adoption.restateFrom {
      lines.append(
        "Months from \(month.text) on are decided anew as far as a run reconciles them: redress run --month, --months."
      )
      if let through = examined.closed.through, through >= month {
        lines.append(
          "Those through \(through.text) are closed and stay as they are until somebody opens them: redress reopen."
        )
      }
    }
    return lines.map { $0 + "\n" }.joined()
  }
}
