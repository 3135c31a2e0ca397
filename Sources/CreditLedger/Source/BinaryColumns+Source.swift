import Postgres
import ServiceCredits

/// How the source is read: leniently, because a bad value is a finding and not a failure.
extension BinaryColumns where Self: ~Copyable {
  /// The text, empty where null; what is no UTF-8 is replaced.
  func text(_ column: Int) -> String {
    String(decoding: bytes(column), as: UTF8.self)
  }

  /// `nil` where null; what is no UTF-8 is replaced.
  func optionalText(_ column: Int) -> String? { isNull(column) ? nil : text(column) }

  /// The bytes of an id as a finding's key has them, `nil` where null.
  func key(_ column: Int) -> [UInt8]? { isNull(column) ? nil : id(column) }

  /// The bytes of an id, empty where null.
  func id(_ column: Int) -> [UInt8] {
    [UInt8](bytes(column))
  }

  /// `nil` where null; the instants outside of time where infinite.
  func instant(_ column: Int) throws(PostgresError) -> Instant? {
    isNull(column) ? nil : Instant(microseconds: try timestamp(column))
  }

  /// `nil` where null or infinite.
  func finiteInstant(_ column: Int) throws(PostgresError) -> Instant? {
    guard let instant = try instant(column), instant.isFinite else { return nil }
    return instant
  }

  func isInfinite(_ column: Int) throws(PostgresError) -> Bool {
    guard let instant = try instant(column) else { return false }
    return !instant.isFinite
  }
}

extension Instant {
  var isFinite: Bool { self != .distantPast && self != .distantFuture }
}
