import Glibc
import Postgres
import TestSupport
import Testing

/// Messages of the server, built by the test.
private enum ServerMessage {
  static let noEncryption: [UInt8] = [UInt8(ascii: "N")]
  static let cleartextPassword: [UInt8] = [UInt8(ascii: "R"), 0, 0, 0, 8, 0, 0, 0, 3]
  static let md5Password: [UInt8] = [UInt8(ascii: "R"), 0, 0, 0, 12, 0, 0, 0, 5, 1, 2, 3, 4]
  static let scram: [UInt8] =
    [UInt8(ascii: "R"), 0, 0, 0, 23, 0, 0, 0, 10] + Array("SCRAM-SHA-256".utf8) + [0, 0]
}

private let secret = "s3cret-Pässw0rd"

private func contains(_ bytes: [UInt8], _ text: String) -> Bool {
  let wanted = Array(text.utf8)
  guard bytes.count >= wanted.count else { return false }
  return (0...(bytes.count - wanted.count)).contains { bytes[$0...].starts(with: wanted) }
}

private func failure(_ target: ConnectionTarget) -> PostgresError? {
  do {
    _ = try Connection(target)
    return nil
  } catch {
    return error
  }
}

@Suite("Connecting")
struct ConnectingTests {
  @Test(
    "a request for a password in clear text is refused before anything is sent",
    arguments: [
      ("at once", [ServerMessage.cleartextPassword], "disable"),
      (
        "after encryption was declined",
        [ServerMessage.noEncryption, ServerMessage.cleartextPassword], "prefer"
      ),
      (
        "in one breath with declining encryption",
        [ServerMessage.noEncryption + ServerMessage.cleartextPassword], "prefer"
      ),
      ("after SCRAM was begun", [ServerMessage.scram, ServerMessage.cleartextPassword], "disable"),
      (
        "in one breath with SCRAM", [ServerMessage.scram + ServerMessage.cleartextPassword],
        "disable"
      ),
      ("after md5", [ServerMessage.md5Password, ServerMessage.cleartextPassword], "disable"),
    ] as [(String, [[UInt8]], String)])
  func cleartextRefused(what: String, answers: [[UInt8]], sslmode: String) throws {
    let server = try ScriptedServer(answers: answers)
    defer { server.stop() }
    let error = failure(
      ConnectionTarget(
        conninfo:
          "host=127.0.0.1 port=\(server.port) user=u dbname=d password='\(secret)' sslmode=\(sslmode) gssencmode=disable connect_timeout=5",
        applicationName: "redress tests"))
    #expect(error?.kind == .insecureAuthentication, "\(what): \(String(describing: error))")
    #expect(contains(server.heard, secret) == false, "\(what)")
  }

  @Test("it is sent where that was asked for")
  func cleartextAllowed() throws {
    let server = try ScriptedServer(answers: [ServerMessage.cleartextPassword])
    defer { server.stop() }
    let error = failure(
      ConnectionTarget(
        conninfo:
          "host=127.0.0.1 port=\(server.port) user=u dbname=d password='\(secret)' sslmode=disable gssencmode=disable connect_timeout=2",
        applicationName: "redress tests", allowCleartextPassword: true))
    #expect(error?.kind == .timedOut)
    #expect(contains(server.heard, secret) == true)
  }

  @Test(
    "a first message that is none ends the attempt",
    arguments: [
      [UInt8(ascii: "R"), 0, 0, 0, 4], [UInt8(ascii: "R"), 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 3],
      [UInt8(ascii: "R"), 0, 0, 0, 7, 0, 0, 0, 3], [UInt8(ascii: "X"), 0, 0, 0, 0],
      [UInt8(ascii: "E"), 0x7F, 0xFF, 0xFF, 0xFF, 65, 66, 0],
      Array("HTTP/1.1 400 Bad\r\n\r\n".utf8),
    ] as [[UInt8]])
  func nonsense(answer: [UInt8]) throws {
    let server = try ScriptedServer(answers: [answer])
    defer { server.stop() }
    let error = failure(
      ConnectionTarget(
        conninfo:
          "host=127.0.0.1 port=\(server.port) user=u dbname=d password='\(secret)' sslmode=disable gssencmode=disable connect_timeout=2",
        applicationName: "redress tests"))
    #expect(error != nil)
    #expect(contains(server.heard, secret) == false)
  }

  @Test(
    "over TCP everything works as over the Unix socket", arguments: ["prefer", "allow", "disable"])
  func tcp(sslmode: String) throws {
    let relay = try Relay(.tcp)
    defer { relay.stop() }
    let connection = try Connection(
      ConnectionTarget(
        conninfo: "\(relay.place) user=\(TestServer.user) dbname=postgres sslmode=\(sslmode)",
        applicationName: "redress tests"))
    #expect(connection.isEncrypted == false)
    var total = 0
    var reader = try connection.copyOut(
      "COPY (SELECT generate_series(1, 20000)) TO STDOUT (FORMAT binary)")
    while try reader.next() { total += Int(try reader.int32(0)) }
    #expect(total == 200_010_000)
    _ = try reader.finish()
  }

  @Test("encryption that was demanded and declined ends the attempt")
  func encryptionDemanded() throws {
    let server = try ScriptedServer(answers: [ServerMessage.noEncryption])
    defer { server.stop() }
    let error = failure(
      ConnectionTarget(
        conninfo:
          "host=127.0.0.1 port=\(server.port) user=u dbname=d password='\(secret)' sslmode=require gssencmode=disable",
        applicationName: "redress tests"))
    #expect(error?.kind == .connection)
    #expect(contains(server.heard, "user") == false)
  }

  @Test("a server that says nothing ends the attempt in time")
  func silent() throws {
    let server = try ScriptedServer(answers: [])
    defer { server.stop() }
    for allowed in [false, true] {
      let error = failure(
        ConnectionTarget(
          conninfo:
            "host=127.0.0.1 port=\(server.port) user=u dbname=d sslmode=disable gssencmode=disable connect_timeout=2",
          applicationName: "redress tests", allowCleartextPassword: allowed))
      #expect(error?.kind == .timedOut)
      #expect(error?.message == "no connection to 127.0.0.1 port \(server.port) within 2 seconds")
    }
  }

  @Test("another server is reached with the same options")
  func otherServer() throws {
    for conninfo in [
      "host=/nowhere port=1 user=\(TestServer.user) dbname=postgres application_name=same",
      "postgresql://\(TestServer.user)@/postgres?host=/nowhere,/nowhere/else&port=1,2&application_name=same",
    ] {
      var target = ConnectionTarget(conninfo: conninfo, applicationName: "redress tests")
      #expect(failure(target)?.kind == .connection)
      target.server = ConnectionTarget.Server(
        host: TestServer.host, port: try #require(Int(TestServer.port)))
      let connection = try Connection(target)
      #expect(connection.host == TestServer.host)
      #expect(try connection.textRows("SHOW application_name") == [["same"]])
    }
  }

  @Test("a server that is not there")
  func absent() throws {
    let folder = try temporaryFolder()
    defer { rmdir(folder) }
    let error = failure(
      ConnectionTarget(conninfo: "host='\(folder)' dbname=d", applicationName: "redress tests"))
    #expect(error?.kind == .connection)
    #expect(error?.message.contains("No such file or directory") == true)
  }

  @Test("a database and a role that are not there keep the server's code")
  func unknown() throws {
    try TestServer.require()
    let place = "host='\(TestServer.host)' port=\(TestServer.port)"
    for conninfo in [
      "\(place) user=\(TestServer.user) dbname=redress_no_such",
      "\(place) user=redress_no_such dbname=postgres",
    ] {
      let error = failure(ConnectionTarget(conninfo: conninfo, applicationName: "redress tests"))
      #expect(error?.kind == .connection)
      #expect(error?.message.contains("does not exist") == true)
    }
  }

  @Test(
    "no error repeats a password, however the string is wrong",
    arguments: [
      "host=127.0.0.1 port=1 user=u dbname=d password='\(secret)'",
      "postgresql://u:\(secret)@127.0.0.1:1/d", "postgresql://u:\(secret)@x@127.0.0.1/d",
      "postgresql://u:p@\(secret)@127.0.0.1/d", "postgresql://u:\(secret)@127.0.0.1:port/d",
      "postgresql://u:\(secret)@[127.0.0.1/d", "postgresql://u:%zz\(secret)@127.0.0.1/d",
      "postgresql://u@127.0.0.1/d?password=\(secret)&nonsense=1", "postgresql://u:\(secret)@/d?x",
      "host=h \(secret)", "password=\(secret) \(secret)", "host=h password=' \(secret)",
      "pasword=\(secret)", "host=\(secret) password=\(secret) connect_timeout=2",
    ])
  func noSecrets(conninfo: String) {
    let error = failure(ConnectionTarget(conninfo: conninfo, applicationName: "redress tests"))
    #expect(error != nil)
    #expect(error?.description.contains(secret) == false, "\(String(describing: error))")
    #expect(error?.message.isEmpty == false)
  }

  @Test("the name of the application is a default")
  func applicationName() throws {
    let database = try TestDatabase()
    let sql = "SELECT application_name FROM pg_stat_activity WHERE pid = pg_backend_pid()"
    let first = try Connection(database.target)
    #expect(try first.textRows(sql) == [["redress tests"]])
    let second = try Connection(
      ConnectionTarget(
        conninfo: database.conninfo + " application_name=mine client_encoding=LATIN1",
        applicationName: "redress tests"))
    #expect(try second.textRows(sql) == [["mine"]])
    #expect(second.parameterStatus("client_encoding") == "UTF8")
  }
}

@Suite("A server that stalls")
struct StallTests {
  private func connect(_ relay: Relay, _ database: TestDatabase) throws -> Connection {
    try Connection(
      ConnectionTarget(
        conninfo: "\(relay.place) user=\(TestServer.user) dbname=\(database.name)",
        applicationName: "redress tests", ioTimeoutSeconds: 1))
  }

  /// The elapsed time in seconds, by the monotonic clock.
  private func seconds(_ body: () throws -> Void) rethrows -> Double {
    let clock = ContinuousClock()
    let time = try clock.measure { try body() }
    return Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
  }

  @Test("a statement ends in time", arguments: [Relay.Listening.tcp, .unixSocket])
  func statement(listening: Relay.Listening) throws {
    let relay = try Relay(listening)
    defer { relay.stop() }
    let database = try TestDatabase()
    let connection = try connect(relay, database)
    relay.stall()
    let time = seconds {
      let error = #expect(throws: PostgresError.self) { try connection.execute("SELECT 1") }
      #expect(error?.kind == .timedOut)
    }
    #expect(time < 10)
    #expect(connection.isUsable == false)
  }

  @Test(
    "a reader ends in time, and dropping it does not wait",
    arguments: [Relay.Listening.tcp, .unixSocket])
  func reader(listening: Relay.Listening) throws {
    let relay = try Relay(listening)
    defer { relay.stop() }
    let database = try TestDatabase()
    let time = try seconds {
      let connection = try connect(relay, database)
      var reader = try connection.copyOut(
        "COPY (SELECT generate_series(1, 100000000)) TO STDOUT (FORMAT binary)")
      #expect(try reader.next())
      relay.stall()
      do throws(PostgresError) {
        while try reader.next() {}
        Issue.record("no time-out")
      } catch {
        #expect(error.kind == .timedOut)
      }
    }
    #expect(time < 10)
  }

  @Test("a reader that is dropped while the server stalls does not wait for long")
  func droppedReader() throws {
    let relay = try Relay(.unixSocket)
    defer { relay.stop() }
    let database = try TestDatabase()
    let time = try seconds {
      let connection = try connect(relay, database)
      var reader = try connection.copyOut(
        "COPY (SELECT generate_series(1, 100000000)) TO STDOUT (FORMAT binary)")
      #expect(try reader.next())
      relay.stall()
    }
    #expect(time < 10)
  }

  @Test(
    "a writer ends in time and keeps no more than a few buffers",
    arguments: [Relay.Listening.tcp, .unixSocket])
  func writer(listening: Relay.Listening) throws {
    let relay = try Relay(listening)
    defer { relay.stop() }
    let database = try TestDatabase()
    try database.execute("CREATE TABLE public.t (a int4)")
    let rows = CopyRowBuffer()
    for key in 0..<10_000 {
      rows.beginRow(columns: 1)
      rows.append(int32: Int32(key))
    }
    let time = try seconds {
      let connection = try connect(relay, database)
      var writer = try connection.copyIn("COPY public.t FROM STDIN (FORMAT binary)")
      try writer.put(rows)
      relay.stall()
      do throws(PostgresError) {
        // The sockets' buffers hold a few megabytes.
        for _ in 0..<1_000 { try writer.put(rows) }
        Issue.record("no time-out")
      } catch {
        #expect(error.kind == .timedOut)
      }
      #expect(writer.bytesSent < 50_000_000)
    }
    #expect(time < 20)
    relay.stop()
    #expect(try sessionsLeft(database) == 0)
    #expect(try database.value("SELECT count(*) FROM public.t") == "0")
  }

  @Test("a stall that is over in time is none")
  func shortStall() throws {
    let relay = try Relay(.tcp)
    defer { relay.stop() }
    let database = try TestDatabase()
    let connection = try connect(relay, database)
    relay.stall()
    try startThread {
      usleep(300_000)
      relay.resume()
    }
    #expect(try connection.textRows("SELECT 1") == [["1"]])
  }

  @Test("a connection that is cut ends the statement at once")
  func cut() throws {
    let relay = try Relay(.unixSocket)
    defer { relay.stop() }
    let database = try TestDatabase()
    let connection = try connect(relay, database)
    relay.cut()
    let error = #expect(throws: PostgresError.self) { try connection.execute("SELECT pg_sleep(1)") }
    #expect(error?.kind == .connection)
    #expect(error?.isRetrySafe == false)
  }
}
