import ServiceCredits

extension RuleHistory {
  /// The smallest history found for which `fails` still holds.
  public func shrunk(fails: (RuleHistory) -> Bool) -> RuleHistory {
    var best = self
    for count in 1..<max(1, nights.count) {
      let fewer = best.with { $0.nights = Array($0.nights.prefix(count)) }
      if fails(fewer) {
        best = fewer
        break
      }
    }
    while best.customers.count > 1 {
      let half = best.customers.count / 2
      let halves = [best.customers.prefix(half), best.customers.dropFirst(half)]
      guard
        let smaller = halves.map({ half in best.with { $0.customers = Array(half) } })
          .first(where: fails)
      else { break }
      best = smaller
    }
    while let smaller = best.simpler.first(where: fails) { best = smaller }
    return best
  }

  private func with(_ change: (inout RuleHistory) -> Void) -> RuleHistory {
    var history = self
    change(&history)
    let known = Set(history.customers.map(\.number))
    for night in history.nights.indices {
      for incident in history.nights[night].incidents.indices {
        history.nights[night].incidents[incident].windows.removeAll { window in
          window.customer.map { !known.contains($0) } ?? false
        }
      }
      history.nights[night].incidents.removeAll { $0.windows.isEmpty }
    }
    return history
  }

  private var simpler: [RuleHistory] {
    var histories: [RuleHistory] = []
    func add(_ change: (inout RuleHistory) -> Void) { histories.append(with(change)) }
    for night in nights.indices.reversed() where nights.count > 1 {
      add { $0.nights.remove(at: night) }
    }
    for number in Set(nights.flatMap(\.incidents).map(\.number)).sorted() {
      add { history in
        for night in history.nights.indices {
          history.nights[night].incidents.removeAll { $0.number == number }
        }
      }
    }
    for (night, known) in nights.enumerated() {
      for (incident, known) in known.incidents.enumerated() where known.windows.count > 1 {
        for window in known.windows.indices {
          add { $0.nights[night].incidents[incident].windows.remove(at: window) }
        }
      }
    }
    for customer in customers.indices where customers[customer].place != nil {
      add { $0.customers[customer].place = nil }
    }
    for simpler in policy.set.simpler { add { $0.policy.set = simpler } }
    if policy.otherPlan != nil, customers.allSatisfy({ !$0.isOfOtherPlan }) {
      add { $0.policy.otherPlan = nil }
    }
    if policy.minimum != 0 { add { $0.policy.minimum = 0 } }
    if policy.overlap != .countOnce { add { $0.policy.overlap = .countOnce } }
    return histories
  }

  public var text: String {
    var lines = [policy.text]
    if let other = policy.otherPlan { lines.append("plan other: \(other)") }
    for customer in customers {
      lines.append(
        "customer \(customer.number), \(customer.place?.zone ?? "no zone")"
          + (customer.isOfOtherPlan ? ", plan other" : ""))
      lines += customer.fees.map { "  \($0.fee.text) \(RuleStory.text($0.interval))" }
    }
    for (number, night) in nights.enumerated() {
      lines.append("night \(number), as of \(night.asOf.text)")
      for incident in night.incidents {
        lines.append(
          "  incident \(incident.number) \(incident.status), started \(incident.startedAt.text)")
        lines += incident.windows.map { window in
          "    \(window.severity.code) \(RuleStory.text(window.interval)), "
            + "share \(window.share.numerator)/\(window.share.denominator), "
            + (window.customer.map { "customer \($0)" } ?? "all")
        }
      }
    }
    return lines.joined(separator: "\n")
  }
}
