import RandomRules
import ServiceCredits

extension RuleStory {
  /// Whether the engines are known to differ on stories of this kind. Such stories are not compared.
  var isDisputed: Bool {
    hasOutageCapBesidePeriods || weighsAlignedUnits || changesFeeUnderGate || changesFeeUnderCap
      || changesFeeInOutage || countsEachWhole || countsEachOfOneSeverity || freesShortfall
      || hasMilderPlan
  }

  /// The cap of an outage where other rules measure the period.
  private var hasOutageCapBesidePeriods: Bool {
    self.set.caps.contains { $0.per == .outage } && set.rules.contains { $0.of == .outage }
      && !set.rules.allSatisfy { $0.of == .outage && !$0.hasGateOfPeriod }
  }

  /// The fee of the outage's own first instant or of the period's, where a gate of the period is before outages.
  private var changesFeeUnderGate: Bool {
    fees.count > 1 && self.set.rules.contains { $0.of == .outage && $0.hasGateOfPeriod }
  }

  /// The base of a period's cap, where the fee changes and rules of outages are beside others.
  private var changesFeeUnderCap: Bool {
    fees.count > 1 && !self.set.caps.isEmpty && self.set.rules.contains { $0.of == .outage }
      && self.set.rules.contains { $0.of != .outage }
  }

  /// Whole units of each incident or of all of them, where each counts its own time.
  private var countsEachWhole: Bool {
    overlap == .countEach
      && self.set.rules.contains {
        $0.count.whole != nil && ($0.of != .outage || $0.hasGateOfPeriod)
      }
  }

  /// The fee of the first instant at any severity that a rule names, or of the first that counts for the rule.
  private var changesFeeInOutage: Bool {
    self.set.rules.contains { $0.of == .outage }
      && incidents.contains { incident in
        fees.count { fee in incident.stretches.contains { fee.interval.overlaps($0.interval) } } > 1
      }
  }

  /// Time that is worse than a rule takes, where each incident counts its own time.
  private var countsEachOfOneSeverity: Bool {
    overlap == .countEach
      && self.set.rules.contains {
        $0.severities.notWorseThan ?? .p0 != .p0 && ($0.of != .outage || $0.hasGateOfPeriod)
      }
  }

  /// What is free of uptime that is missing.
  private var freesShortfall: Bool {
    self.set.rules.contains { rule in
      guard let units = rule.kind as? PerUnit, case .shortOf = units.unit else { return false }
      return units.free != nil
    }
  }

  /// The severities of the plan alone or of all plans of the version.
  private var hasMilderPlan: Bool {
    let own = self.set.rules.map(\.severities.mildest).max() ?? .p0
    return otherPlan?.rules.contains { $0.severities.mildest > own } ?? false
  }

  /// The mean share of an incident or of each unbroken stretch.
  private var weighsAlignedUnits: Bool {
    self.set.rules.contains { $0.count.weighsShare && $0.count.whole?.isAligned == true }
  }
}

extension Rule {
  var hasGateOfPeriod: Bool {
    switch gate {
    case .uptimeBelow, .downtimeLongerThan, .downtimeAtLeast: true
    case .longerThan, .atLeast, nil: false
    }
  }
}
