import FoundationEssentials

/// A scenario in a folder below `fixtures/`: rows of the source, steps and their results.
///
/// The folder has one CSV for each source relation that is not empty, a `policy.yaml` unless the
/// built-in policy is used, and `scenario.txt`. Up to its first empty line, that file says what the
/// scenario shows and for which rule. Then come the steps, one on each line:
///
/// ```
/// as-of 2026-11-01T06:00:00Z       the instant that the following runs take for now
/// run [OPTIONS] -> exit 0          redress run, and its exit code; PROPOSAL is what the last held run has left
/// explain [OPTIONS] -> exit 0      redress explain; what it prints is `expected/explain-N`
/// simulate [OPTIONS] -> exit 0     redress simulate; what it prints is `expected/simulate-N`
/// audit [OPTIONS] -> exit 0        redress audit, as CSV
/// close [OPTIONS] -> exit 0        redress close
/// reopen [OPTIONS] -> exit 0       redress reopen
/// report [OPTIONS] -> exit 0       redress report; what it prints is `expected/report-N`
/// policy NAME                      another policy file of the folder, from here on
/// sql STATEMENT                    a change by the operator
/// expect credits:                  redress.entitlement, in the columns that the table names
/// expect revisions:                what redress.credit holds
/// expect lines:                    what redress.invoice_adjustment holds
/// expect findings:                 what the last run reported, in any order
/// expect comparison:               what the last simulation printed as CSV
/// expect audit:                    what the last audit said
/// ```
///
/// A table comes after its `expect`, indented; `none` means no rows. Lines that begin with `#` are
/// comments. The files of the n-th run are compared with `expected/night-n/`, byte for byte.
struct Scenario: Sendable {
  enum Step: Sendable {
    case asOf(String)
    case policy(String)
    case sql(String)
    case run(options: [String], exitCode: Int32)
    case explain(options: [String], exitCode: Int32)
    case simulate(options: [String], exitCode: Int32)
    case audit(options: [String], exitCode: Int32)
    case close(options: [String], exitCode: Int32)
    case reopen(options: [String], exitCode: Int32)
    case report(options: [String], exitCode: Int32)
    /// `nil` means no rows.
    case expect(Expectation, Table?)
  }

  enum Expectation: String, Sendable {
    case credits, revisions, lines, findings, comparison, audit
  }

  /// An error in a scenario file, and its place.
  struct SyntaxError: Error, CustomStringConvertible {
    let description: String
  }

  let folder: URL
  /// The steps with their line numbers in `scenario.txt`.
  let steps: [(line: Int, step: Step)]

  /// The names of all scenarios, in order.
  static let names: [String] = {
    let folders = try? FileManager.default.contentsOfDirectory(
      atPath: Checkout.fixtures.path(percentEncoded: false))
    return (folders ?? []).filter {
      FileManager.default.fileExists(
        atPath: Checkout.fixtures.appending(path: "\($0)/scenario.txt").path(percentEncoded: false))
    }.sorted()
  }()

  init(named name: String) throws {
    folder = Checkout.fixtures.appending(path: name)
    let text = try String(contentsOf: folder.appending(path: "scenario.txt"), encoding: .utf8)
    steps = try Scenario.parse(text, in: "fixtures/\(name)/scenario.txt")
  }

  static func parse(
    _ text: String, in file: String
  ) throws(SyntaxError) -> [(line: Int, step: Step)] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    var steps: [(line: Int, step: Step)] = []
    var index = lines.firstIndex(of: "") ?? lines.endIndex
    while index < lines.endIndex {
      let line = lines[index]
      let number = index + 1
      index += 1
      guard !line.isEmpty, !line.hasPrefix("#") else { continue }
      let words = line.split(separator: " ", maxSplits: 1)
      let rest = words.count > 1 ? String(words[1]) : ""
      switch words[0] {
      case "as-of": steps.append((number, .asOf(rest)))
      case "policy": steps.append((number, .policy(rest)))
      case "sql": steps.append((number, .sql(rest)))
      case "run", "explain", "simulate", "audit", "close", "reopen", "report":
        let parts = line.split(separator: " ").map(String.init)
        guard parts.count >= 4, parts[parts.count - 3] == "->", parts[parts.count - 2] == "exit",
          let exitCode = Int32(parts[parts.count - 1])
        else {
          throw SyntaxError(description: "\(file):\(number): \(words[0]) ends in `-> exit N`")
        }
        let options = Array(parts[1..<parts.count - 3])
        let step: Step =
          switch words[0] {
          case "run": .run(options: options, exitCode: exitCode)
          case "explain": .explain(options: options, exitCode: exitCode)
          case "simulate": .simulate(options: options, exitCode: exitCode)
          case "close": .close(options: options, exitCode: exitCode)
          case "reopen": .reopen(options: options, exitCode: exitCode)
          case "report": .report(options: options, exitCode: exitCode)
          default: .audit(options: options, exitCode: exitCode)
          }
        steps.append((number, step))
      case "expect":
        let parts = rest.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let expectation = Expectation(rawValue: String(parts[0])) else {
          throw SyntaxError(
            description:
              "\(file):\(number): expect credits:, revisions:, lines:, findings:, comparison: or audit:, not \(rest)"
          )
        }
        if parts[1].drop(while: { $0 == " " }) == "none" {
          steps.append((number, .expect(expectation, nil)))
          continue
        }
        let body = lines[index...].prefix { $0.hasPrefix("  ") }
        index += body.count
        guard let table = Table(aligned: Array(body)) else {
          throw SyntaxError(
            description: "\(file):\(number): a table has as many cells in each line as in the first"
          )
        }
        steps.append((number, .expect(expectation, table)))
      default:
        throw SyntaxError(
          description:
            "\(file):\(number): a step is as-of, policy, sql, run, explain, simulate, audit, close, reopen, report or expect, not \(words[0])"
        )
      }
    }
    return steps
  }
}
