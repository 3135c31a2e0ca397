import ServiceCredits

/// Reads whose promise a file holds, and the examples that it gives.
extension PolicyDecoder {
  mutating func programme(in fields: Fields) -> Programme? {
    guard let node = fields[.programme] else { return nil }
    let inner = self.fields(
      of: node, .part("programme"), known: PolicyKey.ofProgramme,
      required: [.provider, .programmeName]
    ) { .structure($0 == .nothing ? .noValue(.programme) : .wrongKind(.programme, found: $0)) }
    guard let inner else { return nil }
    let provider = text(.provider, in: inner)
    let name = text(.programmeName, in: inner)
    let termsAsOf = text(.termsAsOf, in: inner).flatMap { date(.termsAsOf, $0) }
    let source = text(.source, in: inner)
    let leavesOut = texts(.leavesOut, in: inner)
    guard let provider, let name else { return nil }
    return Programme(
      provider: provider.value, name: name.value, termsAsOf: termsAsOf?.value,
      source: source?.value, leavesOut: leavesOut.map(\.value))
  }

  mutating func examples(in fields: Fields) -> [PolicyExample] {
    guard let (items, _) = list(.examples, in: fields) else { return [] }
    return items.compactMap { example($0) }
  }

  private mutating func example(_ node: PolicyNode) -> PolicyExample? {
    let fields = fields(
      of: node, .part("an example"), known: PolicyKey.ofExample,
      required: [.example, .fee, .outages, .creditOfExample]
    ) { .structure(.wrongItemKind(.examples, found: $0)) }
    guard let fields else { return nil }
    let name = text(.example, in: fields)
    let months = months(in: fields, of: node)
    let plan = text(.plan, in: fields)
    let timeZone = timeZone(in: fields)
    let fee = fee(in: fields)
    let outages = outages(in: fields)
    let because = text(.because, in: fields)
    guard let fee else { return nil }
    let credit = fields[.creditOfExample].flatMap { amount(.creditOfExample, fee.currency, $0) }
    guard let name, let months, let outages, let credit else { return nil }
    return PolicyExample(
      name: name.value, months: months, plan: plan?.value, timeZone: timeZone?.value, fee: fee,
      outages: outages, creditMinor: credit, because: because?.value, place: node.place)
  }

  /// The month, or the months of the quarter.
  private mutating func months(in fields: Fields, of node: PolicyNode) -> [BillingMonth]? {
    let keys: [PolicyKey] = [.month, .quarter]
    let given = keys.filter { fields[$0] != nil }
    guard given.count == 1 else {
      if node.isComplete {
        errors.report(
          .structure(.oneOfKeys(.part("an example"), keys, given: given.map(\.name))),
          at: node.place)
      }
      return nil
    }
    if let text = text(.month, in: fields) {
      if let month = PolicyDecoder.month(text.value) { return [month] }
      errors.report(.value(.badMonth(text.value)), at: text.place)
    } else if let text = text(.quarter, in: fields) {
      if let months = PolicyDecoder.quarter(text.value) { return months }
      errors.report(.value(.badQuarter(text.value)), at: text.place)
    }
    return nil
  }

  /// `2026-04`
  private static func month(_ text: String) -> BillingMonth? {
    do throws(Unreadable<PolicyDate.Fault>) {
      let first = try PolicyDate.read("\(text)-01")
      return BillingMonth(year: first.year, month: first.month)
    } catch {
      return nil
    }
  }

  /// `2026-Q2`
  private static func quarter(_ text: String) -> [BillingMonth]? {
    let parts = text.split(separator: "-Q", omittingEmptySubsequences: false)
    guard parts.count == 2, let quarter = Int(parts[1]), (1...4).contains(quarter),
      parts[1].utf8.count == 1, let first = month("\(parts[0])-01")
    else { return nil }
    return (0..<3).map { first.advanced(by: (quarter - 1) * 3 + $0) }
  }

  /// `1000.00 USD`
  private mutating func fee(in fields: Fields) -> MonthlyFee? {
    guard let text = text(.fee, in: fields) else { return nil }
    let parts = text.value.split(separator: " ", omittingEmptySubsequences: false)
    guard parts.count == 2, let micros = PolicyDecoder.micros(parts[0]),
      let currency = Currency(String(parts[1]))
    else {
      errors.report(.value(.badMoney(.fee, text.value)), at: text.place)
      return nil
    }
    return MonthlyFee(micros: micros, currency: currency)
  }

  private mutating func outages(in fields: Fields) -> [PolicyExample.Outage]? {
    guard let (items, _) = list(.outages, in: fields) else { return nil }
    let outages = items.map { outage($0) }
    return outages.contains(nil) ? nil : outages.compactMap { $0 }
  }

  private mutating func outage(_ node: PolicyNode) -> PolicyExample.Outage? {
    let fields = fields(
      of: node, .part("an entry of outages"), known: PolicyKey.ofOutage, required: [.from, .to]
    ) { .structure(.wrongItemKind(.outages, found: $0)) }
    guard let fields else { return nil }
    let from = instant(.from, in: fields)
    let to = instant(.to, in: fields)
    let severity = word(.severityOfOutage, in: fields, Severity.allCases)
    let share = share(in: fields)
    let claimed = instant(.claimed, in: fields)
    let incident = text(.incident, in: fields)
    guard let from, let to else { return nil }
    guard from < to else {
      errors.report(.value(.endsBeforeItBegins), at: node.place)
      return nil
    }
    return PolicyExample.Outage(
      interval: Interval(from, to), severity: severity ?? .p0,
      shareMicros: share ?? Outage.wholeShareMicros,
      claimedAt: claimed, incident: incident?.value)
  }

  /// Millionths.
  private mutating func share(in fields: Fields) -> Int64? {
    guard let text = text(.share, in: fields) else { return nil }
    if let share = PolicyDecoder.micros(text.value), (1...Outage.wholeShareMicros).contains(share) {
      return share
    }
    errors.report(.value(.badShare(text.value)), at: text.place)
    return nil
  }

  /// A decimal number in millionths; `nil` for other text and for more than six decimals.
  private static func micros(_ text: some StringProtocol) -> Int64? {
    guard isDecimal(text) else { return nil }
    let parts = text.split(separator: ".")
    let decimals = parts.count == 1 ? "" : String(parts[1])
    guard decimals.utf8.count <= 6 else { return nil }
    return Int64(parts[0] + decimals + String(repeating: "0", count: 6 - decimals.utf8.count))
  }

  private mutating func instant(_ key: PolicyKey, in fields: Fields) -> Instant? {
    guard let text = text(key, in: fields) else { return nil }
    guard let instant = Instant(iso8601: text.value), text.value.contains("T") else {
      errors.report(.value(.badInstant(key, text.value)), at: text.place)
      return nil
    }
    return instant
  }
}
