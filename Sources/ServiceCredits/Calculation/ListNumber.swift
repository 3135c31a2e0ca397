/// The position of a subject in the calculation's list of such subjects.
///
/// Ids are compared and hashed once, when a row is read. After that the calculation uses this
/// number. It has the size of an `Int32`. `Subject` is only a type parameter, so that the number of
/// an incident cannot be used for a service.
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
/// Numbers the plans that any version of the policy names.
public typealias PlanNumber = ListNumber<PlanRules>
public typealias ZoneNumber = ListNumber<MonthTable>

/// The subject of `ServiceNumber`. The rules need no data of a service.
public enum ServiceSubject {}

/// The customer of a term, window or exclusion, within the calculation for one customer.
///
/// A subscription that was transferred between customers also has terms of other customers. They
/// count for the subscription as a whole, but their credits belong to those customers.
@frozen
public enum Owner: Hashable, Sendable {
  /// The customer whose credits are calculated.
  case own
  /// Another customer; equal numbers are the same customer.
  case other(Int32)
}
