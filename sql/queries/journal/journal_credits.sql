-- Every revision of the credits of which something is posted: by one of the runs, or by the invoicing system in a time.
-- Parameters: the runs, the time's start and end.
-- Returns: customer_id, subscription_id, incident_id, billing_month, currency, revision, run_id, amount_minor, lines_through,
-- service_id, plan, policy_version (null where nothing was left to decide on), customer_tier.
-- Order: customer, subscription, incident, month, currency, revision.
SELECT c.customer_id, c.subscription_id, c.incident_id, c.billing_month, c.currency, c.revision, c.run_id, c.amount_minor,
       c.lines_through, c.service_id, c.plan, c.policy_version, c.customer_tier
  FROM (SELECT w.customer_id, w.subscription_id, w.incident_id, w.billing_month, w.currency
          FROM redress.credit_revision AS w
         WHERE w.run_id = ANY($1::bigint[])
         UNION
        SELECT l.customer_id, l.subscription_id, l.incident_id, l.billing_month, l.currency
          FROM redress.invoice_line AS l
         WHERE l.run_id = ANY($1::bigint[])
            OR (l.placed_at >= $2::timestamptz AND l.placed_at < $3::timestamptz)) AS touched
  JOIN redress.credit AS c
    ON c.customer_id = touched.customer_id
   AND c.subscription_id = touched.subscription_id
   AND c.incident_id = touched.incident_id
   AND c.billing_month = touched.billing_month
   AND c.currency = touched.currency
 ORDER BY c.customer_id, c.subscription_id, c.incident_id, c.billing_month, c.currency, c.revision
