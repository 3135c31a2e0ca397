-- What is not settled of the months before one, for reconciliation.
-- Parameters: the month; the run whose rows of carried_forward count; five arrays of the same length, the keys of earlier
-- credits on invoices that are not final; the first customer, and the one before which they end, each an empty text for
-- no such bound.
-- Returns: customer_id, subscription_id, incident_id, currency, revision, amount_minor, billing_month, percent_bp, month_minor, quarter_minor,
-- outage_started_at, lines_through, invoice_id (of the line that is the whole of the revision; null if there is none).
-- Order: customer, subscription, incident, currency, revision.
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
SELECT c.customer_id, c.subscription_id, c.incident_id, c.currency, c.revision, c.amount_minor, c.billing_month, c.percent_bp, c.month_minor, c.quarter_minor,
       c.outage_started_at, c.lines_through, c.invoice_id
  FROM earlier AS e
  JOIN redress.credit_revision AS c
    ON c.billing_month = e.billing_month
   AND c.customer_id = e.customer_id
   AND c.subscription_id = e.subscription_id
   AND c.incident_id = e.incident_id
   AND c.currency = e.currency
 WHERE e.billing_month < $1::date
   AND ($8::text = '' OR e.customer_id COLLATE "C" >= $8::text)
   AND ($9::text = '' OR e.customer_id COLLATE "C" < $9::text)
 ORDER BY c.customer_id, c.subscription_id, c.incident_id, c.currency, c.revision
