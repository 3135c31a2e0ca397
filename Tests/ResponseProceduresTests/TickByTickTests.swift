import ResponseProcedures
import ServiceCredits
import Testing

/// The rules of a P0, implemented again: they are checked at every tick of five minutes, without a
/// list of changes, on random incidents.
@Suite struct TickByTickTests {
  /// All times are whole ticks after noon. A stretch of time is a set of ticks.
  private struct Random {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
  }

  private struct Incident {
    var row = Severity.p3
    var windows: [(severity: Severity, ticks: Range<Int>)] = []
    var resolved = 0
    var updates: [Int] = []
    var customers: [[Range<Int>]] = []
    var notices: [(customer: Int, at: Int)] = []
    var escalations: [(level: Int, at: Int)] = []

    init(_ random: inout Random) {
      resolved = 4 + random.below(80)
      row = Severity.allCases[random.below(4)]
      for _ in 0..<random.below(5) {
        let start = random.below(resolved)
        windows.append((Severity.allCases[random.below(4)], start..<(start + 1 + random.below(40))))
      }
      for _ in 0..<random.below(8) { updates.append(random.below(resolved + 8)) }
      for customer in 0..<random.below(4) {
        let start = random.below(resolved + 4)
        var times = [start..<(start + 1 + random.below(10))]
        let again = times[0].upperBound + 1 + random.below(20)
        if random.below(2) == 0 { times.append(again..<(again + 1 + random.below(20))) }
        customers.append(times)
        for _ in 0..<random.below(3) { notices.append((customer, random.below(resolved + 12))) }
      }
      for _ in 0..<random.below(3) {
        escalations.append((1 + random.below(4), random.below(resolved)))
      }
    }

    /// The severity in the tick that begins at `tick`.
    func severity(at tick: Int) -> Severity {
      if windows.allSatisfy({ row < $0.severity }) { return row }
      var tick = tick
      while tick >= 0 {
        if let worst = windows.filter({ $0.ticks.contains(tick) }).map(\.severity).min() {
          return worst
        }
        tick -= 1
      }
      let first = windows.map(\.ticks.lowerBound).min()
      return windows.filter { $0.ticks.lowerBound == first }.map(\.severity).min() ?? row
    }

    var ticks: Range<Int> { 0..<resolved }
    var worst: Severity { ticks.map(severity).min() ?? row }
    var worstSince: Int { ticks.first { severity(at: $0) == worst } ?? 0 }
    func isCritical(_ tick: Int) -> Bool { ticks.contains(tick) && severity(at: tick) == .p0 }
  }

  /// Half an hour.
  private static let half = 6

  private static func time(_ tick: Int) -> String {
    ComplianceStory.text(
      Instant(microseconds: ComplianceStory.noon + Int64(tick) * 5 * ComplianceStory.minute))
  }

  private static func verdict(_ done: Int?, _ due: Int) -> String {
    "due \(time(due)) done \(done.map(time) ?? "-") "
      + (done.map { $0 <= due ? "kept" : "missed" } ?? "no_record")
  }

  private static func expected(_ incident: Incident) -> [String] {
    let worst = incident.worst
    let target = ComplianceStory.promised.targets[worst].resolutionMicroseconds
    let due = incident.worstSince + Int(target / ComplianceStory.minute / 5)
    var lines = ["resolution " + verdict(incident.resolved, due)]
    if worst == .p0 {
      lines.append(updates(incident))
      let affected = incident.customers.enumerated().compactMap { number, times in
        incident.ticks.first { tick in
          incident.isCritical(tick) && times.contains { $0.contains(tick) }
        }.map { (number, $0) }
      }
      for (customer, since) in affected {
        let told = incident.notices.filter { $0.customer == customer }.map(\.at).min()
        lines.append("customer_notified c\(customer) " + verdict(told, since + half))
      }
      if let escalation = escalation(incident, due) { lines.append(escalation) }
      for (customer, _) in affected {
        let told = incident.notices.filter {
          $0.customer == customer && $0.at >= incident.resolved
        }.map(\.at).min()
        lines.append("resolution_message c\(customer) " + verdict(told, incident.resolved + half))
      }
    } else if let escalation = escalation(incident, due) {
      lines.append(escalation)
    }
    return lines
  }

  /// Counts the wait tick by tick. It begins with the first update, and again with each P0.
  private static func updates(_ incident: Incident) -> String {
    let updates = incident.updates.filter { $0 <= incident.resolved }.sorted()
    let last = incident.ticks.last { incident.isCritical($0) } ?? 0
    guard let first = updates.first, first <= last + 1 else {
      return "status_updates due \(time(incident.worstSince + 2 * half)) done - no_record"
    }
    var longest = (from: 0, length: -1)
    var since: Int?
    func end(_ tick: Int) {
      if let from = since, tick - from > longest.length { longest = (from, tick - from) }
    }
    for tick in 0...incident.resolved {
      if tick > 0, incident.isCritical(tick - 1) {
        if updates.contains(tick) {
          end(tick)
          since = tick
        } else if !incident.isCritical(tick) {
          // Without any update yet, the wait begins when the first one was due.
          let run = (0..<tick).last { !incident.isCritical($0) }.map { $0 + 1 } ?? 0
          since = since ?? min(run + half, tick)
        }
      }
      guard incident.isCritical(tick) else {
        end(tick)
        since = nil
        continue
      }
      if tick == 0 || !incident.isCritical(tick - 1) { since = first <= tick ? tick : nil }
    }
    let due = longest.from + half
    return "status_updates " + verdict(longest.from + longest.length, due)
  }

  private static func escalation(_ incident: Incident, _ due: Int) -> String? {
    guard incident.resolved > due else { return nil }
    let levels = [4, 3, 2, 2]
    func level(_ tick: Int) -> Int { levels[Int(incident.severity(at: tick).rawValue)] }
    let need = (due..<incident.resolved).map(level).max() ?? 0
    let from = (due..<incident.resolved).first { level($0) == need } ?? due
    let reached = incident.escalations.filter { $0.level >= need }.map(\.at).min()
    let line = "escalation past_target \(need) " + verdict(reached, from)
    return incident.escalations.isEmpty || reached != nil || incident.resolved <= from
      ? line : line.replacing("no_record", with: "missed")
  }

  private static func found(_ incident: Incident) -> [String] {
    var story = ComplianceStory()
    story.severity = incident.row
    story.windows = incident.windows.map { window in
      (window.severity, time(window.ticks.lowerBound), time(window.ticks.upperBound))
    }
    story.resolved = time(incident.resolved)
    story.events =
      incident.updates.map { ("status", time($0)) }
      + incident.notices.map { ("notified c\($0.customer)", time($0.at)) }
      + incident.escalations.map { ("level \($0.level)", time($0.at)) }
    story.customers = incident.customers.enumerated().map { number, times in
      (
        "c\(number)",
        times.map { "\(time($0.lowerBound))-\(time($0.upperBound))" }.joined(separator: " ")
      )
    }
    let wanted: Set<Requirement> = [
      .resolution, .statusUpdates, .customerNotified, .escalation, .resolutionMessage,
    ]
    return story.rows().filter { wanted.contains($0.requirement) }.map { row in
      // Without the margin, which follows from the rest.
      let words = ComplianceStory.line(row).split(separator: " ")
      let end = words.firstIndex { Verdict(rawValue: String($0)) != nil } ?? words.endIndex - 1
      return words[...end].joined(separator: " ")
    }
  }

  @Test(arguments: 1...40) func agrees(seed: Int) {
    var random = Random(state: UInt64(seed) &* 7919)
    var critical = 0
    for round in 0..<50 {
      let incident = Incident(&random)
      if incident.worst == .p0 { critical += 1 }
      let (found, expected) = (Self.found(incident), Self.expected(incident))
      guard found == expected else {
        #expect(found == expected, "seed \(seed), round \(round): \(incident)")
        return
      }
    }
    #expect(critical > 10, "seed \(seed) has too few of what is tested")
  }
}
