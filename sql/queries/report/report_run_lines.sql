-- The invoice lines that the keys of a run had once the run was over, whoever placed them.
-- Parameter: run_id.
-- Returns: customer_id, subscription_id, incident_id, currency, invoice_id, amount_minor. Order: the key, then line.
SELECT a.customer_id, a.subscription_id, a.incident_id, a.currency, a.invoice_id, a.amount_minor
  FROM redress.invoice_adjustment AS a
 WHERE EXISTS (SELECT 1
                 FROM redress.credit AS c
                WHERE c.customer_id = a.customer_id
                  AND c.subscription_id = a.subscription_id
                  AND c.incident_id = a.incident_id
                  AND c.currency = a.currency
                  AND c.run_id = $1::bigint
                  AND c.lines_through >= a.line)
 ORDER BY a.customer_id, a.subscription_id, a.incident_id, a.currency, a.line
