import Postgres
import Testing

/// Section 1 of the credit rules: PostgreSQL calculates when months begin, even if midnight does
/// not exist or occurs twice.
@Suite("redress.month_start")
struct MonthStartTests {
  @Test("the edges that clocks have")
  func edges() throws {
    let cases: [(name: String, zone: String, day: String, start: String)] = [
      ("UTC", "UTC", "2026-10-01", "2026-10-01 00:00:00"),
      ("any day of the month", "UTC", "2026-10-31", "2026-10-01 00:00:00"),
      ("leap year", "UTC", "2028-02-29", "2028-02-01 00:00:00"),
      ("ahead of UTC", "Asia/Tokyo", "2026-10-01", "2026-09-30 15:00:00"),
      ("behind UTC", "America/New_York", "2026-10-01", "2026-10-01 04:00:00"),
      ("half hours", "Asia/Kolkata", "2026-10-01", "2026-09-30 18:30:00"),
      ("a zone's name in any case", "europe/berlin", "2026-07-01", "2026-06-30 22:00:00"),
      // Clocks went back at 1:00, and midnight came twice.
      ("two midnights", "America/Havana", "2026-11-01", "2026-11-01 04:00:00"),
      // Clocks went back at 0:01, to 23:01 of the day before.
      ("back over midnight", "America/St_Johns", "2009-11-01", "2009-11-01 02:30:00"),
      // Clocks went from 0:00 to 1:00.
      ("no midnight", "Asia/Amman", "2016-04-01", "2016-03-31 22:00:00"),
      // Clocks went from 0:00 back to 23:00, so that midnight came once, later.
      ("back at midnight", "America/Asuncion", "2012-04-08", "2012-04-01 03:00:00"),
      ("before a change", "Europe/London", "2026-10-01", "2026-09-30 23:00:00"),
      ("a year's end", "Pacific/Kiritimati", "2026-01-01", "2025-12-31 10:00:00"),
    ]
    try LedgerDatabase.with(sourceTables: false) { database in
      let connection = try database.connect()
      // The session's time zone must not affect the result. The last one has a day of 26 hours, 31
      // October.
      for session in ["UTC", "Asia/Amman", "AAA0BBB-2,J100/0,J304/12"] {
        try connection.execute("SET TimeZone = '\(session)'")
        for (name, zone, day, start) in cases {
          #expect(
            try connection.value(
              "SELECT (redress.month_start('\(zone)', '\(day)') AT TIME ZONE 'UTC')::text")
              == start,
            "\(name)")
        }
      }
    }
  }

  @Test("months in a row, each ending where the next begins")
  func monthsInARow() throws {
    try LedgerDatabase.with(sourceTables: false) { database in
      let connection = try database.connect()
      #expect(
        try connection.column(
          """
          SELECT concat_ws(' ', month, starts_at, ends_at)
          FROM redress.month_starts('America/Havana', '2026-10-15', '2026-12-01')
          """) == [
            "2026-10-01 2026-10-01 04:00:00+00 2026-11-01 04:00:00+00",
            "2026-11-01 2026-11-01 04:00:00+00 2026-12-01 05:00:00+00",
            "2026-12-01 2026-12-01 05:00:00+00 2027-01-01 05:00:00+00",
          ])
      #expect(
        try connection.column(
          "SELECT month::text FROM redress.month_starts('UTC', '2026-12-01', '2026-10-01')") == [])
    }
  }

  @Test("what is no zone and what is no month")
  func refusals() throws {
    try LedgerDatabase.with(sourceTables: false) { database in
      let connection = try database.connect()
      #expect(
        try connection.refusal("SELECT redress.month_start('Asia/Nowhere', '2026-10-01')")
          == "22023")
      #expect(try connection.refusal("SELECT redress.month_start('UTC', 'infinity')") == "22023")
      #expect(try connection.value("SELECT redress.month_start(NULL, '2026-10-01')::text") == "∅")
    }
  }

  @Test("every zone, every month from 1970 to 2037: the first instant of the first day")
  func everyZone() throws {
    try LedgerDatabase.with(sourceTables: false) { database in
      let connection = try database.connect()
      try connection.execute(
        """
        CREATE TEMPORARY TABLE start AS
        SELECT name AS zone, midnight, redress.month_start(name, midnight::date) AS at
        FROM pg_timezone_names,
          generate_series(timestamp '1970-01-01', '2037-12-01', interval '1 month') AS midnight
        WHERE name NOT LIKE 'posix/%'
        """)
      #expect(
        try connection.value(
          "SELECT (count(DISTINCT zone) > 300 AND count(*) > 300 * 816)::text FROM start") == "true"
      )
      #expect(
        try connection.column(
          """
          SELECT concat_ws(' ', zone, midnight, at) FROM start
          WHERE (at AT TIME ZONE zone)::date <> midnight::date
            OR (at - interval '1 microsecond') AT TIME ZONE zone >= midnight
          """) == [])
      // If clocks go back, the day may have begun earlier, but not within four hours.
      #expect(
        try connection.column(
          """
          SELECT concat_ws(' ', zone, midnight, at)
          FROM start, generate_series(15, 240, 15) AS minutes
          WHERE (at - minutes * interval '1 minute') AT TIME ZONE zone >= midnight
          """) == [])
    }
  }
}
