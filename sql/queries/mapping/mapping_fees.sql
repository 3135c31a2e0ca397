-- The monthly fees in force, by currency, plan and service. A currency's largest groups are rows of their own, the others
-- are one row, and all of them together one more.
-- Parameters: the as-of instant; how many groups of a currency are rows of their own.
-- Returns: currency, plan, service_id, service_name, place (from 1 within the currency; one more than the parameter for
-- the others, null for all), groups (how many the row stands for), terms, fee (the exact sum, as text).
-- Order: currency, place.
WITH groups AS MATERIALIZED (
  SELECT t.currency COLLATE "C" AS currency, t.plan COLLATE "C" AS plan, t.service_id COLLATE "C" AS service_id,
         count(*) AS terms, sum(t.monthly_fee) AS fee
    FROM redress_source.subscription_term AS t
   WHERE t.valid_from <= $1::timestamptz
     AND (t.valid_to IS NULL OR t.valid_to > $1::timestamptz)
     AND t.monthly_fee IS NOT NULL
     AND t.monthly_fee::text COLLATE "C" NOT IN ('NaN', 'Infinity', '-Infinity')
   GROUP BY t.currency COLLATE "C", t.plan COLLATE "C", t.service_id COLLATE "C"
), named AS MATERIALIZED (
  SELECT s.service_id COLLATE "C" AS service_id, min(s.name COLLATE "C") AS name
    FROM redress_source.service AS s
   GROUP BY s.service_id COLLATE "C"
), ranked AS MATERIALIZED (
  SELECT g.currency, g.plan, g.service_id, n.name, g.terms, g.fee,
         least($2::bigint + 1, row_number() OVER (
           PARTITION BY g.currency COLLATE "C"
           ORDER BY g.fee DESC, g.plan COLLATE "C", g.service_id COLLATE "C")) AS place
    FROM groups AS g
    LEFT JOIN named AS n ON n.service_id COLLATE "C" = g.service_id COLLATE "C"
)
SELECT u.currency, u.plan, u.service_id, u.service_name, u.place, u.groups, u.terms, u.fee
  FROM (SELECT r.currency COLLATE "C" AS currency,
               CASE WHEN r.place <= $2::bigint THEN min(r.plan COLLATE "C") END AS plan,
               CASE WHEN r.place <= $2::bigint THEN min(r.service_id COLLATE "C") END AS service_id,
               CASE WHEN r.place <= $2::bigint THEN min(r.name COLLATE "C") END AS service_name,
               r.place, count(*) AS groups, sum(r.terms)::bigint AS terms, trim_scale(sum(r.fee))::text AS fee
          FROM ranked AS r
         GROUP BY r.currency COLLATE "C", r.place
         UNION ALL
        SELECT r.currency COLLATE "C" AS currency, NULL, NULL, NULL, NULL, count(*), sum(r.terms)::bigint,
               trim_scale(sum(r.fee))::text
          FROM ranked AS r
         GROUP BY r.currency COLLATE "C") AS u
 ORDER BY u.currency COLLATE "C", u.place
