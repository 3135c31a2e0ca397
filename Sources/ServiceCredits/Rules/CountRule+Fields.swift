// What `count` and `base` hold in a policy file. Each key that is given replaces the inherited one;
// `none` takes it away, and `actual` gives the calendar's length back.

extension CountRule {
  private static func orNone(_ type: RuleFieldType) -> RuleFieldType {
    .either([type, .word(["none"])])
  }

  public static let fields = RuleFields(
    "count",
    [
      RuleField("longer_than", orNone(.duration), example: "5m"),
      RuleField("at_least", orNone(.length), example: "10m"),
      RuleField(
        "whole",
        orNone(
          .map(
            RuleFields(
              "whole",
              [
                RuleField("unit", .length, isRequired: true, example: "1m"),
                RuleField("aligned", .word(["true", "false"]), example: "true"),
              ]))), example: "{unit: 1m}"),
      RuleField("round", orNone(.count(0...12)), example: "2"),
      RuleField("period_length", .either([.length, .word(["actual"])]), example: "720h"),
      RuleField("weigh", .word(["share", "none"]), example: "share"),
      RuleField("from", .word(["claim", "none"]), example: "claim"),
    ])

  /// This rule with what `map` says, key by key.
  public func changed(by map: RuleMap) -> CountRule {
    var count = self
    for entry in map.entries {
      switch (entry.name, entry.content) {
      case ("longer_than", let content): count.longerThan = content.duration
      case ("at_least", let content): count.atLeast = content.duration
      case ("whole", .map(let whole)):
        if let unit = whole.duration("unit") {
          count.whole = Whole(unit: unit, isAligned: whole.word("aligned") == "true")
        }
      case ("whole", _): count.whole = nil
      case ("round", .count(let decimals)): count.round = decimals
      case ("round", _): count.round = nil
      case ("period_length", let content): count.periodLength = content.duration
      case ("weigh", let content): count.weighsShare = content == .word("share")
      case ("from", let content): count.isFromClaim = content == .word("claim")
      default: break
      }
    }
    return count
  }

  /// What differs from a rule that says nothing.
  var written: RuleMap {
    var map = RuleMap()
    map.add("longer_than", longerThan.map { .duration($0) })
    map.add("at_least", atLeast.map { .duration($0) })
    map.add(
      "whole",
      whole.map { whole in
        var map = RuleMap()
        map.add("unit", .duration(whole.unit))
        map.add("aligned", whole.isAligned ? .word("true") : nil)
        return .map(map)
      })
    map.add("round", round.map { .count($0) })
    map.add("period_length", periodLength.map { .duration($0) })
    map.add("weigh", weighsShare ? .word("share") : nil)
    map.add("from", isFromClaim ? .word("claim") : nil)
    return map
  }
}

extension BaseRule {
  public static let fields = RuleFields(
    "base",
    [
      RuleField("fee", .word(["month", "billed"]), example: "billed"),
      RuleField("share", .percent(most: nil), example: "50%"),
      RuleField("month_length", .either([.length, .word(["actual"])]), example: "720h"),
      RuleField("days", .either([.count(1...366), .word(["actual"])]), example: "30"),
    ])

  /// This base with what `map` says, key by key.
  public func changed(by map: RuleMap) -> BaseRule {
    var base = self
    for entry in map.entries {
      switch (entry.name, entry.content) {
      case ("fee", let content): base.fee = content == .word("billed") ? .billed : .month
      case ("share", _): base.share = map.share("share") ?? base.share
      case ("month_length", let content): base.monthLength = content.duration
      case ("days", .count(let days)): base.days = Int64(days)
      case ("days", _): base.days = nil
      default: break
      }
    }
    return base
  }

  /// Every key, so that nothing is inherited.
  public var written: RuleMap {
    var map = RuleMap()
    map.add("fee", .word(fee == .billed ? "billed" : "month"))
    map.add("share", .value(.share(share)))
    map.add("month_length", monthLength.map { .duration($0) } ?? .word("actual"))
    map.add("days", days.map { .count(Int($0)) } ?? .word("actual"))
    return map
  }
}

extension RuleContent {
  /// Microseconds; `nil` for a word.
  fileprivate var duration: Int64? {
    if case .duration(let microseconds) = self { microseconds } else { nil }
  }
}
