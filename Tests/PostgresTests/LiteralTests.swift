import Postgres
import TestSupport
import Testing

/// Values in statements that take no parameters.
@Suite("Literals")
struct LiteralTests {
  @Test(
    "a value arrives as it was, whatever is in it",
    arguments: [
      "", "a", "it's", #"back\slash"#, "$1 and $2", "é\u{1F600}", "'; DROP TABLE t; --", "\n\t",
    ])
  func arrives(value: String) throws {
    let database = try TestDatabase()
    for setting in ["on", "off"] {
      let connection = try database.connect()
      try connection.execute("SET standard_conforming_strings = \(setting)")
      var rows = try connection.rowsOut("SELECT $2::text, '$', $1::text", ["first", value])
      #expect(try rows.next())
      #expect(Self.text(rows.bytes(0)) == value)
      #expect(Self.text(rows.bytes(1)) == "$")
      #expect(Self.text(rows.bytes(2)) == "first")
      #expect(try !rows.next())
    }
  }

  @Test("the same through a cursor")
  func cursor() throws {
    let database = try TestDatabase()
    let connection = try database.connect()
    try connection.execute("BEGIN")
    var rows = try connection.shared().rowsOut("SELECT $1::text", ["it's $1"])
    #expect(try rows.next())
    #expect(Self.text(rows.bytes(0)) == "it's $1")
  }

  private static func text(_ bytes: UnsafeRawBufferPointer) -> String {
    String(decoding: bytes, as: UTF8.self)
  }
}
