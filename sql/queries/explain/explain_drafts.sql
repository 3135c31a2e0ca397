-- The draft invoices of one customer. A row set-off is a finding, and nothing is placed on it.
-- Parameter: customer_id. Returns: invoice_id, currency, issue_on (as text). Order: issue_on, then invoice_id.
SELECT i.invoice_id, i.currency, coalesce(i.issue_on::text, '') AS issue_on
  FROM redress_source.invoice AS i
 WHERE i.customer_id COLLATE "C" = $1
   AND i.status COLLATE "C" = 'draft'
   AND i.invoice_id COLLATE "C" <> 'set-off'
 ORDER BY i.issue_on, i.invoice_id COLLATE "C"
