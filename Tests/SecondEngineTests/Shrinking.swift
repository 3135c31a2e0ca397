import Glibc
import ServiceCredits

func instantText(_ microseconds: Int64) -> String { Instant(microseconds: microseconds).text }

extension Scenario {
  /// The scenario without these rows, on every night.
  func without(_ numbers: Set<Int>) -> Scenario {
    var scenario = self
    for position in nights.indices {
      scenario.nights[position].source = nights[position].source.without(numbers)
    }
    return scenario
  }

  /// The smallest scenario found in the given time for which `fails` still holds: fewer nights,
  /// fewer rows, a simpler policy.
  func shrunk(seconds: Int, fails: (Scenario) -> Bool) -> Scenario {
    let end = time(nil) + seconds
    var best = self
    func take(_ candidate: Scenario) -> Bool {
      guard time(nil) < end, fails(candidate) else { return false }
      best = candidate
      return true
    }
    for position in nights.indices.reversed() where best.nights.count > 1 {
      var candidate = best
      candidate.nights.remove(at: position)
      _ = take(candidate)
    }
    var step = max(1, best.rowNumbers.count / 2)
    while time(nil) < end {
      var hasShrunk = false
      var rest = best.rowNumbers[...]
      while !rest.isEmpty {
        let chunk = rest.prefix(step)
        rest = rest.dropFirst(step)
        if take(best.without(Set(chunk))) { hasShrunk = true }
      }
      if step == 1 && !hasShrunk { break }
      step = max(1, step / 2)
    }
    var candidate = best
    for position in candidate.nights.indices {
      let source = candidate.nights[position].source
      candidate.nights[position].source.services = source.services.filter { id in
        source.terms.contains { $0.service == id } || source.windows.contains { $0.service == id }
          || source.exclusions.contains { $0.service == id }
      }
    }
    _ = take(candidate)
    best.simplifyPolicy(take: take, best: { best })
    return best
  }

  private var rowNumbers: [Int] {
    var seen: Set<Int> = []
    return nights.flatMap(\.source.numbers).filter { seen.insert($0).inserted }
  }

  private func simplifyPolicy(take: (Scenario) -> Bool, best: () -> Scenario) {
    for position in policy.indices.reversed() where best().policy.count > 1 {
      var candidate = best()
      candidate.policy.remove(at: position)
      _ = take(candidate)
    }
    let changes: [(inout RandomPolicy.Version) -> Void] = [
      { $0.plans = [] }, { $0.minimum = [] }, { $0.exclusions = [] }, { $0.cap = 10_000 },
      { $0.timeZone = "UTC" }, { $0.rounding = "half_up" }, { $0.overlap = "count_once" },
    ]
    for position in best().policy.indices {
      for change in changes {
        var candidate = best()
        change(&candidate.policy[position])
        _ = take(candidate)
      }
    }
  }

  /// All that is needed to repeat it by hand: the policy file, and each night's rows and arguments.
  var text: String {
    var text = RandomPolicy.yaml(policy)
    for (position, night) in nights.enumerated() {
      text += "\n-- night \(position): --as-of \(instantText(night.asOf))"
      if let months = night.months {
        text += " --month \(months.last.text) --months \(months.count)"
      }
      text += "\n"
      let before = position > 0 ? Set(nights[position - 1].source.rows.map(\.statement)) : []
      let now = night.source.rows.map(\.statement)
      if position > 0 {
        let gone = before.subtracting(now).sorted()
        text += gone.map { "-- gone: \($0)\n" }.joined()
      }
      text += now.filter { !before.contains($0) }.map { $0 + "\n" }.joined()
    }
    return text
  }
}
