-- The invoice lines.
-- Returns: customer_id, subscription_id, incident_id, currency, line, invoice_id, amount_minor, is_runs
-- (whether a run placed it). Order: the key.
SELECT customer_id, subscription_id, incident_id, currency, line, invoice_id, amount_minor, run_id IS NOT NULL AS is_runs
  FROM redress.invoice_adjustment
 ORDER BY customer_id, subscription_id, incident_id, currency, line
