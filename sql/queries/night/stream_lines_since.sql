-- The invoice lines of credits from a month on, and of earlier credits that are not settled.
-- Parameters: the month; the newest run; four arrays of the same length, the keys of earlier
-- credits on invoices that are not final.
-- Returns: customer_id, subscription_id, incident_id, currency, line, invoice_id, amount_minor, is_runs
-- (whether a run placed it). Order: the key.
WITH earlier AS (
  SELECT customer_id, subscription_id, incident_id, currency
    FROM redress.carried_forward
   WHERE run_id = $2::bigint
   UNION
  SELECT customer_id, subscription_id, incident_id, currency
    FROM redress.credit
   WHERE reason = 'moved'
   UNION
  SELECT customer_id, subscription_id, incident_id, currency
    FROM redress.invoice_adjustment
   WHERE run_id IS NULL AND amount_minor > 0
   UNION
  SELECT customer_id, subscription_id, incident_id, currency
    FROM unnest($3::text[], $4::text[], $5::text[], $6::text[])
           AS on_invoice (customer_id, subscription_id, incident_id, currency)
)
SELECT r.customer_id, r.subscription_id, r.incident_id, r.currency, r.line, r.invoice_id, r.amount_minor, r.is_runs
  FROM (SELECT customer_id, subscription_id, incident_id, currency, line, invoice_id, amount_minor,
               run_id IS NOT NULL AS is_runs
          FROM redress.invoice_adjustment
         WHERE billing_month >= $1::date
         UNION ALL
        SELECT a.customer_id, a.subscription_id, a.incident_id, a.currency, a.line, a.invoice_id, a.amount_minor,
               a.run_id IS NOT NULL
          FROM earlier AS e
          JOIN redress.invoice_adjustment AS a
            ON a.customer_id = e.customer_id
           AND a.subscription_id = e.subscription_id
           AND a.incident_id = e.incident_id
           AND a.currency = e.currency
         WHERE a.billing_month < $1::date) AS r
 ORDER BY r.customer_id, r.subscription_id, r.incident_id, r.currency, r.line
