-- What is missing: names, emails and zones, customers' subscriptions, and the customers and services of subscriptions.
-- Parameter: how many examples of a sign.
-- Returns: sign, total, then six cells of an example: the key of the row, and of subscriptions what it names; the others
-- are null.
-- Order: sign, key, then what it names, byte order.
WITH owners AS MATERIALIZED (
  SELECT t.subscription_id COLLATE "C" AS subscription_id, t.customer_id COLLATE "C" AS customer_id,
         t.service_id COLLATE "C" AS service_id
    FROM redress_source.subscription_term AS t
   GROUP BY t.subscription_id COLLATE "C", t.customer_id COLLATE "C", t.service_id COLLATE "C"
), buyers AS MATERIALIZED (
  SELECT o.customer_id COLLATE "C" AS customer_id FROM owners AS o GROUP BY o.customer_id COLLATE "C"
), customers AS MATERIALIZED (
  SELECT c.customer_id COLLATE "C" AS customer_id, min(c.name COLLATE "C") AS name, min(c.email COLLATE "C") AS email,
         min(c.time_zone COLLATE "C") AS zone
    FROM redress_source.customer AS c
   GROUP BY c.customer_id COLLATE "C"
), services AS MATERIALIZED (
  SELECT s.service_id COLLATE "C" AS service_id, min(s.name COLLATE "C") AS name
    FROM redress_source.service AS s
   GROUP BY s.service_id COLLATE "C"
), signs AS MATERIALIZED (
  SELECT 'customer_name' AS sign, c.customer_id AS key, NULL::text AS names
    FROM customers AS c
   WHERE c.name IS NULL OR btrim(c.name COLLATE "C") = ''
   UNION ALL
  SELECT 'email_missing', c.customer_id, c.name
    FROM customers AS c
   WHERE c.email IS NULL OR btrim(c.email COLLATE "C") = ''
   UNION ALL
  SELECT 'zone_missing', c.customer_id, c.name
    FROM customers AS c
   WHERE c.zone IS NULL OR btrim(c.zone COLLATE "C") = ''
   UNION ALL
  SELECT 'service_name', s.service_id, NULL
    FROM services AS s
   WHERE s.name IS NULL OR btrim(s.name COLLATE "C") = ''
   UNION ALL
  SELECT 'incident_title', i.incident_id COLLATE "C", NULL
    FROM redress_source.incident AS i
   WHERE i.title IS NULL OR btrim(i.title COLLATE "C") = ''
   UNION ALL
  SELECT 'no_subscription', c.customer_id, c.name
    FROM customers AS c
    LEFT JOIN buyers AS b ON b.customer_id COLLATE "C" = c.customer_id COLLATE "C"
   WHERE b.customer_id IS NULL
   UNION ALL
  SELECT 'customer_missing', o.subscription_id, coalesce(o.customer_id, '(null)')
    FROM owners AS o
    LEFT JOIN customers AS c ON c.customer_id COLLATE "C" = o.customer_id COLLATE "C"
   WHERE c.customer_id IS NULL
   UNION ALL
  SELECT 'service_missing', o.subscription_id, coalesce(o.service_id, '(null)')
    FROM owners AS o
    LEFT JOIN services AS s ON s.service_id COLLATE "C" = o.service_id COLLATE "C"
   WHERE s.service_id IS NULL
), placed AS (
  SELECT s.sign, s.key, s.names, count(*) OVER (PARTITION BY s.sign COLLATE "C") AS total,
         row_number() OVER (
           PARTITION BY s.sign COLLATE "C" ORDER BY s.key COLLATE "C", s.names COLLATE "C") AS place
    FROM signs AS s
)
SELECT p.sign, p.total, p.key, p.names, NULL::text AS third, NULL::text AS fourth, NULL::text AS fifth, NULL::text AS sixth
  FROM placed AS p
 WHERE p.place <= $1::bigint
 ORDER BY p.sign COLLATE "C", p.place
