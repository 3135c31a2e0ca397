-- Everything that the ledger has of the subscriptions of which something was written after a run,
-- with the columns of `copy_credits` in the same order, so that the bytes are the same.
-- Parameters: a run; an instant before it began, since which invoicing functions may have written
-- lines.
-- Returns: customer_id, subscription_id, currency, revision, lines_through, run_id, amount_minor, kind, monthly_fee,
-- service_id, plan, customer_name, customer_tier, time_zone, reason, terms, customer_evidence, incident_id, percent_bp,
-- percent_before_cap_bp, billing_month, counted_microseconds, outage_started_at, outage_ended_at,
-- tier_longer_than_microseconds, severity, policy_version. Order: the key, then revision.
WITH touched AS (
  SELECT customer_id, subscription_id
    FROM redress.credit
   WHERE run_id > $1::bigint
   UNION
  SELECT customer_id, subscription_id
    FROM redress.invoice_adjustment
   WHERE run_id > $1::bigint
      OR (run_id IS NULL AND placed_at > $2::timestamptz)
)
SELECT c.customer_id, c.subscription_id, c.currency, c.revision, c.lines_through, c.run_id, c.amount_minor, c.kind,
       c.monthly_fee, c.service_id, c.plan, c.customer_name, c.customer_tier, c.time_zone, c.reason, c.terms,
       c.customer_evidence, c.incident_id, c.percent_bp, c.percent_before_cap_bp, c.billing_month,
       c.counted_microseconds, c.outage_started_at, c.outage_ended_at, c.tier_longer_than_microseconds, c.severity,
       c.policy_version
  FROM touched AS t
  JOIN redress.credit AS c ON c.customer_id = t.customer_id AND c.subscription_id = t.subscription_id
 ORDER BY c.customer_id, c.subscription_id, c.incident_id, c.currency, c.revision
