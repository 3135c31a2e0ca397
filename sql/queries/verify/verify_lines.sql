-- Every invoice line, with the columns of `copy_lines` in the same order, so that the bytes are the
-- same.
-- Returns: customer_id, subscription_id, incident_id, currency, line, run_id, invoice_id, amount_minor, billing_month.
-- Order: the key, then line.
SELECT customer_id, subscription_id, incident_id, currency, line, run_id, invoice_id, amount_minor, billing_month
  FROM redress.invoice_adjustment
 ORDER BY customer_id, subscription_id, incident_id, currency, line
