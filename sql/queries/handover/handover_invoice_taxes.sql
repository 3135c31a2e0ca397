-- Whether the amounts due of invoices hold tax.
-- Returns: customer_id, id (of the invoice), tax (included or excluded). Order: customer_id, id, byte order.
--
-- Inside of the subquery the name tax is the relation's column where there is one, and else the null of absent.
SELECT invoice.customer_id COLLATE "C" AS customer_id, invoice.invoice_id COLLATE "C" AS id, min(invoice.tax) AS tax
  FROM (SELECT NULL::text AS tax) AS absent
 CROSS JOIN LATERAL (
         SELECT i.customer_id, i.invoice_id, lower(btrim(tax::text)) COLLATE "C" AS tax
           FROM redress_source.invoice AS i) AS invoice
 WHERE invoice.customer_id IS NOT NULL AND invoice.invoice_id IS NOT NULL
 GROUP BY invoice.customer_id COLLATE "C", invoice.invoice_id COLLATE "C"
HAVING min(invoice.tax) = max(invoice.tax) AND count(*) = count(invoice.tax) AND min(invoice.tax) IN ('included', 'excluded')
 ORDER BY 1, 2
