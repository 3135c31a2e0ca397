-- The invoice lines of the credits of a billing month as they were: those of runs up to one, and those that were placed up to
-- a time.
-- Parameters: the month's first day, the run, the time.
-- Returns: customer_id, subscription_id, incident_id, billing_month, currency, invoice_id, amount_minor. Order: customer,
-- subscription, incident, month, currency, then line.
SELECT a.customer_id, a.subscription_id, a.incident_id, a.billing_month, a.currency, a.invoice_id, a.amount_minor
  FROM redress.invoice_adjustment AS a
 WHERE a.billing_month = $1::date
   AND (a.run_id <= $2::bigint OR a.placed_at <= $3::timestamptz)
 ORDER BY a.customer_id, a.subscription_id, a.incident_id, a.billing_month, a.currency, a.line
