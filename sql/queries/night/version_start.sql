-- The midnight at which a policy version takes effect. If clocks show that midnight twice, the
-- first one.
-- Parameters: zone, day as text. Returns: starts_at.
SELECT coalesce(
         (SELECT min(usual.starts_at - shift.back)
            FROM (VALUES (interval '2 hours'), (interval '1 hour'), (interval '30 minutes'), (interval '0')) AS shift (back)
           WHERE (usual.starts_at - shift.back) AT TIME ZONE $1 = $2::text::date::timestamp),
         usual.starts_at) AS starts_at
  FROM (SELECT $2::text::date::timestamp AT TIME ZONE $1 AS starts_at) AS usual
