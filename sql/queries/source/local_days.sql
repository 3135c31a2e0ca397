-- The days of a time zone, and which of them are working days: Monday to Friday but for given holidays. A day begins at the
-- first instant at which clocks show its midnight, or later where they jump over it.
-- Parameters: zone, first day, last day, holidays. Returns: starts_at, ends_at, is_working. Order: by day.
SELECT b.starts_at, lead(b.starts_at, 1, b.next_at) OVER (ORDER BY b.day) AS ends_at,
       extract(isodow FROM b.day) < 6 AND b.day <> ALL ($4::text[]::date[]) AS is_working
  FROM (SELECT d::date AS day, least(d AT TIME ZONE $1, e.starts_at) AS starts_at,
               (d + interval '1 day') AT TIME ZONE $1 AS next_at
          FROM generate_series($2::date::timestamp, $3::date::timestamp, interval '1 day') AS d
         CROSS JOIN LATERAL (
                SELECT CASE
                         WHEN e.at AT TIME ZONE $1 = d THEN e.at
                       END AS starts_at
                  FROM (SELECT (d AT TIME ZONE $1) - interval '26 hours'
                                 + (d - ((d AT TIME ZONE $1) - interval '26 hours') AT TIME ZONE $1) AS at) AS e) AS e) AS b
 ORDER BY b.day
