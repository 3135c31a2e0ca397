import Documents
import PlainText

/// The text of an error for people: what is wrong and where, the server's details, and what to do.
struct ErrorText: Equatable {
  /// What is wrong and where, in one sentence without its full stop.
  let problem: String
  /// More details from a server, one line each.
  var details: [String] = []
  /// What to do, in full sentences; empty if nothing can be done.
  let remedy: String

  init(_ problem: String, details: [String] = [], _ remedy: String) {
    self.problem = problem
    self.details = details
    self.remedy = remedy
  }

  /// Each part on a line of its own, with control characters escaped.
  var lines: [String] {
    let end = problem.last.map { "?!…".contains($0) } ?? false ? "" : "."
    return ([problem + end] + details + (remedy.isEmpty ? [] : [remedy])).map(Printable.oneLine)
  }
}
