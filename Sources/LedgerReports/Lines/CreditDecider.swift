package import CreditLedger
package import FrozenEvidence
public import ServiceCredits

/// What decided on a credit, for people.
public enum CreditDecider: Hashable, Sendable {
  case tier(CreditTier)
  /// The words of a rule.
  case rule([UInt8])
  case nothing

  package init(_ clause: RecordedClause, _ words: inout ClauseWords) {
    switch clause {
    case .tier(let tier): self = .tier(tier)
    case .rule(let text): self = .rule(Array(words.words(text).utf8))
    case .none: self = .nothing
    }
  }

  package init(_ decision: CreditDecision) {
    switch decision.verdict {
    case .tier(let tier): self = tier.map { .tier($0) } ?? .nothing
    case .rule(let award): self = award.clause.map { .rule(Array($0.words.utf8)) } ?? .nothing
    }
  }

  /// Empty where nothing pays.
  package var words: String {
    switch self {
    case .tier(let tier): tier.words
    case .rule(let words): String(decoding: words, as: UTF8.self)
    case .nothing: ""
    }
  }
}
