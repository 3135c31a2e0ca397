-- The stored invoice lines of the subscriptions of which something was written after a run, with the
-- columns of `copy_lines` in the same order, so that the bytes are the same.
-- Parameters: a run; an instant before it began, since which invoicing functions may have written
-- lines.
-- Returns: customer_id, subscription_id, incident_id, billing_month, currency, line, run_id, invoice_id, amount_minor.
-- Order: customer, subscription, incident, currency, line.
WITH touched AS (
  SELECT customer_id, subscription_id
    FROM redress.credit_revision
   WHERE run_id > $1::bigint
   UNION
  SELECT customer_id, subscription_id
    FROM redress.invoice_line
   WHERE run_id > $1::bigint
      OR (run_id IS NULL AND placed_at > $2::timestamptz)
), month AS (
  SELECT billing_month FROM redress.credited_month
)
SELECT a.customer_id, a.subscription_id, a.incident_id, a.billing_month, a.currency, a.line, a.run_id, a.invoice_id,
       a.amount_minor
  FROM touched AS t
 CROSS JOIN month AS m
  JOIN redress.invoice_line AS a
    ON a.billing_month = m.billing_month AND a.customer_id = t.customer_id AND a.subscription_id = t.subscription_id
 ORDER BY a.customer_id, a.subscription_id, a.incident_id, a.currency, a.line
