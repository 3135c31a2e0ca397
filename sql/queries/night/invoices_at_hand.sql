-- What given invoices carry of credits that are earlier than a month, or another customer's.
-- Parameters: invoice ids and their customers, arrays of one length; the month. Returns: invoice_id, customer_id (who has the
-- credit), subscription_id, incident_id, billing_month as text, currency, owner_id (whose the invoice is), is_earlier, each
-- once. Order: none.
SELECT a.invoice_id, a.customer_id, a.subscription_id, a.incident_id, a.billing_month::text AS billing_month, a.currency,
       i.customer_id AS owner_id, a.billing_month < $3 AS is_earlier
  FROM unnest($1::text[], $2::text[]) AS i (invoice_id, customer_id)
  JOIN redress.invoice_adjustment AS a ON a.invoice_id = i.invoice_id COLLATE "C"
 WHERE a.billing_month < $3
    OR a.customer_id IS DISTINCT FROM i.customer_id COLLATE "C"
 GROUP BY a.invoice_id, a.customer_id, a.subscription_id, a.incident_id, a.billing_month, a.currency, i.customer_id
HAVING sum(a.amount_minor) <> 0
