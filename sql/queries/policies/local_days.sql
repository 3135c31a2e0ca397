-- The days of a time zone, without a ledger: the number of each since 1970-01-01, and when it begins. If clocks show
-- midnight twice, the first one counts. If they skip midnight, the day begins at the skip. A day that the zone skipped
-- is not returned.
-- Parameters: zone, first day, last day. Returns: day, starts_at. Order: by day.
SELECT usual.midnight::date - DATE '1970-01-01' AS day,
       coalesce(
         (SELECT min(usual.starts_at - shift.back)
            FROM (VALUES (interval '2 hours'), (interval '1 hour'), (interval '30 minutes'), (interval '0')) AS shift (back)
           WHERE (usual.starts_at - shift.back) AT TIME ZONE $1 = usual.midnight),
         usual.starts_at) AS starts_at
  FROM (SELECT d AS midnight, d AT TIME ZONE $1 AS starts_at
          FROM generate_series($2::date::timestamp, $3::date::timestamp, interval '1 day') AS d) AS usual
 WHERE (usual.starts_at AT TIME ZONE $1)::date = usual.midnight::date
 ORDER BY usual.midnight
