-- Takes the decisions of a run. The encoder writes the columns in this order.
COPY redress.decision
  (run_id, number, percent_before_cap_bp, counted_microseconds, outage_ended_at, tier_longer_than_microseconds, clause, downtime_microseconds, period_microseconds,
   severity, policy_version, service_id, plan, time_zone)
FROM STDIN (FORMAT binary)
