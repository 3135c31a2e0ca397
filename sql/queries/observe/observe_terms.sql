-- Appends what redress_source.present_term shows and the newest observation of the subscription does not. A row that cannot be
-- observed leaves its subscription as it was observed; where a row has no subscription_id, nothing is gone, because it may be
-- any. Nothing is appended where more is gone than may be.
--
-- Parameter: how many may be gone bigint; null for a tenth of what was there, or ten, and not all of it.
-- Returns: outcome text, key text, was text, now text, count bigint. First a row for each key with changed, gone, back, missing_key,
-- duplicate_row, missing_value or invalid_value, in byte order of the keys; then one each with the count for shown, known (those
-- that were there), new and refused (how many are gone, if that is too many).
WITH shown AS MATERIALIZED (
  SELECT
    subscription_id COLLATE "C" AS subscription_id, customer_id COLLATE "C" AS customer_id,
    service_id COLLATE "C" AS service_id, plan COLLATE "C" AS plan, monthly_fee, currency COLLATE "C" AS currency, since,
    until
  FROM redress_source.present_term
), judged AS (
  SELECT
    shown.subscription_id, shown.customer_id, shown.service_id, shown.plan, shown.monthly_fee, shown.currency,
    shown.since, shown.until,
    CASE
      WHEN COALESCE(subscription_id, '') COLLATE "C" = '' THEN 'missing_key'
      WHEN count(*) OVER (PARTITION BY subscription_id COLLATE "C") > 1 THEN 'duplicate_row'
      WHEN num_nulls(customer_id, service_id, plan, monthly_fee, currency) > 0 THEN 'missing_value'
      WHEN monthly_fee < 0 OR monthly_fee IN ('NaN', 'Infinity', '-Infinity') OR NOT isfinite(since) OR NOT isfinite(until)
        THEN 'invalid_value'
    END AS fault
  FROM shown
), sound AS (
  SELECT subscription_id, customer_id, service_id, plan, monthly_fee, currency, since, until
  FROM judged
  WHERE fault IS NULL
), newest AS (
  SELECT DISTINCT ON (seen.subscription_id)
    seen.subscription_id AS subscription_id, seen.number, seen.is_gone, seen.customer_id AS customer_id, seen.service_id AS service_id,
    seen.plan AS plan, seen.monthly_fee, seen.currency AS currency, seen.since, seen.until
  FROM redress.term_observation AS seen
  ORDER BY seen.subscription_id, seen.number DESC
), compared AS (
  SELECT
    COALESCE(sound.subscription_id, newest.subscription_id) AS subscription_id,
    COALESCE(newest.number, 0) + 1 AS number,
    sound.customer_id, sound.service_id, sound.plan, sound.monthly_fee, sound.currency, sound.since, sound.until,
    CASE
      WHEN sound.subscription_id IS NULL THEN 'gone'
      WHEN newest.subscription_id IS NULL THEN 'new'
      WHEN newest.is_gone THEN 'back'
      WHEN (sound.customer_id, sound.service_id, sound.plan, sound.monthly_fee, sound.currency, sound.since,
            sound.until)
        IS DISTINCT FROM (newest.customer_id, newest.service_id, newest.plan, newest.monthly_fee, newest.currency,
            newest.since, newest.until) THEN 'changed'
    END AS outcome,
    concat_ws(' ', newest.customer_id, newest.service_id, newest.plan, newest.monthly_fee, newest.currency,
      'until ' || newest.until) AS was,
    concat_ws(' ', sound.customer_id, sound.service_id, sound.plan, sound.monthly_fee, sound.currency,
      'until ' || sound.until) AS now
  FROM sound
  FULL JOIN newest ON newest.subscription_id COLLATE "C" = sound.subscription_id COLLATE "C"
  WHERE sound.subscription_id IS NOT NULL
    OR NOT newest.is_gone
      AND NOT EXISTS (
        SELECT 1 FROM judged AS bad WHERE bad.subscription_id COLLATE "C" = newest.subscription_id COLLATE "C" LIMIT 1)
      AND NOT EXISTS (SELECT 1 FROM judged AS bad WHERE bad.fault = 'missing_key' LIMIT 1)
), verdict AS (
  SELECT
    count(*) FILTER (WHERE outcome = 'gone') AS gone,
    (SELECT count(*) FROM newest WHERE NOT is_gone) AS known
  FROM compared
), allowed AS (
  SELECT
    gone, known,
    CASE WHEN $1::bigint IS NOT NULL THEN gone <= $1::bigint ELSE gone = 0 OR gone < known AND gone * 10 <= GREATEST(known, 100) END
      AS is_allowed
  FROM verdict
), appended AS (
  INSERT INTO redress.term_observation
    (subscription_id, number, is_gone, customer_id, service_id, plan, monthly_fee, currency, since, until)
  SELECT
    subscription_id, number, outcome = 'gone', customer_id, service_id, plan, monthly_fee, currency, since, until
  FROM compared
  CROSS JOIN allowed
  WHERE outcome IS NOT NULL AND is_allowed
)
SELECT outcome, key, was, now, count
FROM (
  SELECT 1 AS part, outcome, subscription_id AS key, was, now, 1::bigint AS count
  FROM compared
  WHERE outcome IN ('gone', 'back') OR outcome = 'changed' AND was <> now
  UNION ALL
  SELECT 1, fault, COALESCE(subscription_id COLLATE "C", ''), '', '', count(*)
  FROM judged
  WHERE fault IS NOT NULL
  GROUP BY fault, subscription_id COLLATE "C"
  UNION ALL
  SELECT 2, 'shown', '', '', '', count(*) FROM shown
  UNION ALL
  SELECT 2, 'known', '', '', '', known FROM allowed
  UNION ALL
  SELECT 2, 'new', '', '', '', count(*) FROM compared WHERE outcome = 'new'
  UNION ALL
  SELECT 2, 'refused', '', '', '', gone FROM allowed WHERE NOT is_allowed
) AS told
ORDER BY part, key COLLATE "C", outcome
