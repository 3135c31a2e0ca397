-- The stored invoice lines of credits of one month. Those that are the whole of a revision come with it.
-- Parameter: the month.
-- Returns: customer_id, subscription_id, incident_id, currency, line, invoice_id, amount_minor, is_runs (whether a run
-- placed it), billing_month. Order: customer, subscription, incident, currency, line.
SELECT a.customer_id, a.subscription_id, a.incident_id, a.currency, a.line, a.invoice_id, a.amount_minor,
       a.run_id IS NOT NULL AS is_runs, a.billing_month
  FROM redress.invoice_line AS a
 WHERE a.billing_month = $1::date
 ORDER BY a.customer_id, a.subscription_id, a.incident_id, a.currency, a.line
