extension Rule {
  func clause(_ reason: EarnedReason) -> String { "{kind: \(type(of: kind).name)}" }
  public var words: String { "" }
}
