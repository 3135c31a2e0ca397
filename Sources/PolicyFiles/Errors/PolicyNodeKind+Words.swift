import PlainText
import ServiceCredits

extension PolicyNodeKind {
  var words: String {
    switch self {
    case .text: "a text"
    case .list: "a list"
    case .map: "a map"
    case .nothing: "empty"
    }
  }
}

extension PolicyContext {
  var words: String {
    switch self {
    case .file: "the file"
    case .version(let name): name.map { "version \(Quoted.text($0))" } ?? "a version"
    case .plan(let name): "plan \(Quoted.text(name))"
    case .tier: "a tier"
    case .exclusion: "an entry of exclude"
    case .limits: "limits"
    case .part(let words): words
    case .procedures: "procedures"
    case .target: "an entry of targets"
    case .duringP0: "during_p0"
    case .escalation: "an entry of escalation"
    case .postMortem: "post_mortem"
    }
  }
}

extension PolicyKey {
  var itemWords: String {
    switch self {
    case .minimum, .granted, .takenBack, .floor: "an amount"
    case .severities: "a severity"
    case .holidays: "a day"
    default: "a map"
    }
  }

  /// The words that begin an error about a day.
  var dayWords: String {
    self == .holidays ? "a holiday" : name
  }

  var adviceForZero: String {
    switch self {
    case .cap: "Write tiers: none where a plan earns no credits."
    case .shareOfMonthlyFees: "Write none to let a run grant and take back any share."
    default: "Remove what gives nothing."
    }
  }
}

extension CreditTier {
  /// `P0 > 4h`
  var condition: String {
    "\(severity.code) > \(DurationText.short(longerThanMicroseconds))"
  }

  /// `P0 > 4h (10 %)`
  var inShort: String {
    "\(condition) (\(credit.percentText) %)"
  }
}
