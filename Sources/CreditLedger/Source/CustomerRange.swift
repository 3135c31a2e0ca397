public import Postgres
import RedressSQL

/// Customers whose ids are side by side in byte order.
public struct CustomerRange: Hashable, Sendable {
  /// The first id; `nil` for no bound.
  public let from: String?
  /// The id before which they end; `nil` for no bound.
  public let below: String?

  /// The bounds as the queries take them: an empty text is none, because no id is empty.
  var values: [String] { [from ?? "", below ?? ""] }

  /// Divides the customers of the source into parts of the same size.
  ///
  /// - Parameters:
  ///   - count: how many parts. There are fewer where there are fewer customers.
  ///   - connection: inside the run's snapshot.
  /// - Returns: at least one range, in order. Every id is in one of them, whether it is a customer's or not.
  public static func dividing(
    into count: Int, _ connection: borrowing Connection
  ) throws -> [CustomerRange] {
    let bounds = try connection.rows(.customerBounds, [.int64(Int64(count))]) { $0.text(0) }
    let lower = [nil] + bounds.map { Optional($0) }
    let upper = bounds.map { Optional($0) } + [nil]
    return zip(lower, upper).map { CustomerRange(from: $0, below: $1) }
  }
}

extension CustomerScope {
  /// The bounds of the customers as the queries take them.
  package var bounds: [String] {
    if case .range(let range) = self { range.values } else { ["", ""] }
  }
}
