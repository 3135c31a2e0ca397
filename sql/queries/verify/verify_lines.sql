-- The stored invoice lines of one month, with the columns of `copy_lines` in the same order, so that
-- the bytes are the same. Parameter: the month.
-- Returns: customer_id, subscription_id, incident_id, billing_month, currency, line, run_id, invoice_id, amount_minor.
-- Order: customer, subscription, incident, currency, line.
SELECT a.customer_id, a.subscription_id, a.incident_id, a.billing_month, a.currency, a.line, a.run_id, a.invoice_id,
       a.amount_minor
  FROM redress.invoice_line AS a
 WHERE a.billing_month = $1::date
 ORDER BY a.customer_id, a.subscription_id, a.incident_id, a.currency, a.line
