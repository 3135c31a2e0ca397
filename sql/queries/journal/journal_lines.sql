-- Every invoice line of the credits of which something is posted: by one of the runs, or by the invoicing system in a time.
-- Parameters: the runs, the time's start and end.
-- Returns: customer_id, subscription_id, incident_id, billing_month, currency, line, run_id (null where the invoicing system
-- wrote it), placed_on (the day in UTC on which it did; null where a run did), amount_minor, is_balance (whether
-- the line stands for what is handed to a balance in another system).
-- Order: customer, subscription, incident, month, currency, line.
SELECT a.customer_id, a.subscription_id, a.incident_id, a.billing_month, a.currency, a.line, a.run_id,
       (a.placed_at AT TIME ZONE 'UTC')::date AS placed_on, a.amount_minor,
       starts_with(a.invoice_id, 'balance:') AS is_balance
  FROM (SELECT w.customer_id, w.subscription_id, w.incident_id, w.billing_month, w.currency
          FROM redress.credit_revision AS w
         WHERE w.run_id = ANY($1::bigint[])
         UNION
        SELECT l.customer_id, l.subscription_id, l.incident_id, l.billing_month, l.currency
          FROM redress.invoice_line AS l
         WHERE l.run_id = ANY($1::bigint[])
            OR (l.placed_at >= $2::timestamptz AND l.placed_at < $3::timestamptz)) AS touched
  JOIN redress.invoice_adjustment AS a
    ON a.customer_id = touched.customer_id
   AND a.subscription_id = touched.subscription_id
   AND a.incident_id = touched.incident_id
   AND a.billing_month = touched.billing_month
   AND a.currency = touched.currency
 ORDER BY a.customer_id, a.subscription_id, a.incident_id, a.billing_month, a.currency, a.line
