-- The ledger of one month: the columns of `copy_credits` in the same order, so that the bytes are the
-- same, and the decision. Verification merges the months.
-- Parameter: the month.
-- Returns: customer_id, subscription_id, incident_id, billing_month, currency, revision, lines_through, run_id,
-- amount_minor, percent_bp, month_minor, quarter_minor, outage_started_at, monthly_fee, billed_fee, customer_name, customer_tier, invoice_id, reason, terms,
-- customer_evidence, decision, percent_before_cap_bp, counted_microseconds, outage_ended_at,
-- tier_longer_than_microseconds, clause, downtime_microseconds, period_microseconds, severity, policy_version, service_id, plan, time_zone (from percent_before_cap_bp on of
-- the decision, null where it is missing). Order: customer, subscription, incident, currency, revision.
SELECT c.customer_id, c.subscription_id, c.incident_id, c.billing_month, c.currency, c.revision, c.lines_through, c.run_id,
       c.amount_minor, c.percent_bp, c.month_minor, c.quarter_minor, c.outage_started_at, c.monthly_fee, c.billed_fee, c.customer_name, c.customer_tier, c.invoice_id,
       c.reason, c.terms, c.customer_evidence, c.decision, d.percent_before_cap_bp, d.counted_microseconds,
       d.outage_ended_at, d.tier_longer_than_microseconds, d.clause, d.downtime_microseconds, d.period_microseconds, d.severity, d.policy_version, d.service_id, d.plan, d.time_zone
  FROM redress.credit_revision AS c
  LEFT JOIN redress.decision AS d ON d.run_id = c.run_id AND d.number = c.decision
 WHERE c.billing_month = $1::date
 ORDER BY c.customer_id, c.subscription_id, c.incident_id, c.currency, c.revision
