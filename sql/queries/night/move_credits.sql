-- Moves the revisions of the parts of a run into the ledger, with the numbers that their decisions have there. A revision
-- whose decision is not there fails.
-- Parameters: run_id; the parts.
INSERT INTO redress.credit_revision
  (customer_id, subscription_id, incident_id, billing_month, currency, revision, lines_through, run_id, amount_minor,
   percent_bp, month_minor, quarter_minor, outage_started_at, monthly_fee, billed_fee, customer_name, customer_tier, invoice_id, reason, terms,
   customer_evidence, decision)
SELECT c.customer_id, c.subscription_id, c.incident_id, c.billing_month, c.currency, c.revision, c.lines_through,
       c.run_id, c.amount_minor, c.percent_bp, c.month_minor, c.quarter_minor, c.outage_started_at, c.monthly_fee, c.billed_fee, c.customer_name, c.customer_tier,
       c.invoice_id, c.reason, c.terms, c.customer_evidence, numbered.number
  FROM redress.staged_credit_revision AS c
  LEFT JOIN (SELECT s.part, s.number AS staged, min(d.number) AS number
               FROM redress.staged_decision AS s
               JOIN redress.decision AS d
                 ON d.run_id = $1::bigint
                AND ROW(d.percent_before_cap_bp, d.counted_microseconds, d.outage_ended_at, d.tier_longer_than_microseconds, d.clause, d.downtime_microseconds, d.period_microseconds, d.severity, d.policy_version, d.service_id, d.plan, d.time_zone)::text
                  = ROW(s.percent_before_cap_bp, s.counted_microseconds, s.outage_ended_at, s.tier_longer_than_microseconds, s.clause, s.downtime_microseconds, s.period_microseconds, s.severity, s.policy_version, s.service_id, s.plan, s.time_zone)::text
              WHERE s.part = ANY ($2::text[]::xid8[])
              GROUP BY s.part, s.number) AS numbered
    ON numbered.part = c.part AND numbered.staged = c.decision
 WHERE c.part = ANY ($2::text[]::xid8[])
