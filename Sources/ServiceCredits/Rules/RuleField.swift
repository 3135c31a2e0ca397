/// A key that a kind of rule has in a policy file.
///
/// The kinds say with these what they take. Whoever reads a file needs no name of any kind.
public struct RuleField: Hashable, Sendable {
  public let name: String
  public let type: RuleFieldType
  public let isRequired: Bool
  /// A correct line, with the name.
  public let example: String

  public init(
    _ name: String, _ type: RuleFieldType, isRequired: Bool = false, example: String
  ) {
    self.name = name
    self.type = type
    self.isRequired = isRequired
    self.example = "\(name): \(example)"
  }
}

/// What a field may hold.
public indirect enum RuleFieldType: Hashable, Sendable {
  /// A length of time from 0 on.
  case duration
  /// A length of time above 0.
  case length
  /// A percentage above 0, of up to 18 decimals.
  case percent(most: Int64?)
  /// A decimal number above 0.
  case number
  case count(ClosedRange<Int>)
  case word([String])
  case value
  /// The first of them that the text looks like.
  case either([RuleFieldType])
  case map(RuleFields)
  case list(RuleFields)
}

/// The fields of a map.
public struct RuleFields: Hashable, Sendable {
  /// What the map is, in words: `a step of uptime`.
  public let words: String
  public let fields: [RuleField]
  /// Names of which exactly one is given; empty for no such rule.
  public let exactlyOneOf: [String]

  public init(_ words: String, _ fields: [RuleField], exactlyOneOf: [String] = []) {
    self.words = words
    self.fields = fields
    self.exactlyOneOf = exactlyOneOf
  }

  /// A map with one of these fields and no other.
  public static func one(_ words: String, of fields: [RuleField]) -> RuleFields {
    RuleFields(words, fields, exactlyOneOf: fields.map(\.name))
  }
}

/// Where a value stands in the text that it was read from. A kind hands it back, and does not look
/// at it.
public struct RulePlace: Hashable, Comparable, Sendable {
  public let line: Int
  public let column: Int

  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  public static func < (left: RulePlace, right: RulePlace) -> Bool {
    (left.line, left.column) < (right.line, right.column)
  }

  /// Of what was not read.
  static let none = RulePlace(line: 0, column: 0)
}

/// What a field holds.
public indirect enum RuleContent: Hashable, Sendable {
  /// Microseconds.
  case duration(Int64)
  /// 100 is all.
  case percent(Fraction)
  case number(Fraction)
  case count(Int)
  case word(String)
  case value(RuleValue)
  case map(RuleMap)
  case list([RuleMap])
}

/// A map whose values have the types of their fields.
public struct RuleMap: Hashable, Sendable {
  public struct Entry: Hashable, Sendable {
    public let name: String
    public let content: RuleContent
    public let place: RulePlace

    public init(_ name: String, _ content: RuleContent, at place: RulePlace) {
      self.name = name
      self.content = content
      self.place = place
    }
  }

  public private(set) var entries: [Entry]
  public let place: RulePlace

  public init(_ entries: [Entry], at place: RulePlace) {
    self.entries = entries
    self.place = place
  }

  /// A map to be written.
  init() { self.init([], at: .none) }

  /// Adds an entry unless there is no content.
  mutating func add(_ name: String, _ content: RuleContent?) {
    if let content { entries.append(Entry(name, content, at: .none)) }
  }

  func place(of name: String) -> RulePlace {
    entries.first { $0.name == name }?.place ?? place
  }

  subscript(name: String) -> RuleContent? {
    entries.first { $0.name == name }?.content
  }

  /// Microseconds.
  func duration(_ name: String) -> Int64? {
    if case .duration(let microseconds) = self[name] { microseconds } else { nil }
  }

  /// 100 is all.
  func percent(_ name: String) -> Fraction? {
    if case .percent(let percent) = self[name] { percent } else { nil }
  }

  /// 1 is all.
  func share(_ name: String) -> Fraction? { percent(name).flatMap(\.hundredth) }

  func number(_ name: String) -> Fraction? {
    if case .number(let number) = self[name] { number } else { nil }
  }

  func count(_ name: String) -> Int? {
    if case .count(let count) = self[name] { count } else { nil }
  }

  func word(_ name: String) -> String? {
    if case .word(let word) = self[name] { word } else { nil }
  }

  func value(_ name: String) -> RuleValue? {
    if case .value(let value) = self[name] { value } else { nil }
  }

  func map(_ name: String) -> RuleMap? {
    if case .map(let map) = self[name] { map } else { nil }
  }

  func list(_ name: String) -> [RuleMap]? {
    if case .list(let list) = self[name] { list } else { nil }
  }
}

extension Fraction {
  var negative: Fraction {
    do throws(AmountOutOfRange) {
      return try Fraction.zero - self
    } catch {
      // The denominator stays as it is, and no numerator is `Int128.min`.
      preconditionFailure("the opposite of a fraction fits")
    }
  }

  /// `nil` where it does not fit.
  public var hundredth: Fraction? {
    do throws(AmountOutOfRange) {
      return try self / Fraction(whole: 100)
    } catch {
      return nil
    }
  }
}

/// Values that read well one by one and make no sense together.
public struct FieldFault: Hashable, Sendable {
  /// A short name, for the catalogue of errors.
  public let name: String
  public let place: RulePlace
  /// What is wrong, without the full stop.
  public let problem: String
  /// The place of the first of two, for the end of `problem`.
  public let first: RulePlace?
  /// What to do, as a sentence.
  public let remedy: String

  init(
    _ name: String, at place: RulePlace, _ problem: String, first: RulePlace? = nil,
    _ remedy: String
  ) {
    self.name = name
    self.place = place
    self.problem = problem
    self.first = first
    self.remedy = remedy
  }
}
