-- The invoices that are not finalized and must not take credits, because they do not belong to one
-- customer alone: the source has another row with the same id, or they carry credits of another
-- customer, as far as these are of given months.
-- Parameter: the first of the months.
-- Returns: customer_id, invoice_id, is_doubled (whether the source has another row), each once.
-- Order: customer_id, invoice_id, byte order.
WITH unfinished AS MATERIALIZED (
  SELECT i.customer_id COLLATE "C" AS customer_id, i.invoice_id COLLATE "C" AS invoice_id
    FROM redress_source.invoice AS i
   WHERE i.status COLLATE "C" IS DISTINCT FROM 'finalized' AND i.invoice_id COLLATE "C" <> ''
), found AS (
  SELECT u.customer_id COLLATE "C" AS customer_id, u.invoice_id COLLATE "C" AS invoice_id, true AS is_doubled
    FROM unfinished AS u
    JOIN (SELECT i.invoice_id COLLATE "C" AS invoice_id
            FROM redress_source.invoice AS i
           WHERE i.invoice_id COLLATE "C" IN (SELECT n.invoice_id FROM unfinished AS n)
           GROUP BY i.invoice_id COLLATE "C"
          HAVING count(*) > 1) AS d
      ON d.invoice_id COLLATE "C" = u.invoice_id COLLATE "C"
  UNION ALL
  SELECT u.customer_id COLLATE "C", u.invoice_id COLLATE "C", false
    FROM unfinished AS u
    JOIN redress.invoice_adjustment AS a ON a.invoice_id COLLATE "C" = u.invoice_id COLLATE "C"
   WHERE a.billing_month >= $1::date
     AND a.customer_id COLLATE "C" <> u.customer_id COLLATE "C"
   GROUP BY u.customer_id COLLATE "C", u.invoice_id COLLATE "C", a.customer_id COLLATE "C"
  HAVING sum(a.amount_minor) <> 0
)
SELECT f.customer_id COLLATE "C" AS customer_id, f.invoice_id COLLATE "C" AS invoice_id, bool_or(f.is_doubled) AS is_doubled
  FROM found AS f
 GROUP BY f.customer_id COLLATE "C", f.invoice_id COLLATE "C"
 ORDER BY 1, 2
