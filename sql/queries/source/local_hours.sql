-- The hours that clocks show in a time zone. Where clocks are set, an hour may be longer or shorter, or come twice.
-- Parameters: zone, first day, last day. Returns: starts_at, ends_at. Order: by time.
SELECT h.starts_at, h.ends_at
  FROM (SELECT q.at AS starts_at, lead(q.at) OVER (ORDER BY q.at) AS ends_at
          FROM (SELECT t.at, date_trunc('hour', t.at AT TIME ZONE $1) AS hour,
                       lag(date_trunc('hour', t.at AT TIME ZONE $1)) OVER (ORDER BY t.at) AS before,
                       lag(t.at AT TIME ZONE $1) OVER (ORDER BY t.at) AS clock_before, t.at AT TIME ZONE $1 AS clock
                  FROM generate_series($2::date::timestamp AT TIME ZONE 'UTC', ($3::date + 1)::timestamp AT TIME ZONE 'UTC',
                                       interval '15 minutes') AS t (at)) AS q
         WHERE q.hour IS DISTINCT FROM q.before OR q.clock <= q.clock_before) AS h
 WHERE h.ends_at IS NOT NULL
 ORDER BY h.starts_at
