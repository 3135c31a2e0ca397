import Documents
import ServiceCredits

extension PolicyComparison {
  /// The comparison as one object. Amounts are strings in major units, because few readers keep
  /// decimals exactly.
  package var json: [UInt8] {
    var json: [UInt8] = []
    json.append(UInt8(ascii: "{"))
    key("as_of", isFirst: true, to: &json)
    JSONText.append(string: asOf.text, to: &json)
    key("month_from", to: &json)
    JSONText.append(string: months.lowerBound.text, to: &json)
    key("month_through", to: &json)
    JSONText.append(string: months.upperBound.text, to: &json)
    for (name, policy) in [("today", today), ("new", new)] as [(StaticString, Policy)] {
      key(name, to: &json)
      append(policy, to: &json)
    }
    key("totals", to: &json)
    appendLines(totals, to: &json) { total, object, json in
      object.append("billing_month", text: total.month.text, to: &json)
      object.append("currency", text: total.currency.code, to: &json)
      object.append("recorded", to: &json) {
        WideAmount.append(total.recordedMinor, total.currency, to: &$0)
      }
      append(total.pair, total.currency, &object, to: &json)
    }
    key("tiers_and_plans", to: &json)
    appendLines(cells, to: &json) { cell, object, json in
      object.append("billing_month", text: cell.month.text, to: &json)
      object.append("currency", text: cell.currency.code, to: &json)
      object.append("tier", text: cell.tier.words, to: &json)
      if let plan = cell.plan {
        object.append("plan", text: plan, to: &json)
      } else {
        object.appendNull("plan", to: &json)
      }
      append(cell.pair, cell.currency, &object, to: &json)
    }
    appendCustomers(to: &json)
    key("limits_passed", to: &json)
    appendLines(limits, to: &json) { limit, object, json in
      object.append("policy", text: limit.isNew ? "new" : "today", to: &json)
      object.append("limit", text: limit.sentence, to: &json)
    }
    for (name, found) in [("findings_today", findingsToday), ("findings_new", findingsNew)]
      as [(StaticString, [FindingCode: Int])]
    {
      key(name, to: &json)
      var object = JSONObject(&json)
      for code in FindingCode.allCases {
        if let count = found[code] {
          object.append(code.rawValue, integer: Int64(count), to: &json)
        }
      }
      object.end(&json)
    }
    json += Array("\n}\n".utf8)
    return json
  }

  private func key(_ name: StaticString, isFirst: Bool = false, to json: inout [UInt8]) {
    json += Array((isFirst ? "\n  " : ",\n  ").utf8)
    JSONText.append(key: name, to: &json)
    json.append(UInt8(ascii: " "))
  }

  private func append(_ policy: Policy, to json: inout [UInt8]) {
    var object = JSONObject(&json)
    object.append("policy", text: policy.source, to: &json)
    object.append("versions", text: policy.versions.joined(separator: ", "), to: &json)
    object.append("in_force_all_the_time", isTrue: policy.isTimeless, to: &json)
    object.end(&json)
  }

  private func append(
    _ pair: Pair, _ currency: Currency, _ object: inout JSONObject, to json: inout [UInt8]
  ) {
    object.append("today_credits", integer: pair.today.credits, to: &json)
    object.append("today", to: &json) { WideAmount.append(pair.today.minor, currency, to: &$0) }
    object.append("new_credits", integer: pair.new.credits, to: &json)
    object.append("new", to: &json) { WideAmount.append(pair.new.minor, currency, to: &$0) }
    object.append("difference", to: &json) {
      WideAmount.append(pair.differenceMinor, currency, to: &$0)
    }
  }

  private func appendCustomers(to json: inout [UInt8]) {
    key("customers", to: &json)
    appendLines(customers, to: &json) { group, object, json in
      object.append("currency", text: group.currency.code, to: &json)
      object.append("gaining", integer: group.gaining, to: &json)
      object.append("losing", integer: group.losing, to: &json)
      object.append("unchanged", integer: group.unchanged, to: &json)
    }
    appendMost("gain_most", \.gainMost, to: &json)
    appendMost("lose_most", \.loseMost, to: &json)
  }

  private func appendMost(
    _ name: StaticString, _ list: KeyPath<Customers, [Customer]>, to json: inout [UInt8]
  ) {
    var told: [(Currency, Customer)] = []
    for group in customers {
      for customer in group[keyPath: list] { told.append((group.currency, customer)) }
    }
    key(name, to: &json)
    appendLines(told, to: &json) { told, object, json in
      let (currency, customer) = told
      object.append("customer_id", text: customer.id, to: &json)
      object.append("customer_name", text: customer.name, to: &json)
      object.append("currency", text: currency.code, to: &json)
      for (name, minor) in [
        ("today", customer.todayMinor), ("new", customer.newMinor),
        ("difference", customer.differenceMinor),
      ] {
        object.append(name, to: &json) { WideAmount.append(minor, currency, to: &$0) }
      }
    }
  }

  /// Appends an array with one object on each line.
  private func appendLines<Element>(
    _ elements: [Element], to json: inout [UInt8],
    _ body: (Element, inout JSONObject, inout [UInt8]) -> Void
  ) {
    JSONText.append(array: elements, to: &json) { element, json in
      json += Array("\n    ".utf8)
      var object = JSONObject(&json)
      body(element, &object, &json)
      object.end(&json)
    }
  }
}
