-- The invoice lines of every key that has a revision in a billing month.
-- Parameter: the month's first day.
-- Returns: customer_id, subscription_id, incident_id, currency, invoice_id, amount_minor. Order: the key, then line.
SELECT a.customer_id, a.subscription_id, a.incident_id, a.currency, a.invoice_id, a.amount_minor
  FROM redress.invoice_adjustment AS a
 WHERE EXISTS (SELECT 1
                 FROM redress.credit AS c
                WHERE c.customer_id = a.customer_id
                  AND c.subscription_id = a.subscription_id
                  AND c.incident_id = a.incident_id
                  AND c.currency = a.currency
                  AND c.billing_month = $1::date)
 ORDER BY a.customer_id, a.subscription_id, a.incident_id, a.currency, a.line
