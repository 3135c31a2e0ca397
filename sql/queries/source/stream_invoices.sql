-- The invoices that are not finalized: drafts take credits, void ones give them back, other
-- statuses are reported. An invoice that is not returned counts as finalized.
-- Returns: customer_id, invoice_id, currency, status, amount_due (cut to the 4 decimals that any currency has at
-- most), issue_on, applied_credit (likewise; null where the relation has no such column).
-- Order: customer_id, issue_on, invoice_id, byte order.
--
-- Inside of the subquery the name applied_credit is the relation's column where there is one, and else the null of absent.
SELECT invoice.customer_id, invoice.invoice_id, invoice.currency, invoice.status,
       trunc(invoice.amount_due, 4) AS amount_due, invoice.issue_on, trunc(invoice.applied, 4) AS applied_credit
  FROM (SELECT NULL::numeric AS applied_credit) AS absent
 CROSS JOIN LATERAL (
         SELECT i.customer_id, i.invoice_id, i.currency, i.status, i.amount_due, i.issue_on, applied_credit AS applied
           FROM redress_source.invoice AS i) AS invoice
 WHERE invoice.status COLLATE "C" IS DISTINCT FROM 'finalized'
 ORDER BY invoice.customer_id COLLATE "C", invoice.issue_on, invoice.invoice_id COLLATE "C"
