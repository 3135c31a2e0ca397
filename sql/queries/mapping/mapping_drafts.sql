-- How many drafts the customers have.
-- Returns: drafts (0, 1, or 2 for two and more), customers, example (the first customer_id).
-- Order: drafts.
WITH drafts AS MATERIALIZED (
  SELECT i.customer_id COLLATE "C" AS customer_id, count(*) AS drafts
    FROM redress_source.invoice AS i
   WHERE i.status COLLATE "C" = 'draft'
   GROUP BY i.customer_id COLLATE "C"
), customers AS MATERIALIZED (
  SELECT c.customer_id COLLATE "C" AS customer_id
    FROM redress_source.customer AS c
   GROUP BY c.customer_id COLLATE "C"
)
SELECT least(2, coalesce(d.drafts, 0))::bigint AS drafts, count(*) AS customers, min(c.customer_id COLLATE "C") AS example
  FROM customers AS c
  LEFT JOIN drafts AS d ON d.customer_id COLLATE "C" = c.customer_id COLLATE "C"
 GROUP BY least(2, coalesce(d.drafts, 0))
 ORDER BY 1
