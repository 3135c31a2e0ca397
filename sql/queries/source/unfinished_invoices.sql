-- The invoices that are not finalized, to look up what they carry.
-- Returns: invoice_id, customer_id. Order: none.
SELECT invoice_id, customer_id
  FROM redress_source.invoice
 WHERE status COLLATE "C" IS DISTINCT FROM 'finalized' AND invoice_id COLLATE "C" <> ''
