-- The invoices that are not finalized and must not take credits, because the source has another row with the same id.
-- Parameters: the customer, or an empty text for all; the first customer, and the one before which they end, each an
-- empty text for no such bound.
-- Returns: customer_id, invoice_id, each once. Order: customer_id, invoice_id, byte order.
WITH unfinished AS MATERIALIZED (
  SELECT i.customer_id COLLATE "C" AS customer_id, i.invoice_id COLLATE "C" AS invoice_id
    FROM redress_source.invoice AS i
   WHERE i.status COLLATE "C" IS DISTINCT FROM 'finalized' AND i.invoice_id COLLATE "C" <> ''
     AND ($1 = '' OR i.customer_id COLLATE "C" = $1)
     AND ($2 = '' OR i.customer_id COLLATE "C" >= $2)
     AND ($3 = '' OR i.customer_id COLLATE "C" < $3)
)
SELECT DISTINCT u.customer_id COLLATE "C" AS customer_id, u.invoice_id COLLATE "C" AS invoice_id
  FROM unfinished AS u
  JOIN (SELECT i.invoice_id COLLATE "C" AS invoice_id
          FROM redress_source.invoice AS i
         WHERE i.invoice_id COLLATE "C" IN (SELECT n.invoice_id FROM unfinished AS n)
         GROUP BY i.invoice_id COLLATE "C"
        HAVING count(*) > 1) AS d
    ON d.invoice_id COLLATE "C" = u.invoice_id COLLATE "C"
 ORDER BY 1, 2
