import PlainText
import ServiceCredits

/// Reads the values of rules: percentages, times and amounts, all of them exact.
extension PolicyDecoder {
  /// What a rule grants, or a cap leaves: `10%`, `2d`, `12h`, `{amount: 9.76}`, `{largest: […]}`.
  mutating func value(_ key: PolicyKey, _ node: PolicyNode) -> RuleValue? {
    switch node.content {
    case .text(let text): return value(key, Placed(text, node.place))
    case .map(let entries): return value(key, entries, node)
    case .list, .nothing, .refused:
      reportKind(of: node, key)
      return nil
    }
  }

  private mutating func value(_ key: PolicyKey, _ text: Placed<String>) -> RuleValue? {
    if text.value.contains("%") || isDecimal(text.value) {
      return exactPercent(key, text, atMost: nil).flatMap(\.hundredth).map { .share($0) }
    }
    let length: Int64
    do throws(Unreadable<DurationFault>) {
      length = try PolicyDuration.read(text.value)
    } catch {
      // No guess: 5 days and 120 hours are different parts of a month.
      errors.report(
        .value(
          error.fault == .malformed
            ? .badValue(key, text.value)
            : .badDuration(key, text.value, error.fault, suggestion: nil)), at: text.place)
      return nil
    }
    guard length > 0 else {
      errors.report(.value(.nothing(key, text.value)), at: text.place)
      return nil
    }
    // P and T stand in the form of ISO 8601 alone.
    let units = text.value.lowercased().filter { $0.isLetter && $0 != "p" && $0 != "t" }
    guard units.contains(where: { "dw".contains($0) }) else { return .time(length) }
    guard units.allSatisfy({ "dw".contains($0) }) else {
      errors.report(.value(.daysAndHours(key, text.value)), at: text.place)
      return nil
    }
    return .days(Fraction(whole: length / 86_400_000_000))
  }

  private mutating func value(
    _ key: PolicyKey, _ entries: [PolicyNode.Entry], _ node: PolicyNode
  ) -> RuleValue? {
    let known: [PolicyKey] = [.amount, .largest]
    for entry in entries {
      guard case .text(let name) = entry.key.content, !known.contains(where: { $0.name == name }),
        NearMiss.nearest(to: name, among: known.map(\.name)) == nil, !name.contains(":")
      else { continue }
      // What is no money: months that are added, services, goods.
      errors.report(.value(.notSaid(key, name, .otherThanMoney)), at: entry.key.place)
      return nil
    }
    let context = PolicyContext.part(key.name)
    let fields = fields(of: node, context, known: known, required: []) {
      .structure(.wrongKind(key, found: $0))
    }
    guard let fields else { return nil }
    let given = known.filter { fields[$0] != nil }
    guard given.count == 1 else {
      if node.isComplete {
        errors.report(
          .structure(.oneOfKeys(context, known, given: given.map(\.name))), at: node.place)
      }
      return nil
    }
    return fields[.amount].map { amount($0) } ?? fields[.largest].flatMap { largest($0) }
  }

  private mutating func largest(_ node: PolicyNode) -> RuleValue? {
    guard case .list(let items) = node.content else {
      reportKind(of: node, .largest)
      return nil
    }
    if items.isEmpty, node.isComplete {
      errors.report(.structure(.emptyList(.largest)), at: node.place)
    }
    var values: [RuleValue] = []
    for item in items {
      guard let value = value(.largest, item) else { return nil }
      values.append(value)
    }
    return .largest(values)
  }

  private mutating func amount(_ node: PolicyNode) -> RuleValue? {
    switch node.content {
    case .text(let text): return decimal(.amount, Placed(text, node.place)).map { .amount($0) }
    case .map(let entries):
      var amounts: [Currency: Fraction] = [:]
      var isWhole = true
      forEachCurrency(entries) { decoder, currency, value in
        guard case .text(let text) = value.content else {
          decoder.reportKind(of: value, .amount)
          isWhole = false
          return
        }
        amounts[currency] = decoder.decimal(.amount, Placed(text, value.place))
      }
      if entries.isEmpty, node.isComplete {
        errors.report(.structure(.emptyList(.amount)), at: node.place)
      }
      return isWhole && !amounts.isEmpty ? .amounts(amounts) : nil
    case .list, .nothing, .refused:
      reportKind(of: node, .amount)
      return nil
    }
  }

  // MARK: Texts

  mutating func exactPercent(
    _ key: PolicyKey, _ text: Placed<String>, atMost limit: Int64?
  ) -> Fraction? {
    do throws(Unreadable<PercentFault>) {
      return try PolicyPercent.readExact(text.value, atMost: limit)
    } catch {
      errors.report(
        .value(.badPercent(key, text.value, error.fault, suggestion: error.suggestion)),
        at: text.place)
      return nil
    }
  }

  mutating func decimal(_ key: PolicyKey, _ text: Placed<String>) -> Fraction? {
    do throws(Unreadable<PolicyDecimal.Fault>) {
      return try PolicyDecimal.read(text.value)
    } catch {
      switch error.fault {
      case .malformed: errors.report(.value(.badNumber(key, text.value)), at: text.place)
      case .zero: errors.report(.value(.nothing(key, text.value)), at: text.place)
      case .digits: errors.report(.value(.tooManyDigits(key, text.value)), at: text.place)
      }
      return nil
    }
  }

  mutating func wholeNumber(
    _ key: PolicyKey, _ text: Placed<String>, _ range: ClosedRange<Int>
  ) -> Int? {
    guard isDecimal(text.value), let number = Int(text.value), range.contains(number) else {
      errors.report(
        .value(
          .badWholeNumber(
            key, text.value, lowest: range.lowerBound, highest: range.upperBound)),
        at: text.place)
      return nil
    }
    return number
  }
}
