public import ServiceCredits

/// What holds where a version does not say otherwise: the built-in policy's own rules.
/// - Source: credit rules, section 11.
enum PolicyDefaults {
  static let cap = BasisPoints.whole
  static let overlap = OverlapRule.countOnce
  static let rounding = RoundingRule.halfUp
  static let exclusions = [
    ExclusionRule(kind: .scheduledMaintenance, announcedMicroseconds: 86_400_000_000),
    ExclusionRule(kind: .customerFault, announcedMicroseconds: nil),
    ExclusionRule(kind: .forceMajeure, announcedMicroseconds: nil),
  ]
  static let shareOfMonthlyFees = BasisPoints(5000)
  /// 1000 %. Runs that catch up on several months may rightly pass the fees of one.
  static let largestShareOfMonthlyFees = BasisPoints(100_000)
}

extension PolicyFile {
  /// The promise of the outage response procedures, ready to be edited.
  /// - Source: the outage response procedures, after the incident; credit rules, section 11.
  public static let builtInText = """
    # What customers are promised when a service fails, as a file to edit.
    #
    #   redress policy show > policy.yaml     writes this file
    #   redress policy check policy.yaml      finds every mistake in it
    #   redress run --policy policy.yaml      uses it
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

    """

  /// The policy of `builtInText`, as if it had been read from a file called `built-in policy`.
  public static let builtInDocument: PolicyDocument = {
    do throws(PolicyErrors) {
      return try document(bytes: Array(builtInText.utf8), name: "built-in policy")
    } catch {
      preconditionFailure(error.description)
    }
  }()

  /// The policy of `builtInText`.
  public static var builtIn: CreditPolicy { builtInDocument.policy }
}
