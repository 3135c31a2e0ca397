import Postgres
import Testing

/// What observations come to as stretches of time.
@Suite("observed terms and severities")
struct ObservedTermTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Day of November 2026 on which it was seen, and the rest of the row: fee (nil for gone), since, until.
    let seen: [(day: Int, fee: Int?, since: String?, until: String?)]
    /// `fee from to`
    let terms: [String]

    init(
      _ name: String, _ seen: [(day: Int, fee: Int?, since: String?, until: String?)],
      _ terms: [String]
    ) {
      testDescription = name
      self.seen = seen
      self.terms = terms
    }
  }

  static let cases = [
    Case("nothing is known of the time before it was seen", [(1, 50, nil, nil)], ["50 11-01 -"]),
    Case("the source knows since when", [(1, 50, "2026-10-01", nil)], ["50 10-01 -"]),
    Case(
      "a new fee begins when it was seen",
      [(1, 50, "2026-10-01", nil), (9, 70, "2026-10-01", nil)],
      ["50 10-01 11-09", "70 11-09 -"]),
    Case(
      "a new fee begins when the source says",
      [(1, 50, "2026-10-01", nil), (9, 70, "2026-11-05", nil)],
      ["50 10-01 11-05", "70 11-05 -"]),
    Case(
      "a beginning that is told for the first time is not the new fee's",
      [(1, 50, nil, nil), (9, 70, "2026-10-01", nil)], ["50 11-01 11-09", "70 11-09 -"]),
    Case(
      "an earlier beginning is not the new fee's",
      [(1, 50, "2026-10-05", nil), (9, 70, "2026-10-01", nil)], ["50 10-05 11-09", "70 11-09 -"]),
    Case(
      "another end is no other term",
      [(1, 50, nil, nil), (3, 50, nil, "2026-12-01"), (5, 50, nil, nil)],
      ["50 11-01 -"]),
    Case(
      "an end that was announced holds", [(1, 50, nil, "2026-11-20"), (28, nil, nil, nil)],
      ["50 11-01 11-20"]),
    Case(
      "what is missed has ended by then", [(1, 50, nil, "2026-12-20"), (28, nil, nil, nil)],
      ["50 11-01 11-28"]),
    Case(
      "what was never away comes back without a gap",
      [(1, 50, "2026-10-01", nil), (5, nil, nil, nil), (9, 50, "2026-10-01", nil)],
      ["50 10-01 11-05", "50 11-05 -"]),
    Case(
      "what comes back without a beginning begins then",
      [(1, 50, nil, nil), (5, nil, nil, nil), (9, 50, nil, nil)], ["50 11-01 11-05", "50 11-09 -"]),
    Case(
      "a later term ends the one before, whatever end that had",
      [(1, 50, "2026-10-01", "2027-10-01"), (9, 70, "2026-10-01", nil)],
      ["50 10-01 11-09", "70 11-09 -"]),
    Case(
      "a gap between an end and a later beginning stays",
      [(1, 50, "2026-10-01", "2026-11-03"), (9, 70, "2026-11-06", nil)],
      ["50 10-01 11-03", "70 11-06 -"]),
    Case(
      "a clock that was set back turns no term around",
      [(9, 50, nil, nil), (5, 70, nil, nil), (12, 90, nil, nil)], ["70 11-09 11-12", "90 11-12 -"]),
  ]

  @Test(arguments: cases)
  func terms(_ row: Case) throws {
    try LedgerDatabase.with { database in
      let owner = try database.connect()
      for (position, seen) in row.seen.enumerated() {
        func time(_ text: String?) -> String { text.map { "'\($0)Z'" } ?? "NULL" }
        let shown =
          seen.fee.map { "'C', 'S', 'basic', \($0), 'USD'" } ?? "NULL, NULL, NULL, NULL, NULL"
        try owner.execute(
          """
          INSERT INTO redress.term_observation VALUES (
            'SUB', \(position + 1), make_timestamptz(2026, 11, \(seen.day), 0, 0, 0, 'UTC'), 'somebody',
            \(seen.fee == nil), \(shown), \(time(seen.since)), \(time(seen.until)))
          """)
      }
      #expect(
        try owner.column(
          """
          SELECT concat_ws(' ', monthly_fee, to_char(valid_from, 'MM-DD'), coalesce(to_char(valid_to, 'MM-DD'), '-'))
          FROM redress.observed_term ORDER BY valid_from
          """) == row.terms)
    }
  }

  @Test("a severity lasts until another was seen, or none any more")
  func severities() throws {
    try LedgerDatabase.with { database in
      let owner = try database.connect()
      try owner.execute(
        """
        INSERT INTO redress.severity_observation VALUES
          ('I', '', '', 1, '2026-11-01 10:00Z', 'x', false, 'P1', '2026-11-01 09:50Z'),
          ('I', '', '', 2, '2026-11-01 10:30Z', 'x', false, 'P0', '2026-11-01 09:50Z'),
          ('I', '', '', 3, '2026-11-01 11:00Z', 'x', true, NULL, NULL),
          ('I', '', '', 4, '2026-11-01 12:00Z', 'x', false, 'P0', NULL),
          ('I', 'S', 'C', 1, '2026-11-01 10:00Z', 'x', false, 'P2', NULL)
        """)
      #expect(
        try owner.column(
          """
          SELECT concat_ws(' ', severity, coalesce(service_id, 'all'), coalesce(customer_id, 'all'),
            to_char(started_at, 'HH24:MI'), coalesce(to_char(ended_at, 'HH24:MI'), '-'))
          FROM redress.observed_severity ORDER BY service_id NULLS FIRST, started_at
          """) == [
            "P1 all all 09:50 10:30", "P0 all all 10:30 11:00", "P0 all all 12:00 -",
            "P2 S C 10:00 -",
          ])
    }
  }
}
