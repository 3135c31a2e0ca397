package import ServiceCredits

/// A place in a text file, counted from 1 as editors do. Columns are Unicode scalars.
package struct TextPlace: Hashable, Comparable, Sendable {
  /// 0 if the error is about the whole file.
  package let line: Int
  package let column: Int

  package init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  package static let wholeFile = TextPlace(line: 0, column: 0)

  package static func < (left: TextPlace, right: TextPlace) -> Bool {
    (left.line, left.column) < (right.line, right.column)
  }
}

/// The kind of a YAML node, with the words for the kinds.
package enum PolicyNodeKind: Hashable, Sendable {
  case text, list, map, nothing
}

/// The part of the file that contains an error.
package enum PolicyContext: Hashable, Sendable {
  case file
  /// `nil` if the version's name cannot be read.
  case version(String?)
  case plan(String)
  case tier, exclusion, limits
  /// Another part, in words.
  case part(String)
  case procedures, target, duringP0, escalation, postMortem
}

/// Why a text is not a duration.
package enum DurationFault: Hashable, Sendable {
  case malformed
  case withoutUnit
  case negative
  /// Months and years have no fixed length.
  case calendar
  /// More microseconds than fit `Int64`.
  case tooLong
}

/// Why a text is not a percentage.
package enum PercentFault: Hashable, Sendable {
  case malformed
  case withoutSign
  /// More than two decimals.
  case decimals
  /// More digits than are counted with exactly.
  case digits
  case zero
  case above(BasisPoints)
}

/// Why a text is not an amount of a currency.
package enum AmountFault: Hashable, Sendable {
  case malformed
  case negative
  /// More decimals than the currency has.
  case decimals
  case tooLarge
}

/// An error in a policy file. Texts are quoted from the file.
/// - Source: credit rules, section 11.
package enum PolicyError: Error, Hashable, Sendable {
  case file(FileFault)
  case structure(StructureFault)
  case value(ValueFault)
  case rule(RuleFault)

  /// The file as a whole cannot be read, or is not YAML.
  package enum FileFault: Hashable, Sendable {
    case unreadable(reason: String)
    case fileTooLong(limitBytes: Int)
    case empty
    case notUTF8
    case forbiddenCharacter(UInt32)
    case tabIndentation
    /// `beganLine` is where the list, the map or the text begins that could not be read to its end.
    case notYAML(fault: String, beganLine: Int?)
    case tooDeep(limit: Int)
    case anchor(String)
    case alias(String)
    case tag(String)
    case secondDocument
  }

  /// A key or the kind of a value is wrong.
  package enum StructureFault: Hashable, Sendable {
    case fileIsNoMap(PolicyNodeKind)
    case keyIsNoText(PolicyNodeKind)
    case unknownKey(String, PolicyContext, known: [PolicyKey], nearMiss: PolicyKey?)
    case keyBelongsElsewhere(PolicyKey, PolicyContext)
    case noSpaceAfterColon(PolicyKey, value: String)
    case missingKey(PolicyKey, PolicyContext)
    case duplicateKey(String, firstLine: Int)
    case wrongKind(PolicyKey, found: PolicyNodeKind)
    case wrongItemKind(PolicyKey, found: PolicyNodeKind)
    case noValue(PolicyKey)
    case noVersions
    /// Neither tiers nor rules.
    case noRules(PolicyContext)
    case tiersAndRules(PolicyContext)
    /// None, or several, of keys of which exactly one is given.
    case oneOfKeys(PolicyContext, [PolicyKey], given: [String])
    case emptyList(PolicyKey)
  }

  /// A value is none that its key can have.
  package enum ValueFault: Hashable, Sendable {
    case badName(PolicyKey, String)
    case badDuration(PolicyKey, String, DurationFault, suggestion: String?)
    case badPercent(PolicyKey, String, PercentFault, suggestion: String?)
    case badDate(PolicyKey, String, suggestion: String?)
    case noSuchDay(PolicyKey, String)
    /// - Parameter limit: the largest that is let through.
    case badCount(PolicyKey, String, limit: Int)
    case badAmount(PolicyKey, Currency, String, AmountFault, suggestion: String?)
    case unknownCurrency(String, nearMiss: String?)
    case unknownWord(PolicyKey, String, known: [String], nearMiss: String?)
    case badTimeZone(String)
    case unknownTimeZone(String, nearMiss: String?)
    case badNumber(PolicyKey, String)
    case badWholeNumber(PolicyKey, String, lowest: Int, highest: Int)
    case tooManyDigits(PolicyKey, String)
    case nothing(PolicyKey, String)
    case badValue(PolicyKey, String)
    case daysAndHours(PolicyKey, String)
    case wholeDays(PolicyKey, String)
    case notSaid(PolicyKey, String, NotSaid)
    case badMonth(String)
    case badQuarter(String)
    case badInstant(PolicyKey, String)
    case badMoney(PolicyKey, String)
    case badShare(String)
    case endsBeforeItBegins
    case unknownPlan(String, nearMiss: String?)
    case badAccount(PolicyKey, String)
  }

  /// Values contradict each other.
  package enum RuleFault: Hashable, Sendable {
    case duplicateTier(CreditTier, firstLine: Int)
    case tierNeverWins(CreditTier, winner: CreditTier)
    case duplicateExclusion(ExclusionKind, firstLine: Int)
    case duplicateEntry(PolicyKey, String, firstLine: Int)
    case duplicateVersion(String, firstLine: Int)
    case sameNameInOtherForm(String, firstLine: Int)
    case versionNotLater(CalendarDate, latest: CalendarDate, latestLine: Int)
    case versionStartsTooEarly(String, latest: String)
    case severalVersions(Int)
    case measureRefused(String, Rule.Measure, allowed: [Rule.Measure])
    /// Of the kind of a rule, which has its words.
    case ofKind(FieldFault)
    case combineOfTiers
    /// An empty list of tiers or rules, where `none` is to be said.
    case earnsNothing(PolicyKey)
    case periodsTogether
    case beginsInPeriod(CalendarDate, Rule.Per)
    case severalTimeZones(String, first: String, firstLine: Int)
    /// An earlier entry fits everything that this one fits.
    case accountsNeverUsed(String, firstLine: Int)
  }
}

/// An error and its place in the file.
package struct PlacedPolicyError: Hashable, Sendable {
  package let place: TextPlace
  package let error: PolicyError

  package init(place: TextPlace, error: PolicyError) {
    self.place = place
    self.error = error
  }
}

/// Collects errors. Keeps at most a thousand, so that a file with a million errors needs little
/// time and memory.
struct PolicyErrorList {
  private(set) var errors: [PlacedPolicyError] = []
  private(set) var omittedCount = 0

  static let mostKept = 1000

  var isEmpty: Bool { errors.isEmpty }
  var isFull: Bool { errors.count == PolicyErrorList.mostKept }

  mutating func report(_ error: PolicyError, at place: TextPlace) {
    if isFull {
      omittedCount += 1
    } else {
      errors.append(PlacedPolicyError(place: place, error: error))
    }
  }
}

/// All errors of one policy file, in the order of the file.
package struct PolicyErrors: Error, Hashable, Sendable {
  /// The file's name as the caller gave it.
  package let file: String
  /// Never empty. Ordered by place; errors at the same place are in the order in which they were
  /// found.
  package let errors: [PlacedPolicyError]
  /// How many more errors there are that were not kept.
  package let omittedCount: Int

  init(file: String, _ list: PolicyErrorList) {
    precondition(!list.isEmpty, "a failure has a reason")
    self.file = file
    omittedCount = list.omittedCount
    // The standard sort is stable.
    errors = list.errors.sorted { $0.place < $1.place }
  }

  init(file: String, _ error: PolicyError, at place: TextPlace = .wholeFile) {
    var list = PolicyErrorList()
    list.report(error, at: place)
    self.init(file: file, list)
  }
}
