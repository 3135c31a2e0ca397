-- The newest revision of each credit of a billing month as the ledger stood after a run, with the sum of its revisions up to it.
-- Parameters: the month's first day, the run.
-- Returns: customer_id, subscription_id, incident_id, currency, revision, run_id, kind, billing_month, amount_minor,
-- entitled_minor, lines_through, percent_bp, percent_before_cap_bp, counted_microseconds, outage_started_at,
-- outage_ended_at, tier_longer_than_microseconds, clause, severity, monthly_fee, policy_version, service_id, plan,
-- customer_name, customer_tier. Order: customer, subscription, incident, currency.
SELECT c.customer_id, c.subscription_id, c.incident_id, c.currency, c.revision, c.run_id, c.kind, c.billing_month,
       c.amount_minor, n.entitled_minor, c.lines_through, c.percent_bp, c.percent_before_cap_bp, c.counted_microseconds,
       c.outage_started_at, c.outage_ended_at, c.tier_longer_than_microseconds, c.clause, c.severity, c.monthly_fee,
       c.policy_version, c.service_id, c.plan, c.customer_name, c.customer_tier
  FROM (SELECT s.customer_id, s.subscription_id, s.incident_id, s.currency, s.revision,
               (sum(s.amount_minor) OVER by_revision)::bigint AS entitled_minor,
               lead(s.revision) OVER by_revision AS next_revision
          FROM redress.credit_revision AS s
         WHERE s.billing_month = $1::date
           AND s.run_id <= $2::bigint
        WINDOW by_revision AS (
                PARTITION BY s.customer_id, s.subscription_id, s.incident_id, s.currency ORDER BY s.revision
                ROWS UNBOUNDED PRECEDING)) AS n
  JOIN redress.credit AS c
    ON c.customer_id = n.customer_id
   AND c.subscription_id = n.subscription_id
   AND c.incident_id = n.incident_id
   AND c.currency = n.currency
   AND c.revision = n.revision
 WHERE n.next_revision IS NULL
   AND c.billing_month = $1::date
 ORDER BY c.customer_id, c.subscription_id, c.incident_id, c.currency
