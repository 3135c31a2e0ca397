import ServiceCredits
import Testing

@Suite struct ListedValueTests {
  @Test(
    "what was most likely meant",
    arguments: [
      ("voided", "void"), ("VOID", "void"), (" void ", "void"), ("cancelled", "void"),
      ("Deleted", "void"), ("DRAFT", "draft"), ("drafts", "draft"), ("finalised", "finalized"),
      ("paid", "finalized"), ("open", nil), ("x", nil), ("", nil),
    ] as [(String, String?)])
  func statuses(seen: String, meant: String?) {
    #expect(ListedValues.invoiceStatuses.meant(by: seen) == meant)
  }

  @Test(
    arguments: [
      ("maintenance", "scheduled_maintenance"), ("Scheduled Maintenance", "scheduled_maintenance"),
      ("customer-fault", "customer_fault"), ("FORCE_MAJEURE", "force_majeure"), ("holiday", nil),
    ] as [(String, String?)])
  func kinds(seen: String, meant: String?) {
    #expect(ListedValues.exclusionKinds.meant(by: seen) == meant)
  }

  @Test(
    arguments: [
      ("Resolved", "resolved"), ("closed", "resolved"), ("OPEN", "open"), ("voided", "void"),
      ("investigating", "open"), ("maybe", nil),
    ] as [(String, String?)])
  func incidentStatuses(seen: String, meant: String?) {
    #expect(ListedValues.incidentStatuses.meant(by: seen) == meant)
  }

  @Test func severities() {
    #expect(ListedValues.severities.values == ["P0", "P1", "P2", "P3"])
    #expect(ListedValues.severities.meant(by: "p0") == "P0")
    #expect(ListedValues.severities.meant(by: "P4") == nil)
  }

  @Test func timesThatSomebodyCanMean() {
    let first = Instant.earliestPlausible.microseconds
    let last = Instant.latestPlausible.microseconds
    #expect(Instant.earliestPlausible.text == "1970-01-01T00:00:00Z")
    #expect(Instant.latestPlausible.text == "2200-01-01T00:00:00Z")
    for (microseconds, isPlausible) in [
      (first - 1, false), (first, true), (last, true), (last + 1, false), (.min, false),
      (.max, false),
    ] {
      #expect(Instant(microseconds: microseconds).isPlausible == isPlausible)
    }
    #expect(Int64(PlausibleDay.range.upperBound) * 86_400_000_000 == last)
  }

  @Test(
    arguments: [
      (50_000_000, "USD", "50.00 USD"), (83_333_333, "USD", "83.333333 USD"),
      (1_234_500, "KWD", "1.2345 KWD"), (1_234_000, "KWD", "1.234 KWD"),
      (1_000_000, "JPY", "1 JPY"),
      (500_000, "JPY", "0.5 JPY"), (0, "USD", "0.00 USD"), (1, "USD", "0.000001 USD"),
    ] as [(Int64, String, String)])
  func feesHaveTheDecimalsTheyNeed(micros: Int64, currency: String, text: String) throws {
    let currency = try #require(Currency(currency))
    #expect(MonthlyFee(micros: micros, currency: currency).text == text)
  }
}
