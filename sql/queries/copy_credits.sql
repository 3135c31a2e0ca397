-- Takes revisions in key order. The column order is the encoder's.
COPY redress.credit
  (customer_id, subscription_id, incident_id, currency, revision, percent_bp, percent_before_cap_bp, lines_through,
   billing_month, run_id, amount_minor, counted_microseconds, outage_started_at, outage_ended_at,
   tier_longer_than_microseconds, kind, severity, monthly_fee, policy_version, service_id, plan, customer_name,
   customer_tier, time_zone, reason, terms, customer_evidence)
FROM STDIN (FORMAT binary)
