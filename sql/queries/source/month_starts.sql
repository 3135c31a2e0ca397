-- When months begin in a time zone.
-- Parameters: zone, first month, last month. Returns: starts_at. Order: by month.
SELECT redress.month_start($1, m::date) AS starts_at
  FROM generate_series($2::date::timestamp, $3::date::timestamp, interval '1 month') AS m
 ORDER BY m
