import Postgres
import TestSupport
import Testing

/// What views may use to say a source's fees, amounts, zones and times in the form of the contract.
@Suite("Functions for mappings")
struct MappingFunctionsTests {
  /// A call without its schema, and its result as text; `nil` is null.
  typealias Case = (call: String, result: String?)

  static let fees: [Case] = [
    ("monthly_fee(5, 'week')", "21.666667"),
    ("monthly_fee(10, 'week', 2)", "21.666667"),
    ("monthly_fee(1000, 'year')", "83.333333"),
    ("monthly_fee(1000, 'year', 2)", "41.666667"),
    ("monthly_fee(99.99, 'quarter')", "33.330000"),
    ("monthly_fee(6, 'month', 6)", "1.000000"),
    ("monthly_fee(12, 'day')", "365.000000"),
    ("monthly_fee(360, 'day', 30)", "365.000000"),
    ("monthly_fee(49, 'month')", "49.000000"),
    ("monthly_fee(49, 'Months')", "49.000000"),
    ("monthly_fee(49, 'MONTHLY')", "49.000000"),
    ("monthly_fee(52, 'ANNUAL')", "4.333333"),
    // Half up on the magnitude, once: 0.0000005 is just a half.
    ("monthly_fee(0.000006, 'year')", "0.000001"),
    ("monthly_fee(0.00000599, 'year')", "0.000000"),
    ("monthly_fee(-0.000006, 'year')", "-0.000001"),
    ("monthly_fee(-1000, 'year')", "-83.333333"),
    // No digit is lost where a division of numerics would keep 16.
    ("monthly_fee(100000000000000000000, 'year')", "8333333333333333333.333333"),
    ("monthly_fee(0, 'day')", "0.000000"),
    ("monthly_fee(NULL, 'day')", nil),
    ("monthly_fee(1, NULL)", nil),
    ("monthly_fee(1, 'day', NULL)", nil),
    ("monthly_fee('NaN', 'day')", "NaN"),
  ]

  static let amounts: [Case] = [
    ("major_units(1050, 'USD')", "10.50"),
    ("major_units(1050::bigint, 'usd')", "10.50"),
    ("major_units(1050::smallint, 'Usd', 'ISO')", "10.50"),
    ("major_units(0.5, 'USD')", "0.005"),
    ("major_units(-1050, 'USD')", "-10.50"),
    ("major_units(2500, 'JPY')", "2500"),
    ("major_units(1234, 'KWD')", "1.234"),
    ("major_units(1234, 'CLF')", "0.1234"),
    ("major_units(9223372036854775807, 'USD')", "92233720368547758.07"),
    ("major_units(1500, 'ISK')", "1500"),
    ("major_units(1500, 'MGA')", "15.00"),
    ("major_units(1500, 'isk', 'stripe')", "15.00"),
    ("major_units(1500, 'UGX', 'stripe')", "15.00"),
    ("major_units(1500, 'MGA', 'stripe')", "1500"),
    ("major_units(1500, 'JPY', 'Stripe')", "1500"),
    ("major_units(1500, 'HUF', 'stripe')", "15.00"),
    ("major_units(1234, 'KWD', 'stripe')", "1.234"),
    ("major_units('NaN', 'USD')", "NaN"),
    ("major_units(1, 'XYZ')", nil),
    ("major_units(1, '', 'stripe')", nil),
    ("major_units(NULL, 'USD')", nil),
    ("major_units(1, NULL)", nil),
    ("major_units(1, 'USD', NULL)", nil),
  ]

  static let zones: [Case] = [
    ("time_zone('Europe/Berlin')", "Europe/Berlin"),
    ("time_zone(' Europe/Berlin ')", "Europe/Berlin"),
    ("time_zone('europe/berlin')", "Europe/Berlin"),
    ("time_zone('EUROPE/BERLIN')", "Europe/Berlin"),
    ("time_zone('America/port_of_spain')", "America/Port_of_Spain"),
    ("time_zone('America/Port_Of_Spain')", "America/Port_of_Spain"),
    ("time_zone('america/argentina/rio_gallegos')", "America/Argentina/Rio_Gallegos"),
    ("time_zone('Antarctica/Mcmurdo')", "Antarctica/McMurdo"),
    ("time_zone('utc')", "UTC"),
    ("time_zone('Z')", "UTC"),
    ("time_zone('Etc/GMT-2')", "Etc/GMT-2"),
    ("time_zone('EST5EDT')", "EST5EDT"),
    ("time_zone('+02:00')", "Etc/GMT-2"),
    ("time_zone('+2')", "Etc/GMT-2"),
    ("time_zone('UTC+0200')", "Etc/GMT-2"),
    ("time_zone('gmt-05:00')", "Etc/GMT+5"),
    ("time_zone('+14:00')", "Etc/GMT-14"),
    ("time_zone('-12:00')", "Etc/GMT+12"),
    ("time_zone('+00:00')", "UTC"),
    ("time_zone('-00:00')", "UTC"),
    // What is no zone is the customer's finding, not the end of the night.
    ("time_zone('+15:00')", "+15:00"),
    ("time_zone('-13')", "-13"),
    ("time_zone('+05:30')", "+05:30"),
    ("time_zone('Mars/Olympus')", "Mars/Olympus"),
    ("time_zone('mars/olympus')", "mars/olympus"),
    ("time_zone('PST')", "PST"),
    ("time_zone('')", nil),
    ("time_zone(E' \\t')", nil),
    ("time_zone(NULL)", nil),
  ]

  static let times: [Case] = [
    ("instant(0)", "1970-01-01 00:00:00+00"),
    ("instant(1790812800)", "2026-10-01 00:00:00+00"),
    ("instant(1790812800.000001)", "2026-10-01 00:00:00.000001+00"),
    ("instant(1790812799.9999995)", "2026-10-01 00:00:00+00"),
    ("instant(-0.000001)", "1969-12-31 23:59:59.999999+00"),
    ("instant(-86400)", "1969-12-31 00:00:00+00"),
    ("instant(1790812800123::bigint, 'millisecond')", "2026-10-01 00:00:00.123+00"),
    ("instant(1790812800123456, 'Microsecond')", "2026-10-01 00:00:00.123456+00"),
    // Milliseconds that are taken for seconds stay implausible.
    ("instant(1790812800123)", "58718-08-08 00:02:03+00"),
    ("instant(1790812800123456)", "infinity"),
    ("instant(-1790812800123456)", "-infinity"),
    ("instant('NaN')", "infinity"),
    ("instant(9000000000000)", "287168-08-24 16:00:00+00"),
    ("instant(NULL)", nil),
    ("instant(1, NULL)", nil),
  ]

  static let refusals: [(call: String, message: String, hint: String)] = [
    (
      "monthly_fee(1, 'fortnight')", "'fortnight' is no period",
      "Write day, week, month, quarter or year"
    ),
    ("monthly_fee(1, '')", "'' is no period", "Write day"),
    ("monthly_fee(1, 'month', 0)", "for 0 periods", "1 or more"),
    ("monthly_fee(1, 'month', -3)", "for -3 periods", "1 or more"),
    ("major_units(1, 'USD', 'adyen')", "'adyen' is no convention", "iso"),
    ("instant(1, 'day')", "'day' is no unit", "millisecond"),
  ]

  @Test("at their edges, whatever the session's settings")
  func edges() throws {
    try LedgerDatabase.with(sourceTables: false) { database in
      let connection = try database.connect()
      for settings in ["", "SET search_path = redress, public"] {
        if !settings.isEmpty { try connection.execute(settings) }
        for (call, result) in Self.fees + Self.amounts + Self.zones {
          #expect(
            try connection.value("SELECT (redress.\(call))::text") == result ?? "∅", "\(call)")
        }
      }
      // Midnight of a day of 25 hours in the session's zone is not midnight in UTC.
      try connection.execute("SET TimeZone = 'America/Havana'")
      for (call, result) in Self.times {
        let text =
          "SELECT replace((redress.\(call) AT TIME ZONE 'UTC')::text || '+00', 'infinity+00', 'infinity')"
        #expect(try connection.value(text) == result ?? "∅", "\(call)")
      }
    }
  }

  @Test("what is wrong in the view itself is an error that says what may be written")
  func refused() throws {
    try LedgerDatabase.with(sourceTables: false) { database in
      let connection = try database.connect()
      for (call, message, hint) in Self.refusals {
        let error = #expect(throws: PostgresError.self, "\(call)") {
          try connection.execute("SELECT redress.\(call)")
        }
        #expect(error?.sqlState == "22023", "\(call)")
        #expect(error?.message.contains(message) == true, "\(call): \(error?.message ?? "")")
        #expect(error?.hint?.contains(hint) == true, "\(call): \(error?.hint ?? "")")
      }
    }
  }

  /// The names that are not looked up are those for which that changes nothing.
  @Test("every name that the server knows is its own")
  func ownNames() throws {
    try LedgerDatabase.with(sourceTables: false) { database in
      let connection = try database.connect()
      let wrong = try connection.column(
        """
        SELECT given.name
        FROM pg_timezone_names AS zone
        CROSS JOIN LATERAL (VALUES (zone.name), (initcap(zone.name))) AS given (name)
        WHERE given.name ~ '^(Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)/[A-Z][a-z]+(_[A-Z][a-z]+)*$'
          AND redress.time_zone(given.name) <> zone.name
        """)
      #expect(wrong == [])
    }
  }

  @Test("an index may use what depends on no setting, and the job may call all")
  func indexableAndGranted() throws {
    try LedgerDatabase.with(sourceTables: false) { database in
      let connection = try database.connect()
      try connection.execute(
        """
        CREATE TABLE public.price (cents bigint, currency text, period text, at bigint);
        CREATE INDEX ON public.price (redress.monthly_fee(redress.major_units(cents, currency), period));
        CREATE INDEX ON public.price (redress.instant(at));
        SET ROLE redress_job;
        SELECT redress.monthly_fee(redress.major_units(1, 'USD'), 'week'), redress.time_zone('z'), redress.instant(1);
        """)
    }
  }
}
