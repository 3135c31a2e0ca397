-- When hours of the clock begin in a time zone. An hour that clocks show twice begins twice; one that they skip does
-- not begin. The first instant is a local midnight, and zones differ by quarters of an hour.
-- Parameters: zone, a midnight, a later one. Returns: starts_at. Order: by starts_at.
SELECT quarter.starts_at
  FROM generate_series($2::timestamptz, $3::timestamptz, interval '15 minutes') AS quarter (starts_at)
 WHERE extract(minute FROM quarter.starts_at AT TIME ZONE $1) = 0
 ORDER BY quarter.starts_at
