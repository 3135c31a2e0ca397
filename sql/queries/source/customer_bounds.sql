-- The customers that divide all of them into parts of the same size: the first one of each part but the first.
-- Parameter: how many parts; there are fewer where there are fewer customers. Returns: customer_id, each once.
-- Order: customer_id, byte order.
SELECT DISTINCT counted.customer_id COLLATE "C" AS customer_id
  FROM (SELECT c.customer_id COLLATE "C" AS customer_id,
               row_number() OVER (ORDER BY c.customer_id COLLATE "C") - 1 AS earlier
          FROM redress_source.customer AS c
         WHERE c.customer_id COLLATE "C" <> '') AS counted
 CROSS JOIN (SELECT count(*) AS customers
               FROM redress_source.customer AS c
              WHERE c.customer_id COLLATE "C" <> '') AS total
 WHERE counted.earlier > 0
   AND counted.earlier * $1::bigint / total.customers <> (counted.earlier - 1) * $1::bigint / total.customers
 ORDER BY 1
