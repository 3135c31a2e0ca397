-- The second engine of rules, second half: what is paid. Policy language, sections 2 to 5 and 9.
--
-- Reads what measures.sql leaves behind. Money is in minor units, exact until the one rounding. Leaves behind:
--   second_part (case_id, incident, minor): what each incident adds; a row for each that adds something

DROP TABLE IF EXISTS
  second_base, second_worth, second_unit, second_grant, second_limit, second_outage, second_part;

-- The bases. Rule -1 is the version's or plan's, of which caps are a part. Anchor 0 is the period's first instant, any
-- other an outage's.
CREATE TEMPORARY TABLE second_base AS
WITH anchor AS (
  SELECT i.case_id, i.incident AS anchor, i.first_ever AS at FROM second_place AS i WHERE i.begins_here
  UNION ALL
  SELECT i.case_id, 0, i.first_here FROM second_place AS i WHERE i.place = 1
),
owner AS (
  SELECT r.case_id, r.rule, r.base_fee, r.base_share, r.base_length, r.base_days FROM second_rule AS r
  UNION ALL
  SELECT p.case_id, -1, p.base_fee, p.base_share, p.base_length, p.base_days FROM second_period AS p
),
billed AS (
  SELECT
    f.case_id,
    total(
      fraction(
        f.micros::numeric * (least(f.ends, m.ends) - greatest(f.starts, m.starts)), m.ends - m.starts)) AS micros
  FROM rule_fee AS f
  JOIN rule_month AS m ON m.case_id = f.case_id AND f.starts < m.ends AND m.starts < f.ends
  GROUP BY f.case_id
)
SELECT
  o.case_id, o.rule, a.anchor,
  times(
    times(
      CASE o.base_fee WHEN 'billed' THEN b.micros ELSE fraction(f.micros, 1) END,
      fraction(p.minor_per_major, 1000000)),
    o.base_share) AS minor,
  fraction(coalesce(o.base_length * p.months, p.length), 1) AS length,
  fraction(coalesce(o.base_days * p.months, p.days), 1) AS days
FROM owner AS o
JOIN second_period AS p ON p.case_id = o.case_id
JOIN anchor AS a ON a.case_id = o.case_id
JOIN rule_fee AS f ON f.case_id = a.case_id AND f.starts <= a.at AND a.at < f.ends
JOIN billed AS b ON b.case_id = a.case_id;
CREATE INDEX ON second_base (case_id, rule, anchor);
ANALYZE second_base;

-- Values in money.
CREATE TEMPORARY TABLE second_worth AS
SELECT
  b.case_id, b.rule, b.anchor, v.credit,
  largest(
    CASE v.form
      WHEN 'share' THEN times(b.minor, v.quantity)
      WHEN 'days' THEN times(b.minor, divided(v.quantity, b.days))
      WHEN 'time' THEN times(b.minor, divided(v.quantity, b.length))
      WHEN 'amount' THEN times(v.quantity, fraction(p.minor_per_major, 1))
    END) AS minor
FROM second_base AS b
JOIN second_period AS p ON p.case_id = b.case_id
JOIN rule_value AS v ON v.case_id = b.case_id AND v.rule = b.rule
GROUP BY b.case_id, b.rule, b.anchor, v.credit;
CREATE INDEX ON second_worth (case_id, rule, anchor);
ANALYZE second_worth;

-- Units of the calendar that are paid, with their numbers. With grace, number 1 is the first unit that begins after the
-- grace has begun; else the first unit that ends after the first counted instant.
CREATE TEMPORARY TABLE second_unit AS
WITH asked AS MATERIALIZED (
  SELECT
    s.case_id, s.rule, s.scope, s.number, s.first_at, s.last_at, r.unit, r.counted, r.counted_limit, p.zone,
    g.begins AS grace_begins,
    CASE
      WHEN r.grace_calendar_days IS NOT NULL THEN (
        SELECT d.ends FROM rule_unit AS d WHERE d.zone = p.zone AND d.unit = 'local_day' AND d.starts > g.begins
        ORDER BY d.starts OFFSET r.grace_calendar_days - 1 LIMIT 1)
      WHEN r.grace_working_days IS NOT NULL THEN (
        SELECT d.ends FROM rule_unit AS d WHERE d.zone = p.zone AND d.unit = 'working_day' AND d.starts > g.begins
        ORDER BY d.starts OFFSET r.grace_working_days - 1 LIMIT 1)
    END AS grace_ends
  FROM second_scope AS s
  JOIN second_rule AS r
    ON r.case_id = s.case_id AND r.rule = s.rule AND r.unit IN ('local_day', 'working_day', 'clock_hour')
    AND (r.measure = 'outage') = (s.scope = 'outage')
  JOIN second_period AS p ON p.case_id = s.case_id
  CROSS JOIN LATERAL (
    SELECT CASE WHEN coalesce(r.grace_calendar_days, r.grace_working_days) IS NOT NULL
      THEN coalesce(
        (SELECT i.claimed_at FROM second_place AS i WHERE i.case_id = s.case_id AND i.incident = s.number), s.first_at)
      END AS begins
  ) AS g
  WHERE s.first_at IS NOT NULL
),
numbered AS (
  SELECT
    a.*, u.starts, u.ends,
    row_number() OVER (PARTITION BY a.case_id, a.rule, a.scope, a.number ORDER BY u.starts) AS unit_number
  FROM asked AS a
  -- No unit is as long as two days. OFFSET keeps the search within the index.
  CROSS JOIN LATERAL (
    SELECT n.starts, n.ends
    FROM rule_unit AS n
    WHERE n.zone = a.zone AND n.unit = a.unit AND n.starts <= a.last_at
      AND n.starts > coalesce(a.grace_begins, a.first_at - 172800000000)
      AND (a.grace_begins IS NOT NULL OR n.ends > a.first_at)
    OFFSET 0
  ) AS u
),
down AS (
  SELECT
    n.case_id, n.rule, n.scope, n.number, n.unit_number, n.ends, n.starts, n.counted, n.counted_limit, n.grace_ends,
    coalesce(
      sum(least(t.ends, n.ends) - greatest(t.starts, n.starts))
        FILTER (WHERE t.starts < n.ends AND n.starts < t.ends), 0) AS time,
    coalesce(bool_or(t.starts <= n.ends AND n.ends < t.ends), false) AS is_down_at_end
  FROM numbered AS n
  JOIN second_taken AS t
    ON t.case_id = n.case_id AND t.rule = n.rule AND t.scope = n.scope AND t.number = n.number
    AND t.starts <= n.ends AND n.starts < t.ends
  GROUP BY
    n.case_id, n.rule, n.scope, n.number, n.unit_number, n.ends, n.starts, n.counted, n.counted_limit, n.grace_ends
)
SELECT d.case_id, d.rule, d.scope, d.number, d.unit_number
FROM down AS d
WHERE CASE d.counted
    WHEN 'any' THEN d.time > 0
    WHEN 'down_at_end' THEN d.is_down_at_end
    WHEN 'down_longer_than' THEN d.time > d.counted_limit
  END
  AND CASE d.counted WHEN 'down_at_end' THEN d.ends ELSE d.starts END >= coalesce(d.grace_ends, 0);
CREATE INDEX ON second_unit (case_id, rule);
ANALYZE second_unit;

-- What each rule pays for each of its scopes, if its gate is open. A gate of the period is looked at later: it depends
-- on which incidents there are.
CREATE TEMPORARY TABLE second_grant AS
WITH measured AS (
  SELECT
    s.*, r.kind, r.unit, r.unit_size, r.promise, r.counted, r.counted_limit, r.times, r.measure, r.gate, r.gate_limit,
    r.free_time, r.free_share, r.uptime_length, b.anchor, b.minor AS base, b.length,
    minus(
      s.time,
      CASE
        WHEN r.free_share IS NOT NULL THEN times(r.free_share, b.length)
        ELSE fraction(coalesce(r.free_time, 0), 1)
      END) AS rest
  FROM second_scope AS s
  JOIN second_rule AS r
    ON r.case_id = s.case_id AND r.rule = s.rule AND (r.measure = 'outage') = (s.scope = 'outage')
  JOIN second_base AS b
    ON b.case_id = s.case_id AND b.rule = s.rule
    AND b.anchor = CASE WHEN s.scope = 'outage' AND NOT r.has_gate_of_period THEN s.number ELSE 0 END
),
sized AS (
  SELECT
    m.*,
    CASE m.unit
      WHEN 'time' THEN m.rest
      WHEN 'short_of' THEN
        minus(
          minus(m.promise, m.uptime),
          times(
            fraction(100, 1),
            coalesce(m.free_share, divided(fraction(coalesce(m.free_time, 0), 1), fraction(m.uptime_length, 1)))))
    END AS size
  FROM measured AS m
),
units AS (
  SELECT
    z.*,
    CASE
      WHEN z.size IS NULL THEN NULL
      WHEN NOT less(fraction(0, 1), z.size) THEN 0
      WHEN z.counted = 'started' THEN -whole(minus(fraction(0, 1), divided(z.size, z.unit_size)))
      WHEN z.counted = 'complete' THEN whole(divided(z.size, z.unit_size))
      WHEN z.counted = 'fraction_over' THEN
        whole(divided(z.size, z.unit_size))
        + less(
          fraction(z.counted_limit, 1),
          minus(z.size, times(z.unit_size, fraction(whole(divided(z.size, z.unit_size)), 1))))::integer
    END AS units
  FROM sized AS z
)
SELECT
  u.case_id, u.rule, u.scope, u.number,
  CASE
    WHEN u.gate = 'longer_than' AND NOT less(u.gate_limit, u.time) THEN fraction(0, 1)
    WHEN u.gate = 'at_least' AND less(u.time, u.gate_limit) THEN fraction(0, 1)
    WHEN u.kind = 'multiple' THEN
      times(u.times, times(u.base, divided(larger(u.rest, fraction(0, 1)), u.length)))
    WHEN u.kind = 'steps' THEN coalesce(
      (
        SELECT largest(w.minor)
        FROM rule_step AS s
        JOIN second_worth AS w
          ON w.case_id = s.case_id AND w.rule = s.rule AND w.credit = s.credit AND w.anchor = u.anchor
        WHERE s.case_id = u.case_id AND s.rule = u.rule
          AND CASE s.condition
            WHEN 'any' THEN less(fraction(0, 1), u.time)
            WHEN 'longer_than' THEN less(s.threshold, u.time)
            WHEN 'time_at_least' THEN NOT less(u.time, s.threshold)
            WHEN 'below' THEN less(u.uptime, s.threshold)
            WHEN 'at_most' THEN NOT less(s.threshold, u.uptime)
            WHEN 'more_than' THEN less(s.threshold, fraction(u.outages, 1))
            WHEN 'number_at_least' THEN NOT less(fraction(u.outages, 1), s.threshold)
          END
      ), fraction(0, 1))
    ELSE coalesce(
      (
        SELECT total(times(w.minor, fraction(c.units, 1)))
        FROM (
          SELECT
            n.credit, n.from_number,
            lead(n.from_number) OVER (ORDER BY n.from_number) AS next_number
          FROM rule_rate AS n
          WHERE n.case_id = u.case_id AND n.rule = u.rule
        ) AS r
        JOIN second_worth AS w
          ON w.case_id = u.case_id AND w.rule = u.rule AND w.credit = r.credit AND w.anchor = u.anchor
        CROSS JOIN LATERAL (
          SELECT
            CASE
              WHEN u.units IS NOT NULL THEN
                greatest(least(u.units, coalesce(r.next_number - 1, u.units)) - r.from_number + 1, 0)
              ELSE (
                SELECT count(*)
                FROM second_unit AS n
                WHERE n.case_id = u.case_id AND n.rule = u.rule AND n.scope = u.scope AND n.number = u.number
                  AND n.unit_number >= r.from_number AND coalesce(n.unit_number < r.next_number, true))
            END AS units
        ) AS c
      ), fraction(0, 1))
  END AS minor
FROM units AS u;
CREATE INDEX ON second_grant (case_id, rule);
ANALYZE second_grant;

-- The caps. A share is of a base; money is in minor units. Of several of one form the smallest holds.
CREATE TEMPORARY TABLE second_limit AS
SELECT
  c.case_id, c.per,
  smallest(
    CASE v.form
      WHEN 'share' THEN v.quantity
      WHEN 'days' THEN divided(v.quantity, fraction(coalesce(p.base_days * p.months, p.days), 1))
      WHEN 'time' THEN divided(v.quantity, fraction(coalesce(p.base_length * p.months, p.length), 1))
    END) AS share,
  smallest(CASE v.form WHEN 'amount' THEN times(v.quantity, fraction(p.minor_per_major, 1)) END) AS minor
FROM rule_cap AS c
JOIN second_period AS p ON p.case_id = c.case_id
JOIN rule_value AS v ON v.case_id = c.case_id AND v.rule = -1 AND v.credit = c.credit
GROUP BY c.case_id, c.per;
