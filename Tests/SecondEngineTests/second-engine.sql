-- The second engine: sections 2 to 6 of the credit rules once more, in SQL on multiranges (PostgreSQL 14 and later).
--
-- A test runs it beside the program on the same source and compares the results to the last unit. It shares no code
-- and no method with the program: where that sweeps over boundaries, this takes differences of sets of instants.
--
-- Reads redress_source, redress.entitlement (for what is held), and the policy from these temporary tables:
--   second_policy (version, effective_from date, time_zone, cap_bp, overlap, rounding)
--   second_plan (version, plan, cap_bp)              a plan with a cap of its own
--   second_tier (version, plan, severity, longer_than bigint, credit_bp)
--                                                    plan null: the version's own; microseconds
--   second_exclude (version, kind, announced bigint) announced null: no announcement needed; microseconds
--   second_minimum (version, currency, amount_minor)
--   second_run (as_of timestamptz)                   one row
-- Leaves these behind, and is run as one script, again for every run:
--   second_entitlement: customer_id, subscription_id, incident_id, currency, billing_month, severity, percent_bp,
--     percent_before_cap_bp, amount_minor, counted_microseconds, policy_version, outage_started_at, outage_ended_at;
--     a row for each credit that should be recorded, nothing held among them
--   second_held_incident (incident_id), second_held_subscription (subscription_id): what is left as it was recorded.
--     An incident or a subscription that the source does not list is held as well, and is not listed here either.
--   second_undecided_subscription (subscription_id): held for rows alone that ended before a night need look back, so that
--     it may hold them or not.

-- Many small tables without statistics look costly, and compiling the plans would take longer than running them.
SET jit = off;

DROP TABLE IF EXISTS
  second_entitlement, second_held_incident, second_held_subscription, second_bad_term,
  second_undecided_subscription, second_currency, second_version,
  second_bad_customer, second_term, second_incident, second_exclusion, second_cover, second_owned, second_duration,
  second_earned;

CREATE TEMPORARY TABLE second_currency (code text COLLATE "C", digits integer);
INSERT INTO second_currency (code, digits)
VALUES ('USD', 2), ('EUR', 2), ('GBP', 2), ('INR', 2), ('JPY', 0), ('KRW', 0), ('KWD', 3), ('BHD', 3), ('CLF', 4);

-- Kept for the session: the view reads a file for each zone there is.
CREATE TEMPORARY TABLE IF NOT EXISTS second_zone AS
SELECT z.name FROM pg_catalog.pg_timezone_names AS z;

-- Midnight is the earlier one where clocks go back over it; PostgreSQL itself would take the later.
CREATE TEMPORARY TABLE second_version AS
SELECT
  p.*,
  s.starts_at,
  lead(s.starts_at) OVER (ORDER BY s.starts_at) AS ends_at,
  (SELECT max(t.severity) FROM second_tier AS t WHERE t.version = p.version) AS mildest
FROM second_policy AS p
CROSS JOIN LATERAL (
  SELECT min(m.midnight) AS starts_at
  FROM (
    SELECT (p.effective_from::timestamp AT TIME ZONE p.time_zone) - n * interval '30 minutes' AS midnight, n
    FROM generate_series(0, 6) AS n
  ) AS m
  WHERE m.n = 0 OR (m.midnight AT TIME ZONE p.time_zone) = p.effective_from::timestamp
) AS s;

-- A row may be asked for its range before it is left out for being the wrong way round: the server chooses the order.
CREATE OR REPLACE FUNCTION pg_temp.stretch(starts_at timestamptz, ends_at timestamptz) RETURNS tstzrange LANGUAGE sql IMMUTABLE
AS $$ SELECT CASE WHEN ends_at < starts_at THEN 'empty' ELSE tstzrange(starts_at, ends_at) END $$;

-- Section 9: what is parked.

CREATE TEMPORARY TABLE second_bad_customer AS
SELECT c.customer_id
FROM redress_source.customer AS c
WHERE c.time_zone IS NOT NULL AND c.time_zone NOT IN (SELECT z.name FROM second_zone AS z);

CREATE TEMPORARY TABLE second_bad_term AS
SELECT t.subscription_id, coalesce(t.valid_to, 'infinity') AS ended_at
FROM redress_source.subscription_term AS t
WHERE t.customer_id NOT IN (SELECT c.customer_id FROM redress_source.customer AS c)
  OR t.customer_id IN (SELECT c.customer_id FROM second_bad_customer AS c)
  OR t.service_id NOT IN (SELECT s.service_id FROM redress_source.service AS s)
  OR t.currency NOT IN (SELECT c.code FROM second_currency AS c)
  OR t.monthly_fee < 0
  OR t.monthly_fee <> round(t.monthly_fee, 6)
  OR t.valid_from NOT BETWEEN '1970-01-01Z' AND '2200-01-01Z'
  OR t.valid_to NOT BETWEEN '1970-01-01Z' AND '2200-01-01Z'
  OR t.valid_to < t.valid_from
UNION
SELECT a.subscription_id, least(coalesce(a.valid_to, 'infinity'), coalesce(b.valid_to, 'infinity'))
FROM (SELECT t.*, row_number() OVER () AS n FROM redress_source.subscription_term AS t) AS a
JOIN (SELECT t.*, row_number() OVER () AS n FROM redress_source.subscription_term AS t) AS b
  ON a.subscription_id = b.subscription_id AND a.n <> b.n
WHERE a.valid_from <= coalesce(a.valid_to, 'infinity')
  AND b.valid_from <= coalesce(b.valid_to, 'infinity')
  AND pg_temp.stretch(a.valid_from, a.valid_to) && pg_temp.stretch(b.valid_from, b.valid_to);

CREATE TEMPORARY TABLE second_held_subscription AS
SELECT DISTINCT t.subscription_id FROM second_bad_term AS t;

-- A night reads three months, and a month before them for the cap.
CREATE TEMPORARY TABLE second_undecided_subscription AS
SELECT t.subscription_id
FROM second_bad_term AS t
CROSS JOIN second_run AS r
GROUP BY t.subscription_id, r.as_of
HAVING max(t.ended_at) < date_trunc('month', r.as_of, 'UTC') - interval '3 months';

CREATE TEMPORARY TABLE second_incident AS
SELECT
  i.incident_id, i.started_at, v.version, v.time_zone, v.overlap, v.mildest, w.is_bad OR i.is_bad AS is_parked,
  CASE
    WHEN w.is_bad OR i.is_bad THEN 'held'
    WHEN i.status = 'void' THEN 'void'
    WHEN i.status <> 'resolved' OR i.resolved_at > r.as_of THEN 'held'
    WHEN v.version IS NULL OR w.windows = 0 THEN 'held'
    ELSE 'counted'
  END AS class
FROM (
  SELECT
    s.*,
    s.severity NOT IN ('P0', 'P1', 'P2', 'P3')
    OR s.started_at NOT BETWEEN '1970-01-01Z' AND '2200-01-01Z'
    OR coalesce(s.acknowledged_at NOT BETWEEN '1970-01-01Z' AND '2200-01-01Z', false)
    OR coalesce(s.resolved_at NOT BETWEEN '1970-01-01Z' AND '2200-01-01Z', false)
    OR (s.status = 'resolved' AND s.resolved_at IS NULL)
    OR coalesce(s.resolved_at < s.started_at, false) AS is_bad
  FROM redress_source.incident AS s
) AS i
CROSS JOIN second_run AS r
LEFT JOIN second_version AS v
  ON i.started_at >= v.starts_at AND (v.ends_at IS NULL OR i.started_at < v.ends_at)
CROSS JOIN LATERAL (
  SELECT
    count(*) AS windows,
    coalesce(bool_or(
      o.severity NOT IN ('P0', 'P1', 'P2', 'P3')
      OR o.started_at NOT BETWEEN '1970-01-01Z' AND '2200-01-01Z'
      OR coalesce(o.ended_at NOT BETWEEN '1970-01-01Z' AND '2200-01-01Z', false)
      OR coalesce(o.ended_at < o.started_at, false)
      OR (coalesce(o.ended_at > r.as_of, true) AND i.status = 'resolved' AND i.resolved_at <= r.as_of)
      OR coalesce(o.service_id NOT IN (SELECT s.service_id FROM redress_source.service AS s), false)
      OR coalesce(o.customer_id NOT IN (SELECT c.customer_id FROM redress_source.customer AS c), false)
    ), false) AS is_bad
  FROM redress_source.outage AS o
  WHERE o.incident_id = i.incident_id
) AS w;

CREATE TEMPORARY TABLE second_held_incident AS
SELECT i.incident_id FROM second_incident AS i WHERE i.class = 'held';

-- Only what is good goes on.

CREATE TEMPORARY TABLE second_term AS
SELECT
  row_number() OVER () AS term, t.customer_id, t.subscription_id, t.service_id, t.plan, t.monthly_fee, t.currency,
  pg_temp.stretch(t.valid_from, t.valid_to) AS lasts, c.time_zone
FROM redress_source.subscription_term AS t
JOIN redress_source.customer AS c ON c.customer_id = t.customer_id
WHERE t.subscription_id NOT IN (SELECT h.subscription_id FROM second_held_subscription AS h);

-- Section 3, step 3: an exclusion by policy version.
CREATE TEMPORARY TABLE second_exclusion AS
SELECT e.version, x.service_id, x.customer_id, pg_temp.stretch(x.started_at, x.ended_at) AS lasts
FROM redress_source.exclusion AS x
JOIN second_exclude AS e
  ON e.kind = x.kind
  AND (
    e.announced IS NULL
    OR extract(epoch FROM x.started_at - x.announced_at) * 1000000 >= e.announced
  )
WHERE x.started_at BETWEEN '1970-01-01Z' AND '2200-01-01Z'
  AND x.ended_at BETWEEN '1970-01-01Z' AND '2200-01-01Z'
  AND coalesce(x.announced_at BETWEEN '1970-01-01Z' AND '2200-01-01Z', true)
  AND x.started_at <= x.ended_at
  AND coalesce(x.service_id IN (SELECT s.service_id FROM redress_source.service AS s), true)
  AND coalesce(x.customer_id IN (SELECT c.customer_id FROM redress_source.customer AS c), true);

-- Section 3, steps 1 to 4: the instants at which an incident has a severity or a worse one, within a term. Severity -1
-- is worse than any and has none.
CREATE TEMPORARY TABLE second_cover AS
SELECT
  t.term, t.subscription_id, i.incident_id, i.started_at, i.overlap, i.mildest, s.severity,
  coalesce(
    (
      SELECT range_agg(pg_temp.stretch(o.started_at, o.ended_at) * t.lasts)
      FROM redress_source.outage AS o
      WHERE o.incident_id = i.incident_id
        AND substr(o.severity, 2)::integer <= s.severity
        AND (o.service_id IS NULL OR o.service_id = t.service_id)
        AND (o.customer_id IS NULL OR o.customer_id = t.customer_id)
    ),
    '{}'
  ) - coalesce(
    (
      SELECT range_agg(x.lasts)
      FROM second_exclusion AS x
      WHERE x.version = i.version
        AND (x.service_id IS NULL OR x.service_id = t.service_id)
        AND (x.customer_id IS NULL OR x.customer_id = t.customer_id)
    ),
    '{}'
  ) AS instants
FROM (
  SELECT DISTINCT n.term, o.incident_id
  FROM second_term AS n
  JOIN redress_source.outage AS o
    ON (o.service_id IS NULL OR o.service_id = n.service_id)
    AND (o.customer_id IS NULL OR o.customer_id = n.customer_id)
    AND o.incident_id IN (SELECT c.incident_id FROM second_incident AS c WHERE c.class = 'counted')
    AND pg_temp.stretch(o.started_at, o.ended_at) && n.lasts
) AS touched
JOIN second_term AS t ON t.term = touched.term
JOIN second_incident AS i ON i.incident_id = touched.incident_id
CROSS JOIN generate_series(-1, 3) AS s (severity);

CREATE INDEX ON second_cover (term, severity, incident_id);

-- Section 3, steps 5 and 6: what belongs to an incident at exactly one severity. Another incident takes an instant by
-- being worse there, or equally bad and first.
CREATE TEMPORARY TABLE second_owned AS
SELECT o.term, o.subscription_id, o.incident_id, o.severity, o.instants
FROM (
  SELECT
    c.term, c.subscription_id, c.incident_id, c.severity,
    c.instants - worse.instants - coalesce(
      (
        SELECT range_agg(r.part)
        FROM second_cover AS rival
        CROSS JOIN LATERAL unnest(rival.instants) AS r (part)
        WHERE c.overlap = 'count_once'
          AND rival.overlap = 'count_once'
          AND rival.term = c.term
          AND rival.incident_id <> c.incident_id
          AND rival.severity = CASE
            WHEN (rival.started_at, rival.incident_id) < (c.started_at, c.incident_id) THEN c.severity
            ELSE c.severity - 1
          END
      ),
      '{}'
    ) AS instants
  FROM second_cover AS c
  JOIN second_cover AS worse
    ON worse.term = c.term AND worse.incident_id = c.incident_id AND worse.severity = c.severity - 1
  WHERE c.severity BETWEEN 0 AND c.mildest
) AS o
WHERE NOT isempty(o.instants);

-- Sections 3.7 and 4: durations at a severity or worse, the first instant, the tier.
CREATE TEMPORARY TABLE second_duration AS
SELECT o.subscription_id, o.incident_id, o.severity, sum(p.microseconds) AS microseconds
FROM second_owned AS o
CROSS JOIN LATERAL (
  SELECT (extract(epoch FROM upper(u.part) - lower(u.part)) * 1000000)::bigint AS microseconds
  FROM unnest(o.instants) AS u (part)
) AS p
GROUP BY o.subscription_id, o.incident_id, o.severity;

CREATE INDEX ON second_duration (subscription_id, incident_id);

CREATE TEMPORARY TABLE second_earned AS
WITH first_part AS (
  SELECT DISTINCT ON (o.subscription_id, o.incident_id)
    o.subscription_id, o.incident_id, o.term, lower(o.instants) AS outage_started_at,
    max(upper(o.instants)) OVER (PARTITION BY o.subscription_id, o.incident_id) AS outage_ended_at
  FROM second_owned AS o
  ORDER BY o.subscription_id, o.incident_id, lower(o.instants)
)
SELECT
  t.customer_id, f.subscription_id, f.incident_id, t.currency, t.monthly_fee, i.version,
  date_trunc('month', f.outage_started_at AT TIME ZONE coalesce(t.time_zone, i.time_zone))::date AS billing_month,
  best.severity, best.credit_bp, best.microseconds, f.outage_started_at, f.outage_ended_at,
  coalesce((SELECT p.cap_bp FROM second_plan AS p WHERE p.version = i.version AND p.plan = t.plan), v.cap_bp) AS cap_bp
FROM first_part AS f
JOIN second_term AS t ON t.term = f.term
JOIN second_incident AS i ON i.incident_id = f.incident_id
JOIN second_version AS v ON v.version = i.version
CROSS JOIN LATERAL (
  SELECT r.severity, r.credit_bp, d.microseconds
  FROM second_tier AS r
  CROSS JOIN LATERAL (
    SELECT sum(n.microseconds) AS microseconds
    FROM second_duration AS n
    WHERE n.subscription_id = f.subscription_id AND n.incident_id = f.incident_id AND n.severity <= r.severity
  ) AS d
  WHERE r.version = i.version
    AND r.plan IS NOT DISTINCT FROM (
      SELECT DISTINCT p.plan FROM second_tier AS p WHERE p.version = i.version AND p.plan = t.plan
    )
    AND d.microseconds > r.longer_than
  ORDER BY r.credit_bp DESC, r.severity, r.longer_than DESC
  LIMIT 1
) AS best;

-- Sections 5 and 6: the cap in order of the first instant, after what is recorded for held incidents; the amount.
CREATE TEMPORARY TABLE second_entitlement AS
WITH RECURSIVE ordered AS (
  SELECT
    e.*,
    row_number() OVER (
      PARTITION BY e.subscription_id, e.billing_month ORDER BY e.outage_started_at, e.incident_id COLLATE "C"
    ) AS place,
    coalesce(
      (
        SELECT sum(h.percent_bp)
        FROM redress.entitlement AS h
        WHERE h.subscription_id = e.subscription_id
          AND h.billing_month = e.billing_month
          AND (
            h.incident_id IN (SELECT n.incident_id FROM second_held_incident AS n)
            OR h.incident_id NOT IN (SELECT n.incident_id FROM redress_source.incident AS n)
            OR h.customer_id IN (SELECT n.customer_id FROM second_bad_customer AS n)
          )
      ),
      0
    )::bigint AS held_bp
  FROM second_earned AS e
),
shared_out AS (
  SELECT
    o.*, least(o.credit_bp, greatest(o.cap_bp - o.held_bp, 0)) AS granted_bp,
    o.held_bp + least(o.credit_bp, greatest(o.cap_bp - o.held_bp, 0)) AS used_bp
  FROM ordered AS o
  WHERE o.place = 1
  UNION ALL
  SELECT
    o.*, least(o.credit_bp, greatest(o.cap_bp - s.used_bp, 0)),
    s.used_bp + least(o.credit_bp, greatest(o.cap_bp - s.used_bp, 0))
  FROM shared_out AS s
  JOIN ordered AS o
    ON o.subscription_id = s.subscription_id AND o.billing_month = s.billing_month AND o.place = s.place + 1
),
exact AS (
  SELECT s.*, s.monthly_fee * s.granted_bp * 0.0001 * (10::numeric ^ c.digits)::numeric AS minor, v.rounding
  FROM shared_out AS s
  JOIN second_currency AS c ON c.code = s.currency
  JOIN second_version AS v ON v.version = s.version
),
rounded AS (
  SELECT
    x.*,
    CASE x.rounding
      WHEN 'down' THEN trunc(x.minor)
      WHEN 'up' THEN ceil(x.minor)
      WHEN 'half_up' THEN trunc(x.minor + 0.5)
      WHEN 'half_even' THEN
        CASE
          WHEN x.minor - trunc(x.minor) = 0.5 THEN trunc(x.minor) + trunc(x.minor) % 2
          ELSE trunc(x.minor + 0.5)
        END
    END::bigint AS amount_minor
  FROM exact AS x
)
SELECT
  r.customer_id, r.subscription_id, r.incident_id, r.currency, r.billing_month, 'P' || r.severity AS severity,
  r.granted_bp::integer AS percent_bp, r.credit_bp AS percent_before_cap_bp, r.amount_minor,
  r.microseconds::bigint AS counted_microseconds, r.version AS policy_version, r.outage_started_at, r.outage_ended_at
FROM rounded AS r
WHERE r.amount_minor > 0
  AND r.amount_minor >= coalesce(
    (SELECT m.amount_minor FROM second_minimum AS m WHERE m.version = r.version AND m.currency = r.currency), 0
  );
