-- The invoice lines of one customer from the ledger alone, without the invoices' status.
-- Parameter: customer_id.
-- Returns: the columns of explain_lines.sql; status and issue_on are empty. Order: the key, then line.
SELECT a.subscription_id, a.incident_id, a.billing_month, a.currency, a.invoice_id, a.amount_minor, '' AS status, '' AS issue_on,
       a.run_id, r.as_of
  FROM redress.credited_month AS m
  JOIN redress.invoice_adjustment AS a ON a.billing_month = m.billing_month
  LEFT JOIN redress.run AS r ON r.run_id = a.run_id
 WHERE a.customer_id = $1
 ORDER BY a.customer_id, a.subscription_id, a.incident_id, a.billing_month, a.currency, a.line
