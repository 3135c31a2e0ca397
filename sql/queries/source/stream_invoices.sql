-- The invoices that are not finalized: drafts take credits, void ones give them back, other
-- statuses are reported. An invoice that is not returned counts as finalized.
-- Returns: customer_id, invoice_id, currency, status, amount_due (cut to the 4 decimals that any currency has at
-- most), issue_on.
-- Order: customer_id, issue_on, invoice_id, byte order.
SELECT customer_id, invoice_id, currency, status, trunc(amount_due, 4) AS amount_due, issue_on
  FROM redress_source.invoice
 WHERE status COLLATE "C" IS DISTINCT FROM 'finalized'
 ORDER BY customer_id COLLATE "C", issue_on, invoice_id COLLATE "C"
