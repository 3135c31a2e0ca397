import Glibc
import Postgres
import TestSupport
import Testing

@Suite("Connection")
struct ConnectionTests {
  @Test("a session has UTF-8, and nothing else is set")
  func settings() throws {
    let database = try TestDatabase()
    let connection = try database.connect()
    #expect(connection.serverVersion >= 130_000)
    #expect(connection.parameterStatus("client_encoding") == "UTF8")
    #expect(connection.parameterStatus("server_encoding") == "UTF8")
    let changed = try connection.textRows(
      """
      SELECT name FROM pg_settings WHERE source IN ('session', 'client')
        AND name NOT IN ('application_name', 'client_encoding') ORDER BY name COLLATE "C"
      """)
    #expect(changed == [])
    #expect(connection.transactionStatus == .idle)
    #expect(connection.isUsable == true)
  }

  @Test("several statements, and the transaction's state")
  func execute() throws {
    let database = try TestDatabase()
    let connection = try database.connect()
    try connection.execute("CREATE TABLE public.t (a int); INSERT INTO public.t VALUES (1), (2)")
    try connection.execute("BEGIN")
    #expect(connection.transactionStatus == .inTransaction)
    #expect(throws: PostgresError.self) { try connection.execute("SELECT 1/0") }
    #expect(connection.transactionStatus == .inFailedTransaction)
    try connection.execute("ROLLBACK")
    #expect(try connection.query("UPDATE public.t SET a = 3") == 2)
    #expect(try database.value("SELECT sum(a) FROM public.t") == "6")
  }
}
