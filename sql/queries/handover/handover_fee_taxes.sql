-- Whether the fees of subscriptions hold tax, where all their terms say the same.
-- Returns: customer_id, id (of the subscription), tax (included or excluded). Order: customer_id, id, byte order.
--
-- Inside of the subquery the name tax is the relation's column where there is one, and else the null of absent.
SELECT term.customer_id COLLATE "C" AS customer_id, term.subscription_id COLLATE "C" AS id, min(term.tax) AS tax
  FROM (SELECT NULL::text AS tax) AS absent
 CROSS JOIN LATERAL (
         SELECT t.customer_id, t.subscription_id, lower(btrim(tax::text)) COLLATE "C" AS tax
           FROM redress_source.subscription_term AS t) AS term
 WHERE term.customer_id IS NOT NULL AND term.subscription_id IS NOT NULL
 GROUP BY term.customer_id COLLATE "C", term.subscription_id COLLATE "C"
HAVING min(term.tax) = max(term.tax) AND count(*) = count(term.tax) AND min(term.tax) IN ('included', 'excluded')
 ORDER BY 1, 2
