-- The invoice lines of a run, without its number. Parameter: run_id.
-- Returns: customer_id, subscription_id, incident_id, billing_month, currency, line, invoice_id, amount_minor.
-- Order: customer, subscription, incident, month, currency, line.
SELECT customer_id, subscription_id, incident_id, billing_month, currency, line, invoice_id, amount_minor
  FROM redress.invoice_adjustment
 WHERE run_id = $1::bigint
 ORDER BY customer_id, subscription_id, incident_id, billing_month, currency, line
