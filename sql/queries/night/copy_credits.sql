-- Takes revisions in key order. The column order is the encoder's: what a decision fixes stands together at the end,
-- so that it is encoded once for all subscriptions that share the decision.
COPY redress.credit
  (customer_id, subscription_id, currency, revision, lines_through, run_id, amount_minor, kind, monthly_fee,
   service_id, plan, customer_name, customer_tier, time_zone, reason, terms, customer_evidence,
   incident_id, percent_bp, percent_before_cap_bp, billing_month, counted_microseconds, outage_started_at,
   outage_ended_at, tier_longer_than_microseconds, severity, policy_version)
FROM STDIN (FORMAT binary)
