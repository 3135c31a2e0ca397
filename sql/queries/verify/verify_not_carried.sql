-- The credits that the newest run should have carried forward and did not: open, overcredited or set off
-- when it was over, and in a month before run.carried_before. What an invoicing function has given back
-- since then is read in another way.
-- Returns: customer_id, subscription_id, incident_id, billing_month as text, currency. Order: the key.
WITH set_off AS (
  SELECT customer_id, subscription_id, incident_id, billing_month, currency
    FROM redress.invoice_adjustment
   WHERE invoice_id = 'set-off'
   GROUP BY customer_id, subscription_id, incident_id, billing_month, currency
  HAVING sum(amount_minor) <> 0
)
SELECT e.customer_id, e.subscription_id, e.incident_id, to_char(e.billing_month, 'YYYY-MM') AS billing_month, e.currency
  FROM redress.entitlement AS e
  JOIN (SELECT carried_by, carried_before FROM redress.run ORDER BY run_id DESC LIMIT 1) AS newest
    ON e.billing_month < newest.carried_before
  LEFT JOIN redress.carried_forward AS f
    ON f.run_id = newest.carried_by
   AND f.customer_id = e.customer_id
   AND f.subscription_id = e.subscription_id
   AND f.incident_id = e.incident_id
   AND f.billing_month = e.billing_month
   AND f.currency = e.currency
  LEFT JOIN set_off AS s
    ON s.customer_id = e.customer_id
   AND s.subscription_id = e.subscription_id
   AND s.incident_id = e.incident_id
   AND s.billing_month = e.billing_month
   AND s.currency = e.currency
 WHERE (e.open_minor <> 0 OR s.customer_id IS NOT NULL)
   AND f.run_id IS NULL
   AND NOT EXISTS (SELECT 1
                     FROM redress.invoice_line AS a
                    WHERE a.customer_id = e.customer_id
                      AND a.subscription_id = e.subscription_id
                      AND a.incident_id = e.incident_id
                      AND a.billing_month = e.billing_month
                      AND a.currency = e.currency
                      AND a.run_id IS NULL
                      AND a.amount_minor > 0)
 ORDER BY e.customer_id, e.subscription_id, e.incident_id, e.billing_month, e.currency
