import SeededRandom
import ServiceCredits

/// Makes random stories. Lengths and thresholds are drawn from one pool, so that they are often equal.
public struct RuleStoryGenerator {
  var random: SeededGenerator
  /// Lengths that incidents and thresholds have in common, in microseconds.
  var lengths: [Int64] = []
  /// Uptimes that one of these lengths leaves, in hundredths of a percent.
  var promises: [Int64] = []

  public init(seed: UInt64) {
    random = SeededGenerator(seed: seed)
  }

  mutating func draw(_ range: ClosedRange<Int64>) -> Int64 {
    Int64.random(in: range, using: &random)
  }

  mutating func happens(_ percent: Int64) -> Bool { draw(1...100) <= percent }

  mutating func pick<T>(_ values: [T]) -> T { values[Int(draw(0...Int64(values.count - 1)))] }

  /// A story in one of the places.
  public mutating func story(in places: [StoryPlace]) -> RuleStory {
    let place = pick(places)
    let isQuarter = happens(25)
    let first = isQuarter ? Int(draw(0...3)) * 3 : Int(draw(0...11))
    let period = RulePeriod(months: Array(place.months[first..<first + (isQuarter ? 3 : 1)]))
    (lengths, promises) = ([], [])
    drawLengths(period)
    let currency = Currency(pick(["USD", "USD", "JPY", "KWD"]))!
    let set = ruleSet(isQuarter: isQuarter, currency)
    let fees = self.fees(period, currency)
    var story = RuleStory(
      place: place, period: period, set: set, currency: currency, incidents: [], fees: fees)
    story.incidents = (0..<(happens(30) ? 1 : draw(1...5))).compactMap { _ in
      incident(place, period, fees)
    }
    story.overlap = happens(25) ? .countEach : .countOnce
    story.rounding = happens(70) ? .halfUp : pick(RoundingRule.allCases)
    if happens(10) {
      story.otherPlan = ruleSet(isQuarter: false, currency)
    }
    if happens(15) { story.minimum = pick([1, 100, 1000, 5000]) }
    return story
  }

  /// Besides round lengths those that give the usual promises of uptime exactly.
  private mutating func drawLengths(_ period: RulePeriod) {
    let month = Int64(period.months.count) * 720 * RuleTime.hour
    let round = [
      RuleTime.minute, 5 * RuleTime.minute, 10 * RuleTime.minute, 30 * RuleTime.minute,
      RuleTime.hour, 2 * RuleTime.hour, 4 * RuleTime.hour, 6 * RuleTime.hour, 12 * RuleTime.hour,
      RuleTime.day, 2 * RuleTime.day, 3 * RuleTime.day, 6 * RuleTime.day,
    ]
    // Few of them a story: two draws are then often the same.
    for _ in 0..<4 {
      guard happens(50) else {
        lengths.append(pick(round))
        continue
      }
      let share: Int64 = pick([10, 50, 100, 200, 500, 1000])
      let whole = happens(75) ? period.interval.microseconds : month
      lengths.append(whole / 10_000 * share)
      promises.append(10_000 - share)
    }
  }

  /// A length of the pool, sometimes a little more or less, or two of them.
  mutating func length() -> Int64 {
    let length = pick(lengths)
    switch draw(0...13) {
    case 0: return length + 1
    case 1: return max(1, length - 1)
    case 2: return length + pick(lengths)
    case 3: return max(1, length / 2)
    case 4: return length + draw(0...RuleTime.minute)
    default: return length
    }
  }

  // MARK: Incidents

  /// - Returns: `nil` where nothing of it lies in a term.
  private mutating func incident(
    _ place: StoryPlace, _ period: RulePeriod, _ fees: [RuleFee]
  ) -> MeasuredIncident? {
    var at = beginning(place, period)
    let started = at - (happens(20) ? draw(0...2) * RuleTime.hour : 0)
    var stretches: [Stretch] = []
    for _ in 0..<pick([1, 1, 1, 2, 3]) {
      if happens(40) { at += pick([RuleTime.minute, RuleTime.hour, 1, RuleTime.day]) }
      let end = at + length()
      stretches.append(
        Stretch(interval: RuleTime.interval(at, end), severity: severity(), share: share()))
      at = end
    }
    let kept = stretches.flatMap { stretch in
      fees.compactMap { term in
        term.interval.intersection(stretch.interval).map {
          Stretch(interval: $0, severity: stretch.severity, share: stretch.share)
        }
      }
    }
    guard !kept.isEmpty else { return nil }
    let claim = happens(50) ? started + pick([0, RuleTime.hour, length(), RuleTime.day]) : nil
    return MeasuredIncident(
      startedAt: Instant(microseconds: started), stretches: kept,
      claimedAt: claim.map { Instant(microseconds: $0) })
  }

  /// Near the ends of the period and of its months, at midnights, or on the hour.
  mutating func beginning(_ place: StoryPlace, _ period: RulePeriod) -> Int64 {
    let start = period.interval.start.microseconds
    let end = period.interval.end.microseconds
    switch draw(0...9) {
    case 0: return start - pick(lengths)
    case 1: return start - draw(0...4) * RuleTime.hour
    case 2: return end - pick(lengths)
    case 3: return end - draw(1...4) * RuleTime.hour
    case 4: return pick(period.months).interval.end.microseconds - pick(lengths)
    case 5, 6:
      let days = place.days.filter { period.interval.contains($0.interval) }
      return pick(days).interval.start.microseconds - (happens(40) ? pick(lengths) : 0)
    default:
      // Few places, so that incidents meet.
      return start + draw(0...3) * 7 * RuleTime.day + draw(0...6) * RuleTime.hour
        + draw(0...2) * 10 * RuleTime.minute
    }
  }

  mutating func severity() -> Severity { pick([.p0, .p0, .p0, .p1, .p1, .p2]) }

  mutating func share() -> Fraction {
    happens(50) ? .one : fraction(pick([1, 1, 2, 3]), over: pick([4, 5, 8, 1000]))
  }

  func fraction(_ numerator: Int64, over denominator: Int64) -> Fraction {
    guard let fraction = try? Fraction(Int128(numerator), over: Int128(denominator)) else {
      preconditionFailure("small numbers fit")
    }
    return fraction
  }

  // MARK: Terms

  mutating func fees(_ period: RulePeriod, _ currency: Currency) -> [RuleFee] {
    let start = period.interval.start.microseconds
    let end = period.interval.end.microseconds
    var bounds: [Int64] = [
      happens(85) ? start - 100 * RuleTime.day : start + draw(-5...10) * RuleTime.day
    ]
    for _ in 0..<pick([0, 0, 0, 1, 1, 2]) {
      let change =
        happens(30) ? start + draw(0...30) * RuleTime.day : start + draw(0...700) * RuleTime.hour
      if change > bounds[bounds.count - 1], change < end { bounds.append(change) }
    }
    bounds.append(happens(85) ? end + 100 * RuleTime.day : end - draw(-5...3) * RuleTime.day)
    return (1..<bounds.count).compactMap { number in
      guard bounds[number - 1] < bounds[number] else { return nil }
      return RuleFee(
        interval: RuleTime.interval(bounds[number - 1], bounds[number]),
        fee: MonthlyFee(micros: fee(), currency: currency))
    }
  }

  private mutating func fee() -> Int64 {
    switch draw(0...9) {
    case 0: 83_333_333
    case 1: 50_000
    case 2: 0
    case 3: draw(0...2_000_000_000)
    case 4: 9_990_000
    default: pick([100_000_000, 1_000_000_000, 50_000_000])
    }
  }
}
