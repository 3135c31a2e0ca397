import FoundationEssentials
import Testing

/// The same rows give the same ledger, in any order of the rows and with any collations of the
/// columns.
struct SourceOrderTests {
  /// Everything that a run has recorded.
  private static let ledger = """
    SELECT 'credit', to_jsonb(c)::text FROM redress.credit AS c
    UNION ALL SELECT 'line', to_jsonb(a)::text FROM redress.invoice_adjustment AS a
    UNION ALL SELECT 'finding', to_jsonb(f)::text FROM redress.finding AS f
    UNION ALL SELECT 'evidence', to_jsonb(e)::text FROM redress.incident_evidence AS e
    ORDER BY 1, 2
    """

  private func night(_ database: SourceDatabase, _ folder: URL) async throws -> Table {
    let finished = try await database.redress(
      [
        "run", "--quiet", "--approve-limits", "--approved-by=tests", "--reason=first load",
        "--output", folder.path(),
      ]
        + ["--as-of", "2026-11-02T04:30:00Z"])
    #expect(finished.exitCode == 3, "\(finished.errors)")
    return try await database.rows(SourceOrderTests.ledger)
  }

  private func month() async throws -> SourceDatabase {
    let database = try await SourceDatabase()
    try await database.load(Checkout.fixtures.appending(path: "demo-month"))
    return database
  }

  /// Views with the columns of the tables: all texts in one collation, or in several.
  private static func views(_ collations: [String]) -> [String] {
    let list = collations.map { "'\($0)'" }.joined(separator: ", ")
    return [
      """
      CREATE COLLATION public.nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
      CREATE SCHEMA kept;
      """,
      """
      DO $$
      DECLARE
        relation record;
        column_list text;
      BEGIN
        FOR relation IN SELECT oid, relname FROM pg_class
                         WHERE relnamespace = 'redress_source'::regnamespace AND relkind = 'r' ORDER BY relname LOOP
          SELECT string_agg(format('%I %s AS %I', attname,
                                   CASE WHEN atttypid = 'text'::regtype
                                     THEN (ARRAY[\(list)])[1 + (attnum + length(relation.relname)) % \(collations.count)]
                                   END, attname), ', ' ORDER BY attnum)
            INTO column_list
            FROM pg_attribute WHERE attrelid = relation.oid AND attnum > 0 AND NOT attisdropped;
          EXECUTE format('ALTER TABLE redress_source.%I SET SCHEMA kept', relation.relname);
          EXECUTE format('CREATE VIEW redress_source.%I AS SELECT %s FROM kept.%I',
                         relation.relname, column_list, relation.relname);
        END LOOP;
      END $$
      """,
    ]
  }

  @Test(arguments: [
    ["COLLATE public.nocase"],
    ["COLLATE public.nocase", "COLLATE \"POSIX\"", "COLLATE \"de-x-icu\"", ""],
    ["COLLATE \"en-x-icu\"", "COLLATE public.nocase", "COLLATE \"C\""],
  ])
  func collationsOfColumnsDoNotMatter(collations: [String]) async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let plain = try await night(try await month(), folder)
        let database = try await month()
        try await database.psql(SourceOrderTests.views(collations))
        let other = folder.appending(path: "views")
        try FileManager.default.createDirectory(at: other, withIntermediateDirectories: true)
        let viewed = try await night(database, other)
        #expect(plain == viewed)
        #expect(plain.rows.count > 50)
        for arguments in [
          ["check", "--as-of", "2026-11-02T04:30:00Z"], ["verify"],
          ["explain", "--customer", "CUS-1001"], ["audit", "--month", "2026-10"],
        ] {
          let finished = try await database.redress(arguments)
          #expect(finished.exitCode != 1, "\(arguments): \(finished.errors)")
        }
      }
    }
  }

  /// Ids that are equal in a collation are different ids.
  @Test func idsThatDifferInCaseAreTwo() async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        let source = try await DoubtfulSource(in: folder)
        try await source.database.psql(
          [
            """
            INSERT INTO redress_source.customer VALUES ('c1', 'small', 'gold');
            INSERT INTO redress_source.service VALUES ('s', 'small');
            INSERT INTO redress_source.incident VALUES
              ('I2', 'Own', 'P0', 'resolved', '2026-11-12 10:00Z', NULL, '2026-11-12 12:00Z'),
              ('I3', 'Service', 'P0', 'resolved', '2026-11-13 10:00Z', NULL, '2026-11-13 12:00Z'),
              ('I4', 'Severity', 'P0', 'resolved', '2026-11-14 10:00Z', NULL, '2026-11-14 12:00Z');
            -- Windows of another customer, of another service and of no severity.
            INSERT INTO redress_source.outage VALUES
              ('I2', 'P0', NULL, 'c1', '2026-11-12 10:00Z', '2026-11-12 12:00Z'),
              ('I3', 'P0', 's', 'C1', '2026-11-13 10:00Z', '2026-11-13 12:00Z'),
              ('I4', 'p0', NULL, 'C1', '2026-11-14 10:00Z', '2026-11-14 12:00Z');
            """
          ] + SourceOrderTests.views(["COLLATE public.nocase"]))
        #expect(
          try await source.night() == ["unknown_severity outage I4 / 2026-11-14T10:00:00Z"])
        #expect(try await source.credits() == DoubtfulRowTests.both)
      }
    }
  }

  /// Rows of every relation in another order, including duplicate rows.
  @Test(arguments: ["ASC", "DESC"], ["ctid", "md5(t::text)"])
  func orderOfRowsDoesNotMatter(direction: String, order: String) async throws {
    try await Slots.shared.with {
      try await withTemporaryFolder { folder in
        var ledgers: [Table] = []
        for shuffles in [false, true] {
          let own = folder.appending(path: "\(shuffles)")
          try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
          let source = try await DoubtfulSource(in: own)
          try await source.database.load(Checkout.fixtures.appending(path: "demo-month"))
          try await source.database.psql([SourceOrderTests.doubled])
          if shuffles {
            try await source.database.psql(
              """
              DO $$
              DECLARE relation regclass;
              BEGIN
                FOR relation IN SELECT oid FROM pg_class
                                 WHERE relnamespace = 'redress_source'::regnamespace AND relkind = 'r' LOOP
                  EXECUTE format('CREATE TEMP TABLE kept ON COMMIT DROP AS SELECT * FROM %s AS t ORDER BY \(order) \(direction)', relation);
                  EXECUTE format('TRUNCATE %s', relation);
                  EXECUTE format('INSERT INTO %s SELECT * FROM kept', relation);
                  DROP TABLE kept;
                END LOOP;
              END $$
              """)
          }
          ledgers.append(try await night(source.database, own))
        }
        #expect(ledgers[0] == ledgers[1])
        #expect(ledgers[0].rows.contains { $0[1].contains("duplicate_row") })
      }
    }
  }

  /// A second row with the same key and other contents, in every relation that has a key.
  private static let doubled = """
    INSERT INTO redress_source.customer SELECT customer_id, name || '!', 'basic', 'Asia/Tokyo', NULL
      FROM redress_source.customer WHERE customer_id IN ('C1', 'CUS-1002');
    INSERT INTO redress_source.service SELECT service_id, 'Other' FROM redress_source.service ORDER BY service_id LIMIT 1;
    INSERT INTO redress_source.incident SELECT incident_id, 'Other', 'P2', 'void', started_at, NULL, NULL, 'x'
      FROM redress_source.incident ORDER BY incident_id LIMIT 1;
    INSERT INTO redress_source.subscription_term
    SELECT subscription_id, customer_id, service_id, 'other', 1, 'EUR', valid_from, NULL
      FROM redress_source.subscription_term ORDER BY subscription_id DESC LIMIT 3;
    INSERT INTO redress_source.outage SELECT * FROM redress_source.outage;
    INSERT INTO redress_source.exclusion SELECT exclusion_id, 'force_majeure', NULL, NULL, '2026-10-01Z', '2026-10-20Z'
      FROM redress_source.exclusion ORDER BY exclusion_id LIMIT 1;
    INSERT INTO redress_source.invoice SELECT invoice_id, 'C2', 'EUR', 'void', '2026-01-01', 5
      FROM redress_source.invoice WHERE status = 'draft' ORDER BY invoice_id LIMIT 2;
    INSERT INTO redress_source.subscription_term VALUES
      ('EMPTY', 'C2', 'S', 'a', 5, 'USD', '2026-01-01Z', '2026-01-01Z'),
      ('EMPTY', 'C2', 'S', 'b', 7, 'USD', '2026-01-01Z', NULL);
    """
}
