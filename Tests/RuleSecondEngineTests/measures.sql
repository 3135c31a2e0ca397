-- The second engine of rules, first half: what each rule measures. Policy language, sections 1, 2, 5, 6 and 9.
--
-- Reads the tables of rule-tables.sql. All time is cut at every boundary of a case and rule; each piece is then given
-- to whom the text gives it. A scope is what a rule measures once: an outage, or the period with its first k incidents
-- alone. Leaves behind:
--   second_period    a row a case: the period, and what all rules of the case have in common
--   second_place     incidents that touch the period, by place
--   second_scope     a row for each scope of each rule: its time, uptime in percent, or number of outages
--   second_taken     the pieces of time that belong to a scope

SET jit = off;

DROP TABLE IF EXISTS
  second_period, second_rule, second_place, second_cut, second_cover, second_taken, second_counted, second_scope;

CREATE TEMPORARY TABLE second_period AS
SELECT
  c.*, m.starts, m.ends, m.ends - m.starts AS length, m.days, m.months,
  greatest(r.mildest, c.named_elsewhere) AS mildest, r.is_of_outages_alone
FROM rule_case AS c
JOIN (
  SELECT n.case_id, min(n.starts) AS starts, max(n.ends) AS ends, sum(n.days) AS days, count(*) AS months
  FROM rule_month AS n
  GROUP BY n.case_id
) AS m ON m.case_id = c.case_id
JOIN (
  SELECT
    n.case_id, max(n.severity) AS mildest,
    bool_and(
      n.measure = 'outage'
      AND coalesce(n.gate NOT IN ('uptime_below', 'downtime_longer_than', 'downtime_at_least'), true)
    ) AS is_of_outages_alone
  FROM rule_rule AS n
  GROUP BY n.case_id
) AS r ON r.case_id = c.case_id;
CREATE INDEX ON second_period (case_id);
ANALYZE second_period;

-- The rules of the period.
CREATE TEMPORARY TABLE second_rule AS
SELECT
  r.*, coalesce(r.gate IN ('uptime_below', 'downtime_longer_than', 'downtime_at_least'), false) AS has_gate_of_period,
  coalesce(r.period_length * p.months, p.length) AS uptime_length
FROM rule_rule AS r
JOIN second_period AS p ON p.case_id = r.case_id AND p.is_quarter = r.is_quarter;
CREATE INDEX ON second_rule (case_id, rule);
ANALYZE second_rule;

-- The order of incidents: by the first instant in the period at a severity that any rule names, then by id.
CREATE TEMPORARY TABLE second_place AS
SELECT f.*, row_number() OVER (PARTITION BY f.case_id ORDER BY f.first_here, f.incident) AS place
FROM (
  SELECT
    s.case_id, s.incident, i.claimed_at, min(s.starts) AS first_ever,
    min(s.starts) >= min(p.starts) AND min(s.starts) < min(p.ends) AS begins_here,
    min(greatest(s.starts, p.starts)) FILTER (WHERE s.starts < p.ends AND s.ends > p.starts) AS first_here
  FROM rule_stretch AS s
  JOIN second_period AS p ON p.case_id = s.case_id AND s.severity <= p.mildest
  JOIN rule_incident AS i ON i.case_id = s.case_id AND i.incident = s.incident
  GROUP BY s.case_id, s.incident, i.claimed_at
) AS f
WHERE f.first_here IS NOT NULL;
CREATE INDEX ON second_place (case_id, incident);
ANALYZE second_place;

-- What counts for a rule: from the claim on, and only of incidents whose own time is long enough.
CREATE TEMPORARY TABLE second_cut AS
SELECT o.*
FROM (
  SELECT
    s.case_id, r.rule, s.incident, i.started_at, s.ends, s.severity, s.share,
    CASE WHEN r.is_from_claim THEN greatest(s.starts, i.claimed_at) ELSE s.starts END AS starts,
    s.severity >= coalesce(r.not_worse_than, 0) AS is_in_range, r.count_longer_than, r.count_at_least,
    sum(
      CASE
        WHEN s.severity < coalesce(r.not_worse_than, 0) THEN 0
        WHEN r.is_from_claim THEN s.ends - greatest(s.starts, i.claimed_at)
        ELSE s.ends - s.starts
      END
    ) OVER (PARTITION BY s.case_id, r.rule, s.incident) AS own_time
  FROM rule_stretch AS s
  JOIN second_rule AS r ON r.case_id = s.case_id AND s.severity <= r.severity
  JOIN rule_incident AS i ON i.case_id = s.case_id AND i.incident = s.incident
  WHERE NOT r.is_from_claim OR s.ends > i.claimed_at
) AS o
WHERE coalesce(o.own_time > o.count_longer_than, true) AND coalesce(o.own_time >= o.count_at_least, true);
CREATE INDEX ON second_cut (case_id, rule);
ANALYZE second_cut;

-- Who covers each piece. Rank 1 owns it: the worst severity, then the incident that began first, then the smaller id.
CREATE TEMPORARY TABLE second_cover AS
WITH boundary AS (
  SELECT c.case_id, c.rule, c.starts AS at FROM second_cut AS c
  UNION
  SELECT c.case_id, c.rule, c.ends FROM second_cut AS c
  UNION
  SELECT r.case_id, r.rule, p.starts FROM second_rule AS r JOIN second_period AS p ON p.case_id = r.case_id
  UNION
  SELECT r.case_id, r.rule, p.ends FROM second_rule AS r JOIN second_period AS p ON p.case_id = r.case_id
),
piece AS (
  SELECT b.case_id, b.rule, b.at AS starts, lead(b.at) OVER (PARTITION BY b.case_id, b.rule ORDER BY b.at) AS ends
  FROM boundary AS b
)
SELECT
  b.case_id, b.rule, b.starts, b.ends, c.incident, c.started_at, c.severity, c.share, c.is_in_range,
  row_number() OVER (PARTITION BY b.case_id, b.rule, b.starts ORDER BY c.severity, c.started_at, c.incident) AS rank
FROM piece AS b
JOIN second_cut AS c ON c.case_id = b.case_id AND c.rule = b.rule AND c.starts <= b.starts AND b.ends <= c.ends;
CREATE INDEX ON second_cover (case_id, rule);
ANALYZE second_cover;

-- Where each incident counts its own time, an outage has all of it; the period still takes a piece once, at its worst
-- severity and largest share, and of the first k incidents alone.
CREATE TEMPORARY TABLE second_taken AS
SELECT c.case_id, c.rule, 'outage' AS scope, c.incident AS number, c.incident, c.starts, c.ends, c.share
FROM second_cover AS c
JOIN second_rule AS r ON r.case_id = c.case_id AND r.rule = c.rule AND r.measure IN ('outage', 'outages')
JOIN second_period AS p ON p.case_id = c.case_id
WHERE c.is_in_range AND (p.counts_each OR c.rank = 1)
UNION ALL
SELECT t.case_id, t.rule, 'period', t.k, t.incident, t.starts, t.ends, t.share
FROM (
  SELECT
    c.case_id, c.rule, k.place AS k, c.incident, c.starts, c.ends, c.is_in_range,
    largest(c.share) OVER (PARTITION BY c.case_id, c.rule, k.place, c.starts) AS share,
    row_number() OVER (
      PARTITION BY c.case_id, c.rule, k.place, c.starts ORDER BY c.severity, c.started_at, c.incident
    ) AS rank
  FROM second_cover AS c
  JOIN second_rule AS r
    ON r.case_id = c.case_id AND r.rule = c.rule AND (r.measure IN ('downtime', 'uptime') OR r.has_gate_of_period)
  JOIN second_period AS p ON p.case_id = c.case_id AND p.starts <= c.starts AND c.ends <= p.ends
  JOIN second_place AS i ON i.case_id = c.case_id AND i.incident = c.incident
  JOIN second_place AS k ON k.case_id = c.case_id AND k.place >= i.place
  WHERE p.counts_each OR c.rank = 1
) AS t
WHERE t.rank = 1 AND t.is_in_range;
CREATE INDEX ON second_taken (case_id, rule);
ANALYZE second_taken;

-- Each incident's time in a scope, cut down to whole units and weighed.
CREATE TEMPORARY TABLE second_counted AS
WITH marked AS (
  SELECT t.*, CASE WHEN t.starts = lag(t.ends) OVER w THEN 0 ELSE 1 END AS is_new
  FROM second_taken AS t
  WINDOW w AS (PARTITION BY t.case_id, t.rule, t.scope, t.number, t.incident ORDER BY t.starts)
),
numbered AS (
  SELECT
    m.*, sum(m.is_new) OVER (PARTITION BY m.case_id, m.rule, m.scope, m.number, m.incident ORDER BY m.starts) AS stretch
  FROM marked AS m
),
stretch AS (
  SELECT
    n.case_id, n.rule, n.scope, n.number, n.incident, min(n.starts) AS starts, max(n.ends) AS ends,
    sum(n.ends - n.starts) AS time,
    CASE WHEN bool_and(r.weighs_share) THEN total(times(n.share, fraction(n.ends - n.starts, 1))) END AS weighed,
    min(r.whole_unit) AS unit, bool_and(r.is_aligned) AS is_aligned
  FROM numbered AS n
  JOIN second_rule AS r ON r.case_id = n.case_id AND r.rule = n.rule
  GROUP BY n.case_id, n.rule, n.scope, n.number, n.incident, n.stretch
),
aligned AS (
  SELECT
    s.case_id, s.rule, s.scope, s.number, s.incident, s.starts, s.ends, s.time, s.weighed, s.unit, s.is_aligned,
    CASE
      WHEN s.is_aligned THEN greatest(s.ends / s.unit - (s.starts + s.unit - 1) / s.unit, 0) * s.unit
    END AS whole_time
  FROM stretch AS s
)
SELECT
  a.case_id, a.rule, a.scope, a.number, a.incident, min(a.starts) AS first_at, max(a.ends) AS last_at,
  CASE
    WHEN bool_and(a.is_aligned) AND bool_and(a.weighed IS NOT NULL) THEN
      total(times(fraction(a.whole_time, a.time), a.weighed))
    WHEN bool_and(a.is_aligned) THEN fraction(sum(a.whole_time), 1)
    WHEN min(a.unit) IS NOT NULL AND bool_and(a.weighed IS NOT NULL) THEN
      times(fraction(div(sum(a.time), min(a.unit)) * min(a.unit), sum(a.time)), total(a.weighed))
    WHEN min(a.unit) IS NOT NULL THEN fraction(div(sum(a.time), min(a.unit)) * min(a.unit), 1)
    WHEN bool_and(a.weighed IS NOT NULL) THEN total(a.weighed)
    ELSE fraction(sum(a.time), 1)
  END AS time
FROM aligned AS a
GROUP BY a.case_id, a.rule, a.scope, a.number, a.incident;
CREATE INDEX ON second_counted (case_id, rule);
ANALYZE second_counted;

-- Each scope with its measure. Uptime is rounded half up where the rule says so, and that is the measure everywhere.
CREATE TEMPORARY TABLE second_scope AS
WITH scope AS (
  SELECT r.case_id, r.rule, 'outage' AS scope, i.incident AS number
  FROM second_rule AS r
  JOIN second_place AS i ON i.case_id = r.case_id AND i.begins_here
  WHERE r.measure = 'outage'
  UNION ALL
  SELECT r.case_id, r.rule, 'period', i.place
  FROM second_rule AS r
  JOIN second_place AS i ON i.case_id = r.case_id
  WHERE r.measure <> 'outage' OR r.has_gate_of_period
),
timed AS (
  SELECT
    s.case_id, s.rule, s.scope, s.number, min(c.first_at) AS first_at, max(c.last_at) AS last_at,
    total(c.time) AS time
  FROM scope AS s
  LEFT JOIN second_counted AS c
    ON c.case_id = s.case_id AND c.rule = s.rule AND c.scope = s.scope AND c.number = s.number
  GROUP BY s.case_id, s.rule, s.scope, s.number
),
percent AS (
  SELECT
    t.*, r.decimals,
    minus(fraction(100, 1), times(fraction(100, 1), divided(t.time, fraction(r.uptime_length, 1)))) AS exact
  FROM timed AS t
  JOIN second_rule AS r ON r.case_id = t.case_id AND r.rule = t.rule
)
SELECT
  p.case_id, p.rule, p.scope, p.number, p.first_at, p.last_at, p.time,
  CASE
    WHEN p.decimals IS NULL THEN p.exact
    ELSE
      fraction(
        whole(plus(times(p.exact, fraction(power(10::numeric, p.decimals), 1)), fraction(1, 2))),
        power(10::numeric, p.decimals))
  END AS uptime,
  (
    SELECT count(*)
    FROM second_counted AS c
    JOIN second_period AS d ON d.case_id = c.case_id AND d.starts <= c.first_at AND c.first_at < d.ends
    JOIN second_place AS i ON i.case_id = c.case_id AND i.incident = c.incident AND i.place <= p.number
    WHERE p.scope = 'period' AND c.case_id = p.case_id AND c.rule = p.rule AND c.scope = 'outage'
  ) AS outages
FROM percent AS p;
CREATE INDEX ON second_scope (case_id, rule, scope, number);
ANALYZE second_scope;
