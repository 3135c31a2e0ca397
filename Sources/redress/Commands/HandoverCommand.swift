import ArgumentParser
import CreditLedger
import Glibc
import Handover
import OutputFiles
import PlainText
import ServiceCredits

struct HandoverCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "handover",
    abstract: "Hands credits to customers' balances in another system, each exactly once.",
    usage: """
      redress handover --system <system> --pending [<options>]
      redress handover --system <system> (--record <file> | --reconcile <file>) [<options>]
      redress handover send --system <system> --url <url> [<options>]
      """,
    discussion: """
      With balance: stripe in the policy (or lago, killbill, other), runs place open credits on the pseudo invoice \
      balance:stripe. Each of its lines is a message to that system, with a key that never comes again.

        redress handover --system stripe --pending > messages.jsonl
        redress handover --system stripe --record answers.jsonl
        redress handover --system stripe --reconcile what-stripe-has.jsonl
        redress handover send --system stripe --url https://api.stripe.com --secret-file /etc/redress/stripe

      Answers are a JSON object a line: {"key": …, "status": "sent", "id": …} with sent, refused or unknown. What the \
      other side has is {"key": …, "amount": …, "id": …}. The page Handover of the documentation says how nothing is lost \
      and nothing is doubled.
      """,
    subcommands: [HandoverOutboxCommand.self, HandoverSendCommand.self],
    defaultSubcommand: HandoverOutboxCommand.self)
}

/// Which messages are meant.
struct OutboxOptions: ParsableArguments {
  enum Form: String, CaseIterable, ExpressibleByArgument {
    case balance
    case creditNote = "credit-note"
  }

  @Option(
    help: ArgumentHelp(
      "The other system: \(Listed.or(BalanceSystem.allCases.map(\.rawValue))).", valueName: "system"
    ),
    transform: { text in
      guard let system = BalanceSystem(rawValue: text) else {
        throw ValidationError(
          "There is no system '\(text)'. They are \(Listed.and(BalanceSystem.allCases.map(\.rawValue)))."
        )
      }
      return system
    })
  var system: BalanceSystem

  @Option(
    help: ArgumentHelp(
      "What is handed over: lines of the balance, or what finalized invoices carry as credit notes.",
      discussion: "Credit notes are for Stripe and Lago, and need --issued-from.",
      valueName: "balance|credit-note"))
  var `as` = Form.balance

  @Option(
    help: ArgumentHelp(
      "The first day of issue of invoices that get credit notes.",
      discussion: "Earlier ones have their credits otherwise; a credit note would give them twice.",
      valueName: "yyyy-mm-dd"),
    transform: { text in
      guard let day = CalendarDate(argument: text) else {
        throw ValidationError("A day is written 2026-12-31.")
      }
      return day
    })
  var issuedFrom: CalendarDate?

  @Option(
    help: ArgumentHelp(
      "File with Lago's wallets and fees, one JSON object a line.",
      discussion:
        "{\"customer\": …, \"currency\": …, \"wallet\": …} for a wallet with the rate 1, {\"invoice\": …, \"fee\": …} for a fee.",
      valueName: "file"))
  var map: String?

  @Flag(help: "What was refused is pending again.")
  var again = false

  func validate() throws {
    guard (`as` == .creditNote) == (issuedFrom != nil) else {
      throw ValidationError("--as credit-note and --issued-from go together.")
    }
  }

  func outbox(_ database: DatabaseOptions, _ interruption: Interruption) throws -> Outbox {
    let names = try map.map { try RemoteNames(HandoverFile.contents($0), file: $0) } ?? .none
    return try Outbox(
      system: system, kind: issuedFrom.map { .creditNotes(issuedFrom: $0) } ?? .balance,
      names: names, target: database.target("handover"), interruption: interruption)
  }
}

/// Files that are given to `redress handover`.
enum HandoverFile {
  /// - Parameter path: `-` is standard input.
  static func contents(_ path: String) throws(FileError) -> [UInt8] {
    let descriptor = path == "-" ? 0 : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(.open, path, errno) }
    defer { if descriptor > 0 { close(descriptor) } }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw FileError(.read, path, errno) }
      if count == 0 { return bytes }
      bytes += buffer[..<count]
    }
  }
}

/// `redress handover` without another word.
struct HandoverOutboxCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "outbox",
    abstract: "Prints what is pending, records answers, or compares (the default).",
    usage: "redress handover --system <system> (--pending | --record <file> | --reconcile <file>)",
    discussion: """
      Exit codes:
        0    nothing to look at
        3    something is told that a person should look at, a line each
      """)

  @OptionGroup var options: OutboxOptions
  @OptionGroup var database: DatabaseOptions

  @Flag(help: "Print the messages that are pending, one JSON object a line.")
  var pending = false

  @Option(
    help: ArgumentHelp("Record the answers in this file; - is standard input.", valueName: "file"))
  var record: String?

  @Option(
    help: ArgumentHelp(
      "Compare with what the other side has, from this file; - is standard input.",
      valueName: "file"))
  var reconcile: String?

  @Option(help: "How what is to be looked at is told: text to read, or one JSON object a line.")
  var format = CheckCommand.Format.text

  func validate() throws {
    guard [pending, record != nil, reconcile != nil].filter({ $0 }).count == 1 else {
      throw ValidationError("Give one of --pending, --record and --reconcile.")
    }
  }

  func run() throws {
    let interruption = Interruption()
    SignalWatch.start { interruption.request(signal: $0) }
    let outbox = try options.outbox(database, interruption)
    var problems = 0
    if let record {
      let answers = try RemoteAnswer.answers(HandoverFile.contents(record), file: record)
      let summary = try AnswerRecorder(outbox).record(answers, report: tell)
      problems = summary.problems
      try StandardOutput.write(HandoverText.recorded(summary))
    } else if let reconcile {
      let list = try RemoteAnswer.list(HandoverFile.contents(reconcile), file: reconcile)
      let summary = try OutboxComparison(outbox).compare(list, report: tell)
      problems = summary.problems
      try StandardOutput.write(HandoverText.compared(summary))
    } else {
      problems = try printPending(outbox)
    }
    if problems > 0 { throw ExitCode(ExitStatus.findings) }
  }

  private func tell(_ problem: HandoverProblem) throws {
    try StandardOutput.write(format == .text ? problem.text : problem.json)
  }

  /// Messages go to standard output, everything else to standard error.
  private func printPending(_ outbox: Outbox) throws -> Int {
    var problems = 0
    let carried = try outbox.readAll { message in
      guard message.isPending(again: options.again) else { return }
      if case .untold(let reason) = message.content {
        problems += 1
        let problem = HandoverProblem(.untold(reason), message)
        StandardError.write(format == .text ? problem.text : problem.json)
      } else if let line = message.json {
        try StandardOutput.write(line)
      }
    }
    StandardError.write(HandoverText.carried(carried))
    return problems
  }
}

struct HandoverSendCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "send", abstract: "Sends what is pending over HTTPS.",
    usage: "redress handover send --system <system> --url <url> [<options>]",
    discussion: """
        redress handover send --system stripe --url https://api.stripe.com --secret-file stripe.key
        redress handover send --system lago --url https://api.getlago.com --secret-env LAGO_KEY \
          --map wallets.jsonl

      Every message is noted before it is sent, and its answer afterwards. What a crash leaves unknown is sent again with \
      the same key where the system knows keys (Stripe, for a day), and is looked for first where it does not.

      The secret is a key on one line, which is sent as a bearer token, or headers, one a line (Kill Bill: Authorization, \
      X-Killbill-ApiKey, X-Killbill-ApiSecret). It is never printed.

      Exit codes:
        0    everything is sent
        3    something is told that a person should look at, a line each
        75   somebody else is sending
      """)

  @OptionGroup var options: OutboxOptions
  @OptionGroup var database: DatabaseOptions

  @Option(
    help: ArgumentHelp(
      "Address of the other system, without the path of its calls; http only to this machine.",
      valueName: "url"))
  var url: String

  @Option(help: ArgumentHelp("File with the secret.", valueName: "file"))
  var secretFile: String?

  @Option(help: ArgumentHelp("Environment variable with the secret.", valueName: "name"))
  var secretEnv: String?

  @Flag(
    help: "Look for every message before it is sent: after a database was restored from a backup.")
  var lookFirst = false

  @Option(help: ArgumentHelp("Requests a second at most.", valueName: "number"))
  var rate = 10

  @Option(help: ArgumentHelp("How often a request is tried again.", valueName: "number"))
  var retries = 5

  @Option(
    help: ArgumentHelp(
      "The first wait before that; each further one is up to twice as long, 60 s at most.",
      valueName: "milliseconds"))
  var backoff = 500

  @Option(
    help: ArgumentHelp(
      "How long a request without an answer may still be worked on there, where there are no keys.",
      valueName: "seconds"))
  var settle = 30

  @Option(help: ArgumentHelp("How long one request may take.", valueName: "seconds"))
  var timeout = 30

  @Option(help: "How what is to be looked at is told: text to read, or one JSON object a line.")
  var format = CheckCommand.Format.text

  func validate() throws {
    guard secretFile == nil || secretEnv == nil else {
      throw ValidationError("Give the secret either with --secret-file or with --secret-env.")
    }
    guard (1...1000).contains(rate), (0...20).contains(retries), (1...60_000).contains(backoff),
      (1...600).contains(timeout), (0...3600).contains(settle)
    else {
      throw ValidationError(
        "--rate is from 1 to 1000, --retries from 0 to 20, --backoff from 1 to 60000, --timeout from 1 to 600, --settle from 0 to 3600."
      )
    }
  }

  func run() throws {
    let interruption = Interruption()
    SignalWatch.start { interruption.request(signal: $0) }
    var pace = Pace()
    (pace.rate, pace.retries, pace.waitMilliseconds) = (rate, retries, backoff)
    (pace.timeoutMilliseconds, pace.settleMilliseconds) = (timeout * 1000, settle * 1000)
    let format = self.format
    var sender = try MessageSender(
      options.outbox(database, interruption), to: RemoteAddress(url), secret: secret(),
      pace: pace, again: options.again, looksFirst: lookFirst
    ) { problem in
      try StandardOutput.write(format == .text ? problem.text : problem.json)
    }
    let summary = try sender.sendAll()
    try StandardOutput.write(HandoverText.sent(summary))
    if summary.problems > 0 { throw ExitCode(ExitStatus.findings) }
  }

  private func secret() throws -> RemoteSecret {
    if let secretFile {
      return try RemoteSecret(HandoverFile.contents(secretFile), for: options.system)
    }
    guard let secretEnv else { return .none }
    guard let value = getenv(secretEnv) else {
      throw ValidationError("The environment has no variable '\(secretEnv)' of --secret-env.")
    }
    return try RemoteSecret(Array(String(cString: value).utf8), for: options.system)
  }
}
