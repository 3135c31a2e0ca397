import Postgres
import SeededRandom
import TestSupport
import Testing

/// The binary form of a numeric, from its parts.
private func numeric(
  digits: [UInt16], weight: Int16, sign: UInt16 = 0, scale: UInt16 = 0, count: UInt16? = nil
) -> [UInt8] {
  let halves =
    [count ?? UInt16(digits.count), UInt16(bitPattern: weight), sign, scale] + digits
  return halves.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
}

private func decoded(_ bytes: [UInt8], decimals: Int = 6) throws -> NumericValue {
  var decoder = CopyRowDecoder(columns: 1)
  let message = Stream.header + Stream.row([bytes])
  return try message.withUnsafeBytes { message in
    try decoder.load(message)
    _ = try decoder.next()
    return try decoder.numeric(0, decimals: decimals)
  }
}

@Suite("numeric")
struct NumericTests {
  @Test(
    "what the server sends is read exactly",
    arguments: [
      ("0", .micros(0)), ("0.000000", .micros(0)), ("0.000001", .micros(1)),
      ("-0.000001", .micros(-1)), ("0.0000001", .tooPrecise), ("0.0000009", .tooPrecise),
      ("1.0000000", .micros(1_000_000)), ("1.00000000000000000001", .tooPrecise),
      ("1", .micros(1_000_000)), ("-1", .micros(-1_000_000)), ("83.333333", .micros(83_333_333)),
      ("9999", .micros(9_999_000_000)), ("10000", .micros(10_000_000_000)),
      ("10000.0001", .micros(10_000_000_100)), ("9999.9999", .micros(9_999_999_900)),
      ("100000000", .micros(100_000_000_000_000)),
      ("9223372036854.775806", .micros(.max - 1)), ("9223372036854.775807", .micros(.max)),
      ("9223372036854.775808", .outOfRange), ("9223372036854.7758071", .tooPrecise),
      ("-9223372036854.775808", .micros(.min)), ("-9223372036854.775809", .outOfRange),
      ("1e13", .outOfRange), ("1e130", .outOfRange), ("-1e130", .outOfRange),
      ("1e130 + 0.0000001", .outOfRange), ("1e-130", .tooPrecise), ("'NaN'", .notANumber),
      ("round(0.1234567, 6)", .micros(123_457)),
    ] as [(String, NumericValue)])
  func fromServer(expression: String, expected: NumericValue) throws {
    let connection = try Connection(TestServer.administrator)
    try connection.query("SELECT \(expression)::numeric") { row in
      let value = try row.numericMicros(0)
      #expect(value == expected)
    }
  }

  @Test("infinity is out of range", arguments: ["'infinity'", "'-infinity'"])
  func infinity(expression: String) throws {
    let connection = try Connection(TestServer.administrator)
    guard connection.serverVersion >= 140_000 else { return }
    try connection.query("SELECT \(expression)::numeric") { row in
      let value = try row.numericMicros(0)
      #expect(value == .outOfRange)
    }
  }

  @Test(
    "forms that the server does not send",
    arguments: [
      ("zero with a weight", numeric(digits: [0, 0], weight: 9), .micros(0)),
      ("zeros in front", numeric(digits: [0, 0, 7], weight: 2), .micros(7_000_000)),
      ("zeros behind", numeric(digits: [7, 0, 0, 0, 0, 0], weight: 0), .micros(7_000_000)),
      ("minus zero", numeric(digits: [], weight: 0, sign: 0x4000), .micros(0)),
      ("the largest weight", numeric(digits: [1], weight: .max), .outOfRange),
      ("the smallest weight", numeric(digits: [1], weight: .min), .tooPrecise),
      ("NaN with digits", numeric(digits: [1], weight: 0, sign: 0xC000), .notANumber),
    ] as [(String, [UInt8], NumericValue)])
  func odd(what: String, bytes: [UInt8], expected: NumericValue) throws {
    #expect(try decoded(bytes) == expected, "\(what)")
  }

  @Test(
    "bytes that are no numeric throw",
    arguments: [
      ("nothing", []), ("a byte too few", Array(numeric(digits: [1], weight: 0).dropLast())),
      ("a byte too many", numeric(digits: [1], weight: 0) + [0]),
      ("more digits announced", numeric(digits: [1], weight: 0, count: 2)),
      ("as many as can be announced", numeric(digits: [1], weight: 0, count: .max)),
      ("fewer digits announced", numeric(digits: [1, 2], weight: 0, count: 1)),
      ("a digit of 10000", numeric(digits: [10_000], weight: 0)),
      ("an unknown sign", numeric(digits: [1], weight: 0, sign: 0x8000)),
    ] as [(String, [UInt8])])
  func malformed(what: String, bytes: [UInt8]) {
    let error = #expect(throws: PostgresError.self, "\(what)") { try decoded(bytes) }
    #expect(error?.kind == .decoding)
  }

  @Test(
    "what is written has the decimals that it needs, and at least those asked for",
    arguments: [
      (0, 2, "0.00"), (0, 0, "0"), (1, 0, "0.000001"), (-1, 2, "-0.000001"),
      (1_000_000_000, 2, "1000.00"), (1_000_000_000, 0, "1000"), (83_333_333, 2, "83.333333"),
      (1_234_000, 2, "1.234"), (1_230_000, 3, "1.230"), (10_000_000_000, 2, "10000.00"),
      (99_990_000_000_000, 2, "99990000.00"), (100, 2, "0.0001"), (.max, 2, "9223372036854.775807"),
      (.min, 2, "-9223372036854.775808"),
    ] as [(Int64, Int, String)])
  func written(micros: Int64, minimumDecimals: Int, expected: String) throws {
    let database = try TestDatabase()
    try database.execute("CREATE TABLE public.t (n numeric)")
    let rows = CopyRowBuffer()
    rows.beginRow(columns: 1)
    rows.append(numericMicros: micros, minimumDecimals: minimumDecimals)
    var writer = try database.connect().copyIn("COPY public.t FROM STDIN (FORMAT binary)")
    try writer.put(rows)
    _ = try writer.finish()
    #expect(try database.value("SELECT n FROM public.t") == expected)
  }

  @Test("random values of every number of decimals survive the way there and back")
  func roundTrip() throws {
    let seed: UInt64 = 20_261_123
    var generator = SeededGenerator(seed: seed)
    var cases: [(value: Int64, decimals: Int)] = []
    for decimals in 0...18 {
      var values: [Int64] = [0, 1, -1, .max, .min, 9_999, 10_000, 10_001]
      for _ in 0..<100 {
        let shift = Int64.random(in: 0...62, using: &generator)
        values.append(Int64.random(in: .min ... .max, using: &generator) >> shift)
      }
      cases += values.map { ($0, decimals) }
    }
    let database = try TestDatabase()
    try database.execute("CREATE TABLE public.t (k int4, d int4, v int8, n numeric)")
    let rows = CopyRowBuffer()
    for (key, item) in cases.enumerated() {
      rows.beginRow(columns: 4)
      rows.append(int32: Int32(key))
      rows.append(int32: Int32(item.decimals))
      rows.append(int64: item.value)
      rows.append(numeric: item.value, decimals: item.decimals, minimumDecimals: 0)
    }
    var writer = try database.connect().copyIn("COPY public.t FROM STDIN (FORMAT binary)")
    try writer.put(rows)
    let connection = try writer.finish()
    // The server gives the value, and confirms that no decimal is superfluous.
    #expect(
      try connection.textRows(
        """
        SELECT count(*) FROM public.t
        WHERE n * (10::numeric ^ d) <> v OR n::text <> trim_scale(n)::text
        """) == [["0"]], "seed \(seed)")
    var reader = try connection.copyOut(
      "COPY (SELECT n FROM public.t ORDER BY k) TO STDOUT (FORMAT binary)")
    for item in cases {
      #expect(try reader.next())
      let found = try reader.numeric(0, decimals: item.decimals)
      #expect(found == .micros(item.value), "seed \(seed), \(item)")
    }
    #expect(try reader.next() == false)
    _ = try reader.finish()
  }
}
