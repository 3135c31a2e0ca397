-- The whole ledger, with the columns of `copy_credits` in the same order, so that the bytes are the
-- same.
-- Returns: customer_id, subscription_id, currency, revision, lines_through, run_id, amount_minor, kind, monthly_fee,
-- service_id, plan, customer_name, customer_tier, time_zone, reason, terms, customer_evidence, incident_id, percent_bp,
-- percent_before_cap_bp, billing_month, counted_microseconds, outage_started_at, outage_ended_at,
-- tier_longer_than_microseconds, severity, policy_version. Order: the key, then revision.
SELECT customer_id, subscription_id, currency, revision, lines_through, run_id, amount_minor, kind, monthly_fee,
       service_id, plan, customer_name, customer_tier, time_zone, reason, terms, customer_evidence, incident_id,
       percent_bp, percent_before_cap_bp, billing_month, counted_microseconds, outage_started_at, outage_ended_at,
       tier_longer_than_microseconds, severity, policy_version
  FROM redress.credit
 ORDER BY customer_id, subscription_id, incident_id, currency, revision
