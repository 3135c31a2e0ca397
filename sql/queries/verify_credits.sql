-- The whole ledger, with everything that a revision was decided on.
-- Returns: customer_id, subscription_id, incident_id, currency, revision, run_id, kind, billing_month, amount_minor,
-- lines_through, percent_bp, percent_before_cap_bp, counted_microseconds, outage_started_at, outage_ended_at,
-- tier_longer_than_microseconds, severity, monthly_fee, policy_version, service_id, plan, time_zone, reason, terms as
-- text, customer_evidence. Order: the key, then revision.
SELECT customer_id, subscription_id, incident_id, currency, revision, run_id, kind, billing_month, amount_minor,
       lines_through, percent_bp, percent_before_cap_bp, counted_microseconds, outage_started_at, outage_ended_at,
       tier_longer_than_microseconds, severity, monthly_fee, policy_version, service_id, plan, time_zone, reason,
       terms::text AS terms, customer_evidence
  FROM redress.credit
 ORDER BY customer_id, subscription_id, incident_id, currency, revision
