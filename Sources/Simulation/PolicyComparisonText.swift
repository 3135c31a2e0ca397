import Documents
import PlainText
import ServiceCredits

/// Writes a comparison of two policies as text for people.
package struct PolicyComparisonText {
  private let comparison: PolicyComparison

  package init(_ comparison: PolicyComparison) { self.comparison = comparison }

  package var text: String {
    var parts = [preface]
    if comparison.totals.isEmpty {
      parts.append([comparison.emptyText])
    } else {
      parts.append(totals)
      parts.append(tiers)
      parts.append(plans)
      for group in comparison.customers {
        parts.append(customers(group, group.gainMost, count: group.gaining, verb: "gain"))
        parts.append(customers(group, group.loseMost, count: group.losing, verb: "lose"))
      }
    }
    parts.append(comparison.notes)
    return parts.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") + "\n" }
      .joined(separator: "\n")
  }

  private var preface: [String] {
    [
      "Credits of \(comparison.monthsText), as of \(comparison.asOf.text)",
      "  today  \(Printable.oneLine(comparison.today.words))",
      "  new    \(Printable.oneLine(comparison.new.words))",
    ]
  }

  private static let numbers = [">credits", ">today", ">credits", ">new", ">difference", ">change"]

  private func cells(_ pair: PolicyComparison.Pair, _ currency: Currency) -> [String] {
    [
      "\(pair.today.credits)", WideAmount.text(pair.today.minor, currency),
      "\(pair.new.credits)", WideAmount.text(pair.new.minor, currency),
      PolicyComparisonText.signed(pair.differenceMinor, currency),
      PolicyComparisonText.change(pair.today.minor, pair.new.minor),
    ]
  }

  private static func signed(_ minor: Int128, _ currency: Currency) -> String {
    (minor > 0 ? "+" : "") + WideAmount.text(minor, currency)
  }

  /// The change in percent with one decimal, rounded half up on the magnitude.
  private static func change(_ today: Int128, _ new: Int128) -> String {
    guard today != new else { return "-" }
    guard today != 0 else { return "new" }
    let (magnitude, base) = ((new - today).magnitude, today.magnitude)
    let tenths = (magnitude * 2000 + base) / (base * 2)
    return "\(new > today ? "+" : "-")\(tenths / 10).\(tenths % 10) %"
  }

  private var totals: [String] {
    var table = TextTable(["month", "currency", ">recorded"] + PolicyComparisonText.numbers)
    for total in comparison.totals {
      table.append(
        [
          total.month.text, total.currency.code,
          WideAmount.text(total.recordedMinor, total.currency),
        ] + cells(total.pair, total.currency))
    }
    return table.lines
  }

  private var tiers: [String] {
    var table = TextTable(["month", "currency", "tier"] + PolicyComparisonText.numbers)
    for row in comparison.tiers {
      table.append(
        [row.month.text, row.currency.code, row.tier.words] + cells(row.pair, row.currency))
    }
    return table.rows.isEmpty ? [] : ["By tier"] + table.lines
  }

  private var plans: [String] {
    var table = TextTable(["month", "currency", "plan"] + PolicyComparisonText.numbers)
    for row in comparison.plans {
      let plan = row.plan.map { String(decoding: $0, as: UTF8.self) } ?? "(others)"
      table.append([row.month.text, row.currency.code, plan] + cells(row.pair, row.currency))
    }
    return table.rows.isEmpty ? [] : ["By plan"] + table.lines
  }

  private func customers(
    _ group: PolicyComparison.Customers, _ list: [PolicyComparison.Customer], count: Int64,
    verb: String
  ) -> [String] {
    guard !list.isEmpty else { return [] }
    var table = TextTable(["customer", "name", ">today", ">new", ">difference"])
    for customer in list {
      table.append([
        String(decoding: customer.id, as: UTF8.self),
        String(decoding: customer.name, as: UTF8.self),
        WideAmount.text(customer.todayMinor, group.currency),
        WideAmount.text(customer.newMinor, group.currency),
        PolicyComparisonText.signed(customer.differenceMinor, group.currency),
      ])
    }
    let who = count == 1 ? "1 customer \(verb)s" : "\(count) customers \(verb)"
    let most = count > Int64(list.count) ? "; the \(list.count) who \(verb) most" : ""
    return ["\(who) in \(group.currency.code)\(most)"] + table.lines
  }
}
