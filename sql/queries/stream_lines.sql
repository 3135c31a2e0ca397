-- The invoice lines.
-- Returns: customer_id, subscription_id, incident_id, currency, line, invoice_id, amount_minor. Order: the key.
SELECT customer_id, subscription_id, incident_id, currency, line, invoice_id, amount_minor
  FROM redress.invoice_adjustment
 ORDER BY customer_id, subscription_id, incident_id, currency, line
