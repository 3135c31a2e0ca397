/// The position of one subject in the list that the calculation at hand holds of them.
///
/// Ids are compared and hashed once, when a row is read. After that the calculation carries this number. It costs what an
/// `Int32` costs, and the number of an incident cannot be taken for that of a service. The subject is a name alone.
@frozen
public struct ListNumber<Subject>: Hashable, Comparable, Sendable {
  public let rawValue: Int32

  @inlinable
  public init(_ rawValue: Int32) { self.rawValue = rawValue }

  @inlinable
  public init(index: Int) { rawValue = Int32(index) }

  /// The same position as a subscript.
  @inlinable
  public var index: Int { Int(rawValue) }

  @inlinable
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// Ascending in byte order of incident_id, so that comparing numbers compares ids.
public typealias IncidentNumber = ListNumber<Incident>
public typealias ServiceNumber = ListNumber<ServiceSubject>
/// Of the plans that any version of the policy names.
public typealias PlanNumber = ListNumber<PlanRules>
public typealias ZoneNumber = ListNumber<MonthTable>

/// The rules know no more of a service than that it is one.
public enum ServiceSubject {}

/// Whose term, window or exclusion it is, within the calculation for one customer.
///
/// A subscription that has moved between customers has terms under others too. They count for the subscription as a
/// whole, and their credits are those customers' own.
@frozen
public enum Owner: Hashable, Sendable {
  /// The customer for whom it is calculated.
  case own
  /// Another customer, by a number that tells it from the rest.
  case other(Int32)
}
