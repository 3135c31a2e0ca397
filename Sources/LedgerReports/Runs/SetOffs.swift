import CreditLedger
import Postgres
import RedressSQL
package import ServiceCredits

/// What is set off in one currency: what credits gave back of what invoices carry too much, and what other credits took. No
/// invoice carries it, and no total of placed, open or overcredited amounts is net of it without these two beside it.
package struct SetOffs: Sendable {
  package let currency: Currency
  /// The credits that gave back, positive.
  package let given: PlacementTotals.Sum
  /// The credits that took, positive. The same as what was given, but for credits of other months.
  package let taken: PlacementTotals.Sum
  /// Of a run: the credits that had given back and do not any more, positive.
  package let undone: PlacementTotals.Sum

  package init(
    currency: Currency, given: PlacementTotals.Sum, taken: PlacementTotals.Sum,
    undone: PlacementTotals.Sum = PlacementTotals.Sum()
  ) {
    self.currency = currency
    self.given = given
    self.taken = taken
    self.undone = undone
  }

  /// What the run set off, or what of a month's credits is set off; ascending by currency.
  static func all(
    _ selection: LedgerSelection, _ connection: borrowing Connection
  ) throws -> [SetOffs] {
    let scope: [Parameter] =
      switch selection {
      case .run(let runId): [.int64(runId), .null, .null, .null]
      case .month(let month): [.null, .date(month.daysSinceUnixEpoch), .null, .null]
      case .monthAt(let month, let moment):
        [.null, .date(month.daysSinceUnixEpoch), .int64(moment.run), .text(moment.time.text)]
      }
    var all: [SetOffs] = []
    try connection.query(RedressSQL.Query.reportSetOff.text, scope) { row in
      guard let currency = Currency(code: row.bytes(0)) else {
        throw LedgerError.unknownCurrency(try row.string(0))
      }
      all.append(
        SetOffs(
          currency: currency, given: sum(try row.int64(1), try row.string(2)),
          taken: sum(try row.int64(3), try row.string(4)),
          undone: sum(try row.int64(5), try row.string(6))))
    }
    return all
  }

  private static func sum(_ rows: Int64, _ minor: String) -> PlacementTotals.Sum {
    guard let amountMinor = Int128(minor) else {
      preconditionFailure("a sum of minor units is a whole number")
    }
    return PlacementTotals.Sum(rows: rows, amountMinor: amountMinor)
  }
}

extension LedgerReader {
  /// Adds what the run set off to its totals.
  func addSetOffs(ofRun runId: Int64, to totals: inout RunTotals) throws {
    for setOffs in try SetOffs.all(.run(runId), connection) {
      totals.add(setOff: setOffs.given, undone: setOffs.undone, setOffs.currency)
    }
  }
}
