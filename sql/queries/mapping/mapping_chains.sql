-- Subscriptions that end on the day on which another one of the same customer and service begins, or in the last second of
-- the day before: an upgrade that the mapping may have split in two. Where several end and begin on one day, they are paired in the order of their ids, so
-- that the work grows with the number of subscriptions and not with its square.
-- Parameters: how many examples; the zone of customers who have none, or none that the server knows.
-- Returns: sign, total, then six cells of an example: customer_id, the service_id, the subscription that ends with its
-- plan, when it ends, the one that begins with its plan, when it begins.
-- Order: customer_id, service_id, day, the subscription that ends, byte order.
WITH zones AS MATERIALIZED (
  SELECT z.name COLLATE "C" AS name FROM pg_catalog.pg_timezone_names AS z
), customers AS MATERIALIZED (
  SELECT c.customer_id COLLATE "C" AS customer_id, min(z.name COLLATE "C") AS zone
    FROM redress_source.customer AS c
    LEFT JOIN zones AS z ON z.name COLLATE "C" = c.time_zone COLLATE "C"
   GROUP BY c.customer_id COLLATE "C"
), subscriptions AS MATERIALIZED (
  SELECT t.customer_id COLLATE "C" AS customer_id, t.service_id COLLATE "C" AS service_id,
         t.subscription_id COLLATE "C" AS subscription_id, min(t.valid_from) AS begins_at,
         CASE WHEN count(*) = count(t.valid_to) THEN max(t.valid_to) END AS ends_at,
         (array_agg(t.plan COLLATE "C" ORDER BY t.valid_from, t.plan COLLATE "C"))[1] AS first_plan,
         (array_agg(t.plan COLLATE "C" ORDER BY t.valid_from DESC, t.plan COLLATE "C"))[1] AS last_plan
    FROM redress_source.subscription_term AS t
   WHERE t.valid_to IS NULL OR t.valid_to > t.valid_from
   GROUP BY t.customer_id COLLATE "C", t.service_id COLLATE "C", t.subscription_id COLLATE "C"
), dated AS MATERIALIZED (
  SELECT s.customer_id, s.service_id, s.subscription_id, s.first_plan, s.last_plan, s.begins_at, s.ends_at,
         (s.begins_at AT TIME ZONE coalesce(c.zone, $2::text))::date AS first_day,
         ((s.ends_at + interval '1 second') AT TIME ZONE coalesce(c.zone, $2::text))::date AS last_day
    FROM subscriptions AS s
    LEFT JOIN customers AS c ON c.customer_id COLLATE "C" = s.customer_id COLLATE "C"
   WHERE isfinite(s.begins_at)
), ending AS MATERIALIZED (
  SELECT d.customer_id, d.service_id, d.subscription_id, d.last_plan, d.ends_at, d.last_day AS day,
         row_number() OVER (
           PARTITION BY d.customer_id COLLATE "C", d.service_id COLLATE "C", d.last_day
           ORDER BY d.ends_at, d.subscription_id COLLATE "C") AS place
    FROM dated AS d
   WHERE isfinite(d.ends_at) AND d.last_day > d.first_day
), beginning AS MATERIALIZED (
  SELECT d.customer_id, d.service_id, d.subscription_id, d.first_plan, d.begins_at, d.first_day AS day,
         row_number() OVER (
           PARTITION BY d.customer_id COLLATE "C", d.service_id COLLATE "C", d.first_day
           ORDER BY d.begins_at, d.subscription_id COLLATE "C") AS place
    FROM dated AS d
   WHERE d.last_day IS NULL OR d.last_day > d.first_day
)
SELECT 'follows' AS sign, count(*) OVER () AS total, e.customer_id, e.service_id,
       concat_ws(', ', e.subscription_id, e.last_plan) AS ends,
       to_char(e.ends_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') AS ends_at,
       concat_ws(', ', b.subscription_id, b.first_plan) AS begins,
       to_char(b.begins_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') AS begins_at
  FROM ending AS e
  JOIN beginning AS b
    ON b.customer_id COLLATE "C" = e.customer_id COLLATE "C" AND b.service_id COLLATE "C" = e.service_id COLLATE "C"
   AND b.day = e.day AND b.place = e.place
 ORDER BY e.customer_id COLLATE "C", e.service_id COLLATE "C", e.day, e.subscription_id COLLATE "C"
 LIMIT $1::bigint
