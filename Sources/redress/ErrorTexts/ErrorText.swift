import Documents
import PlainText

/// What a person reads about an error: where it is and what is wrong, what the other side said, what to do.
struct ErrorText: Equatable {
  /// Where and what, in one sentence without its full stop.
  let problem: String
  /// What a server said besides, one line each.
  var details: [String] = []
  /// What to do, in full sentences; empty where nothing can be done.
  let remedy: String

  init(_ problem: String, details: [String] = [], _ remedy: String) {
    self.problem = problem
    self.details = details
    self.remedy = remedy
  }

  /// Each part on a line of its own, whatever is in it.
  var lines: [String] {
    let end = problem.last.map { "?!…".contains($0) } ?? false ? "" : "."
    return ([problem + end] + details + (remedy.isEmpty ? [] : [remedy])).map(Printable.oneLine)
  }
}
