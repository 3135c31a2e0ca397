import PolicyFiles
import ServiceCredits

/// The words of recorded clauses, each read once.
package struct ClauseWords {
  private var known: [[UInt8]: String] = [:]

  package init() {}

  /// - Returns: the text itself where it is none that a run writes.
  package mutating func words(_ clause: [UInt8]) -> String {
    if let found = known[clause] { return found }
    let rules = try? PolicyFile.rules(clause: clause)
    let words = rules.map { RuleClause.words($0) } ?? String(decoding: clause, as: UTF8.self)
    known[clause] = words
    return words
  }
}
