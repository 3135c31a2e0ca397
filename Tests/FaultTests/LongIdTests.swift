import Glibc
import Postgres
import SeededRandom
import TestSupport
import Testing

/// Ids that are too long for an index of PostgreSQL, and equally long ids that fit.
struct LongIdTests {
  /// Text of this many bytes that cannot be compressed.
  private static func random(_ bytes: Int, _ seed: UInt64) -> String {
    var generator = SeededGenerator(seed: seed)
    let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_".utf8)
    return String(
      decoding: (0..<bytes).map { _ in letters[Int(generator.next() % 64)] }, as: UTF8.self)
  }

  private static func customer(_ id: String, _ subscription: String) -> String {
    """
    INSERT INTO redress_source.customer (customer_id, name, tier) VALUES ('\(id)', 'Long', 'gold');
    INSERT INTO redress_source.subscription_term
    VALUES ('\(subscription)', '\(id)', 'mail', 'basic', 100, 'USD', '2025-01-01');
    """
  }

  /// The source's own indexes must not refuse the ids; views have no indexes.
  private static let withoutIndexes = """
    ALTER TABLE redress_source.customer DROP CONSTRAINT customer_pkey;
    ALTER TABLE redress_source.invoice DROP CONSTRAINT invoice_pkey;
    DROP INDEX redress_source.invoice_unfinished_idx, redress_source.invoice_invoice_id_idx;
    DROP INDEX redress_source.subscription_term_customer_id_subscription_id_valid_from_idx;
    DROP INDEX redress_source.subscription_term_subscription_id_customer_id_idx;
    """

  @Test("keys that do not fit are reported, and everything else goes on")
  func keys() throws {
    let night = try SharedNight()
    let incident = LongIdTests.random(1000, 1)
    // Three key sizes: far too long; as long but easily compressed; just short enough.
    let (long, plain, fits) = (
      LongIdTests.random(1000, 2), String(repeating: "ab", count: 500), LongIdTests.random(790, 3)
    )
    try night.execute(
      LongIdTests.withoutIndexes + LongIdTests.customer(long, LongIdTests.random(1000, 4))
        + LongIdTests.customer(plain, plain) + LongIdTests.customer(fits, fits)
          + """
          INSERT INTO redress_source.incident (incident_id, title, severity, status, started_at, resolved_at)
          VALUES ('\(incident)', 'Long', 'P0', 'resolved', '2026-10-15 08:00+00', '2026-10-15 13:30+00');
          INSERT INTO redress_source.outage (incident_id, severity, service_id, started_at, ended_at)
          VALUES ('\(incident)', 'P0', 'mail', '2026-10-15 08:00+00', '2026-10-15 13:30+00');
          INSERT INTO redress_source.invoice VALUES
            ('\(plain)', '\(plain)', 'USD', 'draft', '2026-11-01', 1000),
            ('\(LongIdTests.random(2700, 5))', '\(fits)', 'USD', 'draft', '2026-11-01', 1000);
          """)
    func credits(_ customer: String) throws -> String? {
      try night.value(
        "SELECT count(*)::text FROM redress.credit WHERE customer_id = '\(customer)'")
    }
    try withFolder { folder in
      // The second run has the same findings and appends nothing.
      for number in 1...2 {
        let ending = try night.run(
          folder, options: ["--approve-limits", "--approved-by=tests", "--reason=first load"]
        ).end()
        #expect(ending.code == 3, "\(ending.errors)")
        let findings = try sh("cat '\(folder)/findings-run-\(number).csv'")
        #expect(
          findings.contains("id_too_long,subscription_term,\(long) / "), "\(findings)")
        #expect(findings.contains("have 1000, 1000 and 1000 bytes, too many"))
        #expect(findings.contains("id_too_long,invoice,"))
        #expect(findings.split(separator: "id_too_long").count == 3)
        // The outage affected every other customer too.
        #expect(try credits(long) == "1")
        #expect(try credits(plain) == "2")
        #expect(try credits(fits) == "2")
        #expect(try credits("c2") == "2")
      }
      #expect(
        try night.value(
          "SELECT count(*)::text FROM redress.invoice_adjustment WHERE customer_id = '\(plain)'")
          == "2")
      #expect(
        try night.value(
          "SELECT count(*)::text FROM redress.invoice_adjustment WHERE customer_id = '\(fits)'")
          == "0")
      try night.check(files: folder)
    }
  }

  @Test("a key of any length either has room or is reported")
  func everyLength() throws {
    let night = try SharedNight()
    // Only the customer's id, in steps of one byte around the limit; subscription and incident have
    // 8 bytes.
    var sql = LongIdTests.withoutIndexes
    for length in stride(from: 2560, through: 2720, by: 4) {
      sql += LongIdTests.customer(
        LongIdTests.random(length, UInt64(length)), String(UInt64(length) + 10_000))
    }
    try night.execute(sql)
    try withFolder { folder in
      let ending = try night.run(
        folder, options: ["--approve-limits", "--approved-by=tests", "--reason=first load"]
      ).end()
      #expect(ending.code == 3, "\(ending.errors)")
      #expect(try sh("cat '\(folder)/findings-run-1.csv'").contains("id_too_long"))
      let longest = try night.value(
        "SELECT max(octet_length(customer_id))::text FROM redress.credit")!
      #expect((2600...2700).contains(Int(longest)!), "\(longest)")
      try night.check(files: folder)
    }
  }
}
