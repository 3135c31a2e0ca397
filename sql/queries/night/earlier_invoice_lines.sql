-- What given invoices carry of credits that are earlier than a month.
-- Parameters: invoice ids; the month; the newest run. Returns: invoice_id, customer_id, subscription_id, incident_id,
-- currency, is_carried (whether the newest run carried the credit forward), each once. Order: none.
SELECT a.invoice_id, a.customer_id, a.subscription_id, a.incident_id, a.currency,
       bool_or(f.run_id IS NOT NULL) AS is_carried
  FROM redress.invoice_adjustment AS a
  LEFT JOIN redress.carried_forward AS f
    ON f.run_id = $3
   AND f.customer_id = a.customer_id
   AND f.subscription_id = a.subscription_id
   AND f.incident_id = a.incident_id
   AND f.currency = a.currency
 WHERE a.invoice_id = ANY ($1::text[])
   AND a.billing_month < $2
 GROUP BY a.invoice_id, a.customer_id, a.subscription_id, a.incident_id, a.currency
HAVING sum(a.amount_minor) <> 0
