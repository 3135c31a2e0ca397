-- Every invoice line, row by row as `copy_lines` took it: the same columns in the same order are the same bytes.
-- Returns: customer_id, subscription_id, incident_id, currency, line, run_id, invoice_id, amount_minor.
-- Order: the key, then line.
SELECT customer_id, subscription_id, incident_id, currency, line, run_id, invoice_id, amount_minor
  FROM redress.invoice_adjustment
 ORDER BY customer_id, subscription_id, incident_id, currency, line
