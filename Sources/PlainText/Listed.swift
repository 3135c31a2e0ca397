/// Joins words: `a`, `a and b`, `a, b and c`.
package enum Listed {
  package static func and(_ words: [String]) -> String { joined(words, "and") }
  package static func or(_ words: [String]) -> String { joined(words, "or") }

  private static func joined(_ words: [String], _ last: String) -> String {
    guard words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " \(last) " + words[words.count - 1]
  }
}
