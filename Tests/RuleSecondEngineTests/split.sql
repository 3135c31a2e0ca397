-- The second engine of rules, last part: caps, one rounding, and who adds what. Policy language, sections 4, 5 and 9.

-- What outages pay, each under its own cap. Summed, their sum is under the cap; of the largest, each.
CREATE TEMPORARY TABLE second_outage AS
WITH sole AS (
  SELECT
    g.case_id, i.place, i.incident, b.minor AS base, g.rule, g.minor,
    CASE WHEN p.takes_largest THEN g.rule END AS apart, l.share AS most_share, l.minor AS most_minor
  FROM second_grant AS g
  JOIN second_period AS p ON p.case_id = g.case_id AND p.is_of_outages_alone
  JOIN second_place AS i ON i.case_id = g.case_id AND i.incident = g.number
  JOIN second_base AS b ON b.case_id = g.case_id AND b.rule = -1 AND b.anchor = g.number
  LEFT JOIN second_limit AS l ON l.case_id = g.case_id AND l.per = 'outage'
  WHERE g.scope = 'outage'
)
SELECT c.case_id, c.place, c.incident, c.base, largest(c.minor) AS minor,
  row_number() OVER (PARTITION BY c.case_id ORDER BY c.place) AS turn
FROM (
  SELECT
    s.case_id, s.place, s.incident, s.base,
    limited(total(s.minor), s.most_share, s.base, s.most_minor) AS minor
  FROM sole AS s
  GROUP BY s.case_id, s.place, s.incident, s.base, s.apart, s.most_share, s.most_minor
) AS c
GROUP BY c.case_id, c.place, c.incident, c.base;

CREATE TEMPORARY TABLE second_part AS
WITH RECURSIVE capped AS (
  SELECT
    0::bigint AS turn, p.case_id, 0 AS incident, fraction(0, 1) AS minor,
    fraction(0, 1) AS used_share, fraction(0, 1) AS used_minor,
    l.share AS most_share, l.minor AS most_minor
  FROM second_period AS p
  LEFT JOIN second_limit AS l
    ON l.case_id = p.case_id AND l.per = CASE WHEN p.is_quarter THEN 'quarter' ELSE 'month' END
  WHERE p.is_of_outages_alone
  UNION ALL
  SELECT
    o.turn, o.case_id, o.incident, g.minor,
    CASE WHEN o.base = fraction(0, 1) THEN c.used_share ELSE plus(c.used_share, divided(g.minor, o.base)) END,
    plus(c.used_minor, g.minor), c.most_share, c.most_minor
  FROM capped AS c
  JOIN second_outage AS o ON o.case_id = c.case_id AND o.turn = c.turn + 1
  CROSS JOIN LATERAL (
    SELECT
      limited(o.minor, minus(c.most_share, c.used_share), o.base, minus(c.most_minor, c.used_minor)) AS minor
  ) AS g
),
-- What the period would owe with its first k incidents alone, by rule.
prefix AS (
  SELECT
    k.case_id, k.place AS k, r.rule, g.incident, g.is_of_outage, g.minor
  FROM second_place AS k
  JOIN second_period AS p ON p.case_id = k.case_id AND NOT p.is_of_outages_alone
  JOIN second_rule AS r ON r.case_id = k.case_id
  JOIN LATERAL (
    SELECT n.minor, 0 AS incident, false AS is_of_outage
    FROM second_grant AS n
    WHERE r.measure <> 'outage' AND n.case_id = k.case_id AND n.rule = r.rule AND n.scope = 'period'
      AND n.number = k.place
    UNION ALL
    SELECT n.minor, n.number, true
    FROM second_grant AS n
    JOIN second_place AS i ON i.case_id = n.case_id AND i.incident = n.number AND i.place <= k.place
    WHERE r.measure = 'outage' AND n.case_id = k.case_id AND n.rule = r.rule AND n.scope = 'outage'
  ) AS g ON true
  WHERE NOT r.has_gate_of_period OR EXISTS (
    SELECT 1
    FROM second_scope AS s
    WHERE s.case_id = k.case_id AND s.rule = r.rule AND s.scope = 'period' AND s.number = k.place
      AND CASE r.gate
        WHEN 'uptime_below' THEN less(s.uptime, r.gate_limit)
        WHEN 'downtime_longer_than' THEN less(r.gate_limit, s.time)
        WHEN 'downtime_at_least' THEN NOT less(s.time, r.gate_limit)
      END)
),
under_own_cap AS (
  SELECT
    x.case_id, x.k, x.apart,
    CASE WHEN x.is_of_outage THEN limited(x.minor, l.share, b.minor, l.minor) ELSE x.minor END AS minor
  FROM (
    SELECT
      f.case_id, f.k, f.incident, f.is_of_outage, CASE WHEN p.takes_largest THEN f.rule END AS apart,
      total(f.minor) AS minor
    FROM prefix AS f
    JOIN second_period AS p ON p.case_id = f.case_id
    GROUP BY f.case_id, f.k, f.incident, f.is_of_outage, CASE WHEN p.takes_largest THEN f.rule END
  ) AS x
  LEFT JOIN second_limit AS l ON l.case_id = x.case_id AND l.per = 'outage'
  JOIN second_base AS b ON b.case_id = x.case_id AND b.rule = -1 AND b.anchor = x.incident
),
combined AS (
  SELECT t.case_id, t.k, largest(t.minor) AS minor
  FROM (
    SELECT u.case_id, u.k, u.apart, total(u.minor) AS minor
    FROM under_own_cap AS u
    GROUP BY u.case_id, u.k, u.apart
  ) AS t
  GROUP BY t.case_id, t.k
),
whole_period AS (
  SELECT c.case_id, c.k, limited(c.minor, l.share, b.minor, l.minor) AS minor
  FROM combined AS c
  JOIN second_period AS p ON p.case_id = c.case_id
  JOIN second_base AS b ON b.case_id = c.case_id AND b.rule = -1 AND b.anchor = 0
  LEFT JOIN second_limit AS l
    ON l.case_id = c.case_id AND l.per = CASE WHEN p.is_quarter THEN 'quarter' ELSE 'month' END
),
-- One rounding, the minimum, and what a credit is raised to.
settled AS (
  SELECT
    e.case_id, e.incident, e.k,
    CASE
      WHEN r.minor = 0 OR r.minor < p.minimum THEN 0
      ELSE greatest(r.minor, p.raise_to)
    END AS minor
  FROM (
    SELECT c.case_id, c.incident, NULL::bigint AS k, c.minor FROM capped AS c WHERE c.turn > 0
    UNION ALL
    SELECT w.case_id, i.incident, w.k, w.minor
    FROM whole_period AS w
    JOIN second_place AS i ON i.case_id = w.case_id AND i.place = w.k
  ) AS e
  JOIN second_period AS p ON p.case_id = e.case_id
  CROSS JOIN LATERAL (SELECT rounded(e.minor, p.rounding) AS minor) AS r
)
SELECT s.case_id, s.incident, s.minor FROM settled AS s WHERE s.k IS NULL AND s.minor > 0
UNION ALL
-- A part is never below zero, and what is missing is taken off the next ones: each adds what exceeds the largest
-- before.
SELECT a.case_id, a.incident, a.minor
FROM (
  SELECT
    s.case_id, s.incident,
    s.minor - greatest(max(s.minor) OVER earlier, 0) AS minor
  FROM settled AS s
  WHERE s.k IS NOT NULL
  WINDOW earlier AS (PARTITION BY s.case_id ORDER BY s.k ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
) AS a
WHERE a.minor > 0;
