import ArgumentParser
import CreditLedger
import CreditRun
import Digests
import PlainText
import PolicyFiles
import ServiceCredits

extension PolicyCommand {
  struct History: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Lists who adopted which policy, when and why, and the runs that used it.",
      usage: "redress policy history [<options>]",
      discussion: """
        Example: redress policy history --database service=billing

        The first line is the policy in force. Runs from before the first adoption, which took the built-in policy or a \
        file that they were given, are listed by file at the end.
        """)

    @OptionGroup var database: DatabaseOptions

    func run() throws {
      let interruption = Interruption()
      SignalWatch.start { interruption.request(signal: $0) }
      let history = try PolicyHistory.read(
        target: database.target("policy history"), interruption: interruption)
      var table = TextTable([
        ">number", "adopted", "by", "versions", "digest", "restates", "runs", "note",
      ])
      for entry in history.entries.reversed() { table.append(row(entry)) }
      var lines = [inForce(history)]
      if !history.entries.isEmpty { lines += table.lines }
      try StandardOutput.write(lines.map { $0 + "\n" }.joined())
    }

    private func inForce(_ history: PolicyHistory) -> String {
      guard let newest = history.entries.last?.adoption else {
        let versions = PolicyFile.builtIn.versions.map(\.name).joined(separator: ", ")
        return
          "Nothing is adopted: runs use the built-in policy (\(versions)), unless --policy names a file."
      }
      return "Adopted policy \(newest.number) is in force."
    }

    private func row(_ entry: PolicyHistory.Entry) -> [String] {
      let versions = entry.versions?.joined(separator: ", ") ?? "(cannot be read)"
      let digest = String((SHA256Digest(entry.digest)?.hex ?? "").prefix(12))
      let runs =
        switch entry.runs.count {
        case 0: "none"
        case 1: "\(entry.runs[0])"
        default: "\(entry.runs[0]) to \(entry.runs[entry.runs.count - 1]) (\(entry.runs.count))"
        }
      guard let adoption = entry.adoption else {
        return ["-", "-", "-", versions, digest, "-", runs, "used without being adopted"]
      }
      return [
        "\(adoption.number)", adoption.adoptedAt.text, adoption.adoptedBy, versions, digest,
        adoption.restateFrom.map { "from \($0.text)" } ?? "-", runs, adoption.note,
      ]
    }
  }
}
