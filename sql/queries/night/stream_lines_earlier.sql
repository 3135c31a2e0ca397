-- The stored invoice lines of what is not settled of the months before one.
-- Parameters: the month; the run whose rows of carried_forward count; five arrays of the same length, the keys of earlier
-- credits on invoices that are not final; the first customer, and the one before which they end, each an empty text for
-- no such bound.
-- Returns: customer_id, subscription_id, incident_id, currency, line, invoice_id, amount_minor, is_runs (whether a run
-- placed it), billing_month. Order: customer, subscription, incident, currency, line.
-- Looked up in the order of the index, in which they are sorted to find each once.
WITH earlier AS (
  SELECT billing_month, customer_id, subscription_id, incident_id, currency
    FROM redress.carried_forward
   WHERE run_id = $2::bigint
   UNION
  SELECT billing_month, customer_id, subscription_id, incident_id, currency
    FROM redress.invoice_line
   WHERE run_id IS NULL AND amount_minor > 0
   UNION
  SELECT billing_month, customer_id, subscription_id, incident_id, currency
    FROM unnest($3::text[], $4::text[], $5::text[], $6::date[], $7::text[])
           AS on_invoice (customer_id, subscription_id, incident_id, billing_month, currency)
)
SELECT a.customer_id, a.subscription_id, a.incident_id, a.currency, a.line, a.invoice_id, a.amount_minor,
       a.run_id IS NOT NULL AS is_runs, a.billing_month
  FROM earlier AS e
  JOIN redress.invoice_line AS a
    ON a.billing_month = e.billing_month
   AND a.customer_id = e.customer_id
   AND a.subscription_id = e.subscription_id
   AND a.incident_id = e.incident_id
   AND a.currency = e.currency
 WHERE e.billing_month < $1::date
   AND ($8::text = '' OR e.customer_id COLLATE "C" >= $8::text)
   AND ($9::text = '' OR e.customer_id COLLATE "C" < $9::text)
 ORDER BY a.customer_id, a.subscription_id, a.incident_id, a.currency, a.line
