-- The ledger of one customer, revision by revision, with the run of each.
-- Parameter: customer_id.
-- Returns: subscription_id, incident_id, currency, revision, run_id, kind, billing_month, amount_minor, percent_bp,
-- month_minor, quarter_minor, percent_before_cap_bp, counted_microseconds, outage_started_at, outage_ended_at, tier_longer_than_microseconds, clause, downtime_microseconds, period_microseconds,
-- severity, monthly_fee, policy_version, service_id, plan, time_zone, reason, terms (as text), customer_evidence, as_of,
-- evidence_digest, customer_name, customer_tier, month_from, month_through.
-- Order: the key, then revision.
SELECT c.subscription_id, c.incident_id, c.currency, c.revision, c.run_id, c.kind, c.billing_month, c.amount_minor,
       c.percent_bp, c.month_minor, c.quarter_minor, c.percent_before_cap_bp, c.counted_microseconds, c.outage_started_at, c.outage_ended_at,
       c.tier_longer_than_microseconds, c.clause, c.downtime_microseconds, c.period_microseconds, c.severity, c.monthly_fee, c.policy_version, c.service_id, c.plan, c.time_zone,
       c.reason, c.terms::text AS terms, c.customer_evidence, r.as_of, r.evidence_digest, c.customer_name,
       c.customer_tier, r.month_from, r.month_through
  FROM redress.credited_month AS m
  JOIN redress.credit AS c ON c.billing_month = m.billing_month
  JOIN redress.run AS r ON r.run_id = c.run_id
 WHERE c.customer_id = $1
 ORDER BY c.customer_id, c.subscription_id, c.incident_id, c.billing_month, c.currency, c.revision
