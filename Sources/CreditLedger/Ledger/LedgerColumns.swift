import Postgres
import ServiceCredits

enum LedgerColumns {
  static func currency(
    _ row: borrowing some BinaryColumns & ~Copyable, _ column: Int
  ) throws -> Currency {
    guard let currency = Currency(code: row.bytes(column)) else {
      throw LedgerError.unknownCurrency(row.text(column))
    }
    return currency
  }

  static func currency(
    _ row: borrowing some BinaryColumns & ~Copyable, _ column: some QueryColumn
  ) throws -> Currency { try currency(row, column.rawValue) }

  static func kind(_ code: UnsafeRawBufferPointer) -> RevisionKind? {
    switch code.count {
    case 5 where code.elementsEqual("grant".utf8): .grant
    case 8 where code.elementsEqual("increase".utf8): .increase
    case 8 where code.elementsEqual("decrease".utf8): .decrease
    default: nil
    }
  }
}
