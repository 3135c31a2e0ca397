import PlainText
import ServiceCredits

/// Reads single values.
extension PolicyDecoder {
  mutating func versionName(in fields: Fields) -> Placed<String>? {
    guard let text = text(.version, in: fields) else { return nil }
    let scalars = text.value.unicodeScalars
    let isPrintable = !scalars.contains { Quoted.isInvisible($0) }
    guard (1...100).contains(scalars.count), isPrintable, scalars.first != " ", scalars.last != " "
    else {
      errors.report(.value(.badName(.version, text.value)), at: text.place)
      return nil
    }
    return text
  }

  mutating func timeZone(in fields: Fields) -> Placed<String>? {
    guard let text = text(.timeZone, in: fields) else { return nil }
    guard PolicyTimeZone.isPlausible(text.value) else {
      errors.report(.value(.badTimeZone(text.value)), at: text.place)
      return nil
    }
    return text
  }

  mutating func date(_ key: PolicyKey, in fields: Fields) -> Placed<CalendarDate>? {
    text(key, in: fields).flatMap { date(key, $0) }
  }

  mutating func date(_ key: PolicyKey, _ text: Placed<String>) -> Placed<CalendarDate>? {
    do throws(Unreadable<PolicyDate.Fault>) {
      return Placed(try PolicyDate.read(text.value), text.place)
    } catch {
      switch error.fault {
      case .malformed:
        errors.report(
          .value(.badDate(key, text.value, suggestion: error.suggestion)), at: text.place)
      case .noSuchDay: errors.report(.value(.noSuchDay(key, text.value)), at: text.place)
      }
      return nil
    }
  }

  mutating func duration(_ key: PolicyKey, in fields: Fields) -> Int64? {
    text(key, in: fields).flatMap { duration(key, $0) }
  }

  mutating func duration(_ key: PolicyKey, _ text: Placed<String>) -> Int64? {
    do throws(Unreadable<DurationFault>) {
      return try PolicyDuration.read(text.value)
    } catch {
      errors.report(
        .value(.badDuration(key, text.value, error.fault, suggestion: error.suggestion)),
        at: text.place)
      return nil
    }
  }

  mutating func percent(
    _ key: PolicyKey, in fields: Fields, atMost limit: BasisPoints
  ) -> Placed<BasisPoints>? {
    guard let text = text(key, in: fields) else { return nil }
    do throws(Unreadable<PercentFault>) {
      return Placed(try PolicyPercent.read(text.value, atMost: limit), text.place)
    } catch {
      errors.report(
        .value(.badPercent(key, text.value, error.fault, suggestion: error.suggestion)),
        at: text.place)
      return nil
    }
  }

  mutating func amounts(_ key: PolicyKey, in fields: Fields) -> [Currency: Int64] {
    guard let entries = map(key, in: fields) else { return [:] }
    var amounts: [Currency: Int64] = [:]
    forEachCurrency(entries) { decoder, currency, value in
      amounts[currency] = decoder.amount(key, currency, value)
    }
    return amounts
  }

  /// Calls `body` for each entry of a map by currency.
  mutating func forEachCurrency(
    _ entries: [PolicyNode.Entry],
    _ body: (inout PolicyDecoder, Currency, PolicyNode) -> Void
  ) {
    var firstLine: [String: Int] = [:]
    for entry in entries {
      guard let code = keyText(entry.key) else { continue }
      if let line = firstLine[code] {
        errors.report(.structure(.duplicateKey(code, firstLine: line)), at: entry.key.place)
        continue
      }
      firstLine[code] = entry.key.place.line
      guard let currency = Currency(code) else {
        errors.report(
          .value(.unknownCurrency(code, nearMiss: NearMiss.currency(code)?.code)),
          at: entry.key.place)
        continue
      }
      body(&self, currency, entry.value)
    }
  }

  mutating func amount(
    _ key: PolicyKey, _ currency: Currency, _ node: PolicyNode
  ) -> Int64? {
    guard case .text(let text) = node.content else {
      if let kind = node.kind {
        errors.report(.structure(.wrongItemKind(key, found: kind)), at: node.place)
      }
      return nil
    }
    do throws(Unreadable<AmountFault>) {
      return try PolicyAmount.read(text, in: currency)
    } catch {
      errors.report(
        .value(.badAmount(key, currency, text, error.fault, suggestion: error.suggestion)),
        at: node.place)
      return nil
    }
  }

  mutating func word<Word: PolicyWord>(
    _ key: PolicyKey, in fields: Fields, _ known: [Word]
  ) -> Word? {
    text(key, in: fields).flatMap { word(key, $0, known) }
  }

  mutating func word<Word: PolicyWord>(
    _ key: PolicyKey, _ text: Placed<String>, _ known: [Word]
  ) -> Word? {
    if let word = known.first(where: { $0.word == text.value }) { return word }
    let words = known.map(\.word)
    let nearMiss = NearMiss.nearest(to: text.value, among: words)
    errors.report(
      .value(.unknownWord(key, text.value, known: words, nearMiss: nearMiss)), at: text.place)
    return nil
  }
}
