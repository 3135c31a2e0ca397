-- Every credit whose entitlement after the newest run is not what the second engine says, a row each: key, expected,
-- found. Held keys and keys outside of the run's window must be as second_before has them (section 7 of the rules); of
-- the rest, a credit that changed must also carry what it was decided on.
--
-- A credit that moves has two keys: what the one month loses the other gets. Both months are reconciled if either is in the
-- window, with everything that the subscription has in them, whichever customer and currency it is of.
WITH RECURSIVE night AS (
  SELECT r.month_from, r.month_through
  FROM redress.run AS r
  ORDER BY r.run_id DESC
  LIMIT 1
),
newest AS (
  SELECT e.*, c.percent_before_cap_bp
  FROM redress.entitlement AS e
  JOIN redress.credit AS c
    USING (customer_id, subscription_id, incident_id, billing_month, currency, revision)
),
judged AS (
  SELECT
    customer_id, subscription_id, incident_id, billing_month, currency,
    b.amount_minor AS old_minor, s.amount_minor AS new_minor,
    incident_id IN (SELECT h.incident_id FROM second_held_incident AS h)
      OR incident_id NOT IN (SELECT i.incident_id FROM redress_source.incident AS i)
      OR subscription_id IN (SELECT h.subscription_id FROM second_held_subscription AS h)
      OR subscription_id NOT IN (SELECT t.subscription_id FROM redress_source.subscription_term AS t)
      OR customer_id IN (SELECT c.customer_id FROM second_bad_customer AS c) AS is_held,
    concat_ws(
      ' ', s.severity, s.percent_bp, s.percent_before_cap_bp, s.counted_microseconds, s.policy_version,
      s.outage_started_at, s.outage_ended_at
    ) AS basis
  FROM second_before AS b
  FULL JOIN second_entitlement AS s USING (customer_id, subscription_id, incident_id, billing_month, currency)
),
move AS (
  SELECT old.subscription_id, old.billing_month AS old_month, new.billing_month AS new_month
  FROM judged AS old
  JOIN judged AS new
    ON new.subscription_id = old.subscription_id
    AND new.incident_id = old.incident_id
    AND new.billing_month <> old.billing_month
  WHERE old.old_minor <> 0 AND new.new_minor IS NOT NULL AND NOT old.is_held AND NOT new.is_held
),
reconciled AS (
  SELECT DISTINCT j.subscription_id, j.billing_month
  FROM judged AS j
  CROSS JOIN night AS n
  WHERE j.billing_month BETWEEN n.month_from AND n.month_through
  UNION
  SELECT m.subscription_id, CASE r.billing_month WHEN m.old_month THEN m.new_month ELSE m.old_month END
  FROM reconciled AS r
  JOIN move AS m
    ON m.subscription_id = r.subscription_id
    AND r.billing_month IN (m.old_month, m.new_month)
),
expected AS (
  SELECT
    j.customer_id, j.subscription_id, j.incident_id, j.billing_month, j.currency,
    CASE WHEN j.is_held OR r.billing_month IS NULL THEN j.old_minor ELSE coalesce(j.new_minor, 0) END AS amount_minor,
    CASE
      WHEN NOT j.is_held AND r.billing_month IS NOT NULL AND j.new_minor IS NOT NULL AND j.new_minor IS DISTINCT FROM j.old_minor
        THEN j.basis
    END AS basis
  FROM judged AS j
  LEFT JOIN reconciled AS r ON r.subscription_id = j.subscription_id AND r.billing_month = j.billing_month
)
SELECT
  concat_ws(
    ' / ', coalesce(x.customer_id, f.customer_id), coalesce(x.subscription_id, f.subscription_id),
    coalesce(x.incident_id, f.incident_id), to_char(coalesce(x.billing_month, f.billing_month), 'YYYY-MM'),
    coalesce(x.currency, f.currency)
  ) AS key,
  concat_ws(' ', x.amount_minor, x.basis) AS expected,
  concat_ws(
    ' ', f.amount_minor, f.severity, f.percent_bp, f.percent_before_cap_bp, f.counted_microseconds,
    f.policy_version, f.outage_started_at, f.outage_ended_at
  ) AS found
FROM expected AS x
FULL JOIN newest AS f
  ON x.customer_id = f.customer_id
  AND x.subscription_id = f.subscription_id
  AND x.incident_id = f.incident_id
  AND x.billing_month = f.billing_month
  AND x.currency = f.currency
WHERE coalesce(x.subscription_id, f.subscription_id)
  NOT IN (SELECT u.subscription_id FROM second_undecided_subscription AS u)
AND (
  coalesce(x.amount_minor, 0) <> coalesce(f.amount_minor, 0)
  OR x.basis <> concat_ws(
    ' ', f.severity, f.percent_bp, f.percent_before_cap_bp, f.counted_microseconds, f.policy_version,
    f.outage_started_at, f.outage_ended_at
  )
)
ORDER BY 1;
