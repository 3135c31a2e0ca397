-- The invoice lines of one customer, each with the invoice's status in the source. An invoice that
-- the source does not list counts as finalized; so does set-off, which is none of the source's.
-- Parameter: customer_id.
-- Returns: subscription_id, incident_id, billing_month, currency, invoice_id, amount_minor, status, issue_on (as text, empty where not
-- known), run_id, as_of (of the run that wrote the line, null where none did). Order: the key, then line.
WITH listed AS MATERIALIZED (
  SELECT i.invoice_id COLLATE "C" AS invoice_id, min(i.status COLLATE "C") AS status, min(i.issue_on)::text AS issue_on
    FROM redress_source.invoice AS i
   WHERE i.customer_id COLLATE "C" = $1
     AND i.invoice_id COLLATE "C" <> 'set-off'
   GROUP BY i.invoice_id COLLATE "C"
)
SELECT a.subscription_id, a.incident_id, a.billing_month, a.currency, a.invoice_id, a.amount_minor,
       coalesce(listed.status, 'finalized') AS status, coalesce(listed.issue_on, '') AS issue_on, a.run_id, r.as_of
  FROM redress.credited_month AS m
  JOIN redress.invoice_adjustment AS a ON a.billing_month = m.billing_month
  LEFT JOIN listed ON listed.invoice_id COLLATE "C" = a.invoice_id COLLATE "C"
  LEFT JOIN redress.run AS r ON r.run_id = a.run_id
 WHERE a.customer_id = $1
 ORDER BY a.customer_id, a.subscription_id, a.incident_id, a.billing_month, a.currency, a.line
