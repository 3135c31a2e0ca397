-- Takes revisions in key order. The encoder writes the columns in this order. The columns of the
-- decision are together at the end, so that they are encoded once for all subscriptions with the
-- same decision.
COPY redress.credit
  (customer_id, subscription_id, currency, revision, lines_through, run_id, amount_minor, kind, monthly_fee,
   service_id, plan, customer_name, customer_tier, time_zone, reason, terms, customer_evidence,
   incident_id, percent_bp, percent_before_cap_bp, billing_month, counted_microseconds, outage_started_at,
   outage_ended_at, tier_longer_than_microseconds, severity, policy_version)
FROM STDIN (FORMAT binary)
