-- Months, days and hours of the places whose names are in rule_zone, from 2025 to 2027, in microseconds.
-- A clock hour ends where the minutes of the local clock come to 0 again, so one in which the clock is set forward by
-- half an hour is longer.

INSERT INTO rule_unit (unit, zone, starts, ends)
SELECT
  u.unit, z.zone, extract(epoch FROM d.day AT TIME ZONE z.zone) * 1000000,
  extract(epoch FROM (d.day + interval '1 day') AT TIME ZONE z.zone) * 1000000
FROM rule_zone AS z
CROSS JOIN generate_series(timestamp '2025-10-01', '2027-04-01', '1 day') AS d (day)
JOIN (VALUES ('local_day'), ('working_day')) AS u (unit)
  ON u.unit = 'local_day'
  OR (extract(isodow FROM d.day) < 6 AND to_char(d.day, 'MM-DD') NOT IN ('01-01', '05-25', '05-01', '12-25'));

INSERT INTO rule_unit (unit, zone, starts, ends)
SELECT 'clock_hour', h.zone, extract(epoch FROM h.at) * 1000000, extract(epoch FROM h.next) * 1000000
FROM (
  SELECT z.zone, t.at, lead(t.at) OVER (PARTITION BY z.zone ORDER BY t.at) AS next
  FROM rule_zone AS z
  CROSS JOIN generate_series(timestamptz '2025-10-01 00:00Z', '2027-04-01 00:00Z', '15 minutes') AS t (at)
  WHERE extract(minute FROM t.at AT TIME ZONE z.zone) = 0
) AS h
WHERE h.next IS NOT NULL;

CREATE INDEX ON rule_unit (zone, unit, starts);
ANALYZE rule_unit;

SELECT
  z.zone, extract(epoch FROM m.month AT TIME ZONE z.zone)::bigint * 1000000,
  extract(epoch FROM (m.month + interval '1 month') AT TIME ZONE z.zone)::bigint * 1000000,
  extract(day FROM m.month + interval '1 month' - interval '1 day')::integer
FROM rule_zone AS z
CROSS JOIN generate_series(timestamp '2026-01-01', '2026-12-01', '1 month') AS m (month)
ORDER BY z.zone, m.month;
