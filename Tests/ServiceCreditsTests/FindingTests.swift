import ServiceCredits
import Testing

@Suite struct FindingTests {
  private static let short = Array("INC".utf8)
  private static let long = Array("INC / 2".utf8)

  @Test func keysAreComparedByTheirValues() {
    // Different rows, although their parts are the same bytes one after the other.
    let start = Instant(microseconds: 0)
    let inside = FindingKey.window(
      Array("INC / \(start.text)".utf8), from: Instant(microseconds: 1))
    let window = FindingKey.window(Self.short, from: start)
    let whole = FindingKey.windows(Array(window.text.utf8))
    #expect(window.text != whole.text && window != whole)
    #expect(inside != window)
    #expect(
      FindingKey.subscription(Self.short, incident: Array("2".utf8))
        != FindingKey.subscription(Self.long))
  }

  @Test func concernsItsOwnIncidentAlone() {
    for key in [FindingKey.incident(Self.short), .window(Self.short, from: nil)] {
      #expect(key.concerns(incident: Self.short))
      #expect(!key.concerns(incident: Self.long))
    }
    #expect(FindingKey.window(Self.long, from: nil).concerns(incident: Self.long))
    #expect(!FindingKey.window(Self.long, from: nil).concerns(incident: Self.short))
    #expect(!FindingKey.subscription(Self.short).concerns(incident: Self.short))
    #expect(
      !FindingKey.subscription(Self.short, incident: Self.short).concerns(incident: Self.short))
  }

  @Test func theTextTellsNullFromEmpty() {
    #expect(FindingKey(.invoice, [FindingKey.Part(.invoice, nil as [UInt8]?)]).text == "null")
    #expect(FindingKey.invoice([]).text == "''")
    #expect(FindingKey.term(Self.short, from: nil).text == "INC / null")
    #expect(FindingKey.invoice(Array("null".utf8)).text == "'null'")
    #expect(FindingKey.invoice(Array("''".utf8)).text == "''''''")
  }

  @Test func theTextTellsOneIdFromSeveral() {
    #expect(FindingKey.incident(Self.long).text == "'INC / 2'")
    #expect(FindingKey.incident(Array("INC/2".utf8)).text == "INC/2")
    #expect(FindingKey.incident(Array("it's".utf8)).text == "it's")
    #expect(FindingKey.incident(Array("'it / s'".utf8)).text == "'''it / s'''")
    #expect(FindingKey.incident(Array(" / ".utf8)).text == "' / '")
    #expect(FindingKey.incident(Array("/ x".utf8)).text == "/ x")
  }

  @Test func whatIsWrongIsToldAlikeEveryNight() throws {
    func told(_ asOf: Instant) -> String {
      Finding(.windows(Self.short), .endsAfterAsOf(end: Instant(microseconds: 9), asOf: asOf))
        .problem
    }
    #expect(told(Instant(microseconds: 1)) == told(Instant(microseconds: 2)))
  }
}

@Suite struct FindingWordTests {
  private static let id = Array("x".utf8)
  private static let time = Instant(microseconds: 0)

  /// One fault of each case. Together they have every code.
  private static func faults() throws -> [Finding.Fault] {
    let currency = try #require(Currency("USD"))
    let euro = try #require(Currency("EUR"))
    let money = Money(amountMinor: 1500, currency: currency)
    let fee = MonthlyFee(micros: 50_000_000, currency: currency)
    let times: [Finding.Fault] = [
      .reversedWindow(end: time), .windowNotClosed, .noOutageScope, .noStart, .resolvedBeforeStart,
      .resolvedWithoutTime, .overlappingTerms(earlier: time), .overlappingCustomers(earlier: time),
      .reversedTerm(end: time), .infiniteIncident, .infiniteStretch(start: nil, end: time),
      .infiniteExclusion, .infiniteIssueDay, .infiniteTime(.occurredAt, nil), .noPolicyInForce,
      .implausibleTime(.validTo, time), .endsAfterAsOf(end: time, asOf: time),
    ]
    let rows: [Finding.Fault] = [
      .unknownSeverity(nil), .missingKey(.invoice), .missingValue(.plan), .duplicateRow,
      .doubledService(id), .unknownStatus("voided"), .unknownKind(nil), .shareOutOfRange([50]),
      .unknownCustomer(id),
      .unknownService(id), .unknownTimeZone("Mars"), .unknownPlan(id, named: "gold"),
      .unknownCurrency(nil), .windowsOfNothing,
      .incidentGone, .subscriptionGone, .unlistedStatus("closed"), .openAgain, .claimOfNothing,
      .noFirstOfMonth("2026-10-02"),
    ]
    return times + rows + [
      .monthClosed(.itsMonth, money), .monthClosed(.anotherMonth, money),
      .monthClosed(.itsQuarter, money),
      .negativeFee, .feePrecision, .overcredited(by: money), .creditOutOfRange, .feeOutOfRange,
      .dueOutOfRange(currency), .dueOutOfRange(currency, isApplied: true),
      .creditIdsTooLong(customer: 1, subscription: 2, incident: 3),
      .invoiceIdTooLong(bytes: 3, most: 2), .invoiceChanged(.vanished, carried: money),
      .invoiceChanged(.customer(nil, isVoid: false), carried: money),
      .invoiceChanged(.customer([67], isVoid: true), carried: money),
      .invoiceChanged(.currency("EUR"), carried: money),
      .reservedInvoice(isBalance: false), .reservedInvoice(isBalance: true),
      .pastRewritten(
        Finding.PastRewriting(
          [
            .fee(was: fee, now: fee), .plan(was: id, now: id), .currency(was: currency, now: euro),
            .customer, .noTerm,
          ], difference: money)),
    ]
  }

  @Test func everyFaultSaysWhatIsWrongAndWhatToDo() throws {
    let faults = try Self.faults()
    for fault in faults {
      for relation in FindingKey.Relation.allCases {
        let finding = Finding(FindingKey(relation, [FindingKey.Part(.incident, Self.id)]), fault)
        #expect(finding.problem.hasSuffix(".") && finding.remedy.hasSuffix("."), "\(finding)")
        #expect(!finding.problem.contains("Optional") && !finding.remedy.contains("Optional"))
      }
    }
    #expect(Set(faults.map(\.code)) == Set(FindingCode.allCases))
  }

  @Test func amountsOfARewrittenPastAreTold() throws {
    let currency = try #require(Currency("USD"))
    let was = MonthlyFee(micros: 50_000_000, currency: currency)
    let now = MonthlyFee(micros: 0, currency: currency)
    let key = FindingKey.credit(
      customer: Self.id, subscription: Self.id, incident: Self.id,
      month: BillingMonth(year: 2026, month: 10), currency: currency)
    let finding = Finding(
      key,
      .pastRewritten(
        Finding.PastRewriting(
          [.fee(was: was, now: now)], difference: Money(amountMinor: -2000, currency: currency))))
    #expect(finding.problem.contains("was 50.00 USD and is 0.00 USD"))
    #expect(finding.problem.hasSuffix("takes 20.00 USD back."))
    #expect(key.text == "x / x / x / 2026-10 / USD")
  }
}
