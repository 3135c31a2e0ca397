-- The invoice lines of the credits of a billing month as they were, with who wrote each: those of runs up to one, and those
-- that were placed up to a time.
-- Parameters: the month's first day, the run, the time.
-- Returns: customer_id, subscription_id, incident_id, billing_month, currency, line, invoice_id, amount_minor, origin (run or
-- invoicing).
-- Order: customer, subscription, incident, month, currency, line.
SELECT a.customer_id, a.subscription_id, a.incident_id, a.billing_month, a.currency, a.line, a.invoice_id, a.amount_minor,
       CASE WHEN a.run_id IS NULL THEN 'invoicing' ELSE 'run' END AS origin
  FROM redress.invoice_adjustment AS a
 WHERE a.billing_month = $1::date
   AND (a.run_id <= $2::bigint OR a.placed_at <= $3::timestamptz)
 ORDER BY a.customer_id, a.subscription_id, a.incident_id, a.billing_month, a.currency, a.line
