-- What is conspicuous of customers: several ids with one email or one name, ids with different beginnings, names that look
-- like tests. The beginning of an id is its letters before the first hyphen, underline, colon, slash or point; a UUID has
-- none.
-- Parameter: how many examples of a sign.
-- Returns: sign, total (emails, names, beginnings or customers), then six cells of an example: what is shared, how many
-- customers, the first and the last of them; the last two are null.
-- Order: sign, customers (the most first), then what is shared, byte order.
WITH customers AS MATERIALIZED (
  SELECT c.customer_id COLLATE "C" AS customer_id, min(c.name COLLATE "C") AS name,
         lower(btrim(min(c.name COLLATE "C"))) AS plain_name, lower(btrim(min(c.email COLLATE "C"))) AS email,
         CASE WHEN c.customer_id COLLATE "C" ~ '^[A-Za-z]+[-_:/.]'
                   AND c.customer_id COLLATE "C" !~* '^[0-9a-f]{8}-[0-9a-f]{4}-'
              THEN substring(c.customer_id COLLATE "C" FROM '^[A-Za-z]+[-_:/.]') ELSE '' END AS beginning
    FROM redress_source.customer AS c
   WHERE c.customer_id IS NOT NULL
   GROUP BY c.customer_id COLLATE "C"
), beginnings AS MATERIALIZED (
  SELECT c.beginning COLLATE "C" AS beginning, count(*) AS customers, min(c.customer_id COLLATE "C") AS first, max(c.customer_id COLLATE "C") AS last
    FROM customers AS c
   GROUP BY c.beginning COLLATE "C"
), signs AS MATERIALIZED (
  SELECT 'same_email' AS sign, min(c.email COLLATE "C") AS shared, count(*) AS customers,
         min(c.customer_id COLLATE "C") AS first, max(c.customer_id COLLATE "C") AS last
    FROM customers AS c
   WHERE c.email COLLATE "C" <> ''
   GROUP BY c.email COLLATE "C"
  HAVING count(*) > 1
   UNION ALL
  SELECT 'same_name', min(c.name COLLATE "C"), count(*), min(c.customer_id COLLATE "C"), max(c.customer_id COLLATE "C")
    FROM customers AS c
   WHERE c.plain_name COLLATE "C" <> ''
   GROUP BY c.plain_name COLLATE "C"
  HAVING count(*) > 1
   UNION ALL
  SELECT 'id_beginnings', b.beginning, b.customers, b.first, b.last
    FROM beginnings AS b
   WHERE (SELECT count(*) FROM beginnings) BETWEEN 2 AND 20
   UNION ALL
  SELECT 'test_customer', c.name, 1, c.customer_id, c.customer_id
    FROM customers AS c
   WHERE ' ' || c.plain_name || ' ' ~ '[^a-z](tests?|testing|demo|dummy|sandbox|staging|do not use)[^a-z]'
), placed AS (
  SELECT s.sign, s.shared, s.customers, s.first, s.last, count(*) OVER (PARTITION BY s.sign COLLATE "C") AS total,
         row_number() OVER (
           PARTITION BY s.sign COLLATE "C"
           ORDER BY s.customers DESC, s.shared COLLATE "C", s.first COLLATE "C") AS place
    FROM signs AS s
)
SELECT p.sign, p.total, p.shared, p.customers::text AS customers, p.first, p.last, NULL::text AS fifth, NULL::text AS sixth
  FROM placed AS p
 WHERE p.place <= $1::bigint
 ORDER BY p.sign COLLATE "C", p.place
