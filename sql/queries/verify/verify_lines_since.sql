-- The invoice lines of the subscriptions of which something was written after a run, with the columns
-- of `copy_lines` in the same order, so that the bytes are the same.
-- Parameters: a run; an instant before it began, since which invoicing functions may have written
-- lines.
-- Returns: customer_id, subscription_id, incident_id, currency, line, run_id, invoice_id, amount_minor, billing_month.
-- Order: the key, then line.
WITH touched AS (
  SELECT customer_id, subscription_id
    FROM redress.credit
   WHERE run_id > $1::bigint
   UNION
  SELECT customer_id, subscription_id
    FROM redress.invoice_adjustment
   WHERE run_id > $1::bigint
      OR (run_id IS NULL AND placed_at > $2::timestamptz)
)
SELECT a.customer_id, a.subscription_id, a.incident_id, a.currency, a.line, a.run_id, a.invoice_id, a.amount_minor,
       a.billing_month
  FROM touched AS t
  JOIN redress.invoice_adjustment AS a ON a.customer_id = t.customer_id AND a.subscription_id = t.subscription_id
 ORDER BY a.customer_id, a.subscription_id, a.incident_id, a.currency, a.line
