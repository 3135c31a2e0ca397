import ResponseProcedures
package import ServiceCredits

/// The values that hold if a version does not set them. They are the built-in policy's.
/// - Source: credit rules, section 11.
enum PolicyDefaults {
  static let cap = BasisPoints.whole
  static let lateCorrections = LateCorrections.report
  static let overlap = OverlapRule.countOnce
  static let rounding = RoundingRule.halfUp
  static let exclusions = [
    ExclusionRule(kind: .scheduledMaintenance, announcedMicroseconds: 86_400_000_000),
    ExclusionRule(kind: .customerFault, announcedMicroseconds: nil),
    ExclusionRule(kind: .forceMajeure, announcedMicroseconds: nil),
  ]
  static let shareOfMonthlyFees = BasisPoints(5000)
  /// 1000 %. A run that catches up on several months can exceed the fees of one month.
  static let largestShareOfMonthlyFees = BasisPoints(100_000)
}

/// The promised procedures. Numbers that the promise does not give are chosen here.
/// - Source: the outage response procedures.
enum ProcedureDefaults {
  private static let minute: Int64 = 60_000_000
  private static let hour = 60 * minute

  static let rules = ProcedureRules(
    targets: targets, critical: critical, escalation: escalation, postMortem: postMortem,
    holidays: [])

  static let targets = BySeverity(
    p0: target(15 * minute, 4 * hour), p1: target(hour, 8 * hour),
    p2: target(4 * hour, 24 * hour), p3: target(24 * hour, 7 * 24 * hour))

  static let critical = CriticalRules(
    within: Dictionary(uniqueKeysWithValues: CriticalStep.allCases.map { ($0, 30 * minute) }),
    updateMicroseconds: 30 * minute)

  static let escalation = [
    rule(.pastTarget, 0, [.chiefTechnologyOfficer, .vicePresident, .teamLead, .teamLead]),
    rule(.revenueImpact, 30 * minute, [.teamLead, .teamLead, .teamLead, .teamLead]),
    rule(.security, 30 * minute, [.vicePresident, .vicePresident, .teamLead, .teamLead]),
    rule(.severalIncidents, 30 * minute, [.teamLead, .teamLead, .teamLead, .teamLead]),
  ].compactMap { $0 }

  static let postMortem = PostMortemRules(
    severities: [.p0, .p1], businessDays: 5, shareBusinessDays: 5)

  private static func target(_ response: Int64, _ resolution: Int64) -> SeverityTarget {
    SeverityTarget(responseMicroseconds: response, resolutionMicroseconds: resolution)
  }

  private static func rule(
    _ trigger: EscalationTrigger, _ within: Int64, _ levels: [EscalationLevel]
  ) -> EscalationRule? {
    EscalationRule(
      trigger: trigger, withinMicroseconds: within,
      levels: BySeverity(p0: levels[0], p1: levels[1], p2: levels[2], p3: levels[3]))
  }
}

extension PolicyFile {
  /// The built-in policy, as a file for people to edit.
  /// - Source: the outage response procedures, after the incident; credit rules, section 11.
  package static let builtInText = """
    # What customers are promised when a service fails, as a file to edit.
    #
    #   redress policy show > policy.yaml                 writes this file
    #   redress policy check policy.yaml                  finds every mistake in it
    #   redress policy adopt policy.yaml --note TEXT      makes it the policy of a ledger
    #
    # An incident is judged by the version in force when it started. Once a run has used a version, the version stays
    # as it is: for another promise, add another version with a later day at the end of the list.

    versions:
      - version: outage-response-1

        # In force from midnight of this day in time_zone, until the next version begins. time_zone is also the zone of
        # every customer who has none: it decides in which month a credit falls.
        effective_from: 2025-01-01
        time_zone: UTC

        # An outage earns a credit if it is longer than a tier says: exactly 1h earns nothing. Of the tiers met the
        # largest credit wins; tiers never add up. Time at P0 counts for the tiers of milder severities too.
        # Durations: 90s, 30m, 4h, 1h30m, 2d (48 hours), 1w, or ISO 8601 (PT1H30M).
        tiers:
          - {severity: P0, longer_than: 1h, credit: 10%}
          - {severity: P0, longer_than: 4h, credit: 25%}
          - {severity: P1, longer_than: 4h, credit: 5%}

        # From here on, whatever is left out is as it stands here.

        # The most that all credits of one subscription and month add up to.
        cap: 100%

        # count_once: a minute that two incidents share counts for the worse one. count_each: for both.
        overlap: count_once

        # half_up, half_even, up or down, to the smallest unit of the currency.
        rounding: half_up

        # Time that does not count. announced: the exclusion must have been announced so long before it began.
        exclude:
          - {kind: scheduled_maintenance, announced: 24h}
          - {kind: customer_fault}
          - {kind: force_majeure}

        # The smallest credit that is given, by currency.
        # minimum: {USD: 1.00}

        # Plans with tiers or a cap of their own. A plan's tiers take the place of those above, all of them.
        # plans:
        #   platinum:
        #     cap: 60%
        #     tiers:
        #       - {severity: P0, longer_than: 30m, credit: 15%}
        #       - {severity: P0, longer_than: 4h, credit: 50%}

        # What one run may grant, and take back, before a person has to approve it. The share is of the monthly fees
        # in force, by currency, and bounds both; none lets any share through.
        limits:
          share_of_monthly_fees: 50%
          # granted: {USD: 250000}
          # taken_back: {USD: 50000}

        # What redress audit looks for when an incident is over, and while it goes on. No credit depends on it, and it
        # is no part of what a run freezes: holidays can be added to a version that is in use.
        procedures:

          # From when an incident had its worst severity. Exactly on time is kept.
          targets:
            - {severity: P0, respond: 15m, resolve: 4h}
            - {severity: P1, respond: 1h, resolve: 8h}
            - {severity: P2, respond: 4h, resolve: 24h}
            - {severity: P3, respond: 24h, resolve: 1w}

          # From when it was P0; a customer who was affected later, from then. none asks for nothing.
          during_p0:
            response_team: 30m
            root_cause_investigation: 30m
            first_status_update: 30m
            status_updates_every: 30m
            customers_notified: 30m      # each affected Enterprise customer
            in_app_banner: 30m
            social_media: 30m            # where the outage is widespread
            resolution_message: 30m      # from the resolution; each customer who was to be notified

          # The level that each trigger asks for at each severity, and how soon after it. 1 is the on-call engineer,
          # 2 the engineering team lead, 3 the VP of Engineering, 4 the CTO, for P0 alone. A trigger that is left out
          # asks for nothing.
          escalation:
            - {trigger: past_target, within: 0s, P0: 4, P1: 3, P2: 2, P3: 2}
            - {trigger: revenue_impact, within: 30m, P0: 2, P1: 2, P2: 2, P3: 2}
            - {trigger: security, within: 30m, P0: 3, P1: 3, P2: 2, P3: 2}
            - {trigger: several_incidents, within: 30m, P0: 2, P1: 2, P2: 2, P3: 2}

          # Business days after the day of the resolution, to the end of the last one in time_zone. A customer who asks
          # gets the post-mortem so many after the request, or after the resolution where that is later.
          post_mortem:
            severities: [P0, P1]
            business_days: 5
            share_business_days: 5

          # Days that are no business days, besides Saturdays and Sundays.
          # holidays: [2026-12-25, 2027-01-01]

    """

  /// The policy in `builtInText`, as if read from a file called `built-in policy`.
  package static let builtInDocument: PolicyDocument = {
    do throws(PolicyErrors) {
      return try document(bytes: Array(builtInText.utf8), name: "built-in policy")
    } catch {
      preconditionFailure(error.description)
    }
  }()

  /// The policy in `builtInText`.
  package static var builtIn: CreditPolicy { builtInDocument.policy }
}
