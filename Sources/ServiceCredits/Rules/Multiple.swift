/// So many times the fee for the time that was lost.
/// - Source: policy language, section 2.
public struct Multiple: RuleKind {
  public static let name = "multiple"
  public static let measures: [Rule.Measure] = [.outage, .downtime]
  public let times: Fraction
  /// Taken off first.
  public let free: FreeTime?

  public init(times: Fraction, free: FreeTime? = nil) {
    self.times = times
    self.free = free
  }

  public var values: [RuleValue] { [] }

  public static func fields(of measure: Rule.Measure) -> RuleFields {
    RuleFields(
      "a rule multiple",
      [RuleField("times", .number, isRequired: true, example: "10"), FreeTime.field])
  }

  public static func read(
    _ map: RuleMap, of measure: Rule.Measure, under caps: [RuleValue], _ faults: inout [FieldFault]
  ) -> Multiple? {
    map.number("times").map { Multiple(times: $0, free: FreeTime(map)) }
  }

  public var written: RuleMap {
    var map = RuleMap()
    map.add("times", .number(times))
    map.add("free", free?.written)
    return map
  }

  /// `10 times the fee for the time down`
  public func words(in rule: Rule) -> String {
    let time = rule.of == .outage ? "the time of an outage" : "the time down"
    let beyond = free.map { " beyond \($0.words)" } ?? ""
    let severities = rule.severities.words
    let multiple = times == .one ? rule.baseWords : "\(times.decimalText()) times \(rule.baseWords)"
    let period = rule.per == .quarter ? " in the quarter" : ""
    return "\(multiple) for \(time)\(severities)\(period)\(beyond)"
  }

  public func earned(from measured: Measured, base: Base) throws(AmountOutOfRange) -> Earned {
    guard case .time(let time) = measured.quantity else { return .nothing }
    let rest = try FreeTime.left(of: time, after: free, length: base.length)
    guard rest.isPositive else { return .nothing }
    return Earned(minor: try times * (try base.minor * (try rest / base.length)), reason: .whole)
  }
}
