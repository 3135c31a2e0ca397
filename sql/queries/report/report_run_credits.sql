-- What a run appended, each with what its key was worth once the run was over.
-- Parameter: run_id.
-- Returns: customer_id, subscription_id, incident_id, currency, revision, run_id, kind, billing_month, amount_minor,
-- entitled_minor, lines_through, percent_bp, percent_before_cap_bp, counted_microseconds, outage_started_at,
-- outage_ended_at, tier_longer_than_microseconds, clause, severity, monthly_fee, policy_version, service_id, plan,
-- customer_name, customer_tier. Order: customer, subscription, incident, month, currency.
SELECT c.customer_id, c.subscription_id, c.incident_id, c.currency, c.revision, c.run_id, c.kind, c.billing_month,
       c.amount_minor,
       CASE c.kind
         WHEN 'grant' THEN c.amount_minor
         ELSE (SELECT sum(e.amount_minor)::bigint
                 FROM redress.credit AS e
                WHERE e.customer_id = c.customer_id
                  AND e.subscription_id = c.subscription_id
                  AND e.incident_id = c.incident_id
                  AND e.billing_month = c.billing_month
                  AND e.currency = c.currency
                  AND e.run_id <= c.run_id)
       END AS entitled_minor,
       c.lines_through, c.percent_bp, c.percent_before_cap_bp, c.counted_microseconds, c.outage_started_at,
       c.outage_ended_at, c.tier_longer_than_microseconds, c.clause, c.severity, c.monthly_fee, c.policy_version, c.service_id,
       c.plan, c.customer_name, c.customer_tier
  FROM redress.credit AS c
 WHERE c.run_id = $1::bigint
 ORDER BY c.customer_id, c.subscription_id, c.incident_id, c.billing_month, c.currency
