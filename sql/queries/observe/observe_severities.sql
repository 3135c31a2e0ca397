-- Appends what redress_source.present_severity shows and the newest observation of the same incident, service and customer does
-- not. A row that cannot be observed leaves them as they were observed; where a row has no incident_id, nothing is gone, because
-- it may be any.
--
-- Returns: outcome text, key text, was text, now text, count bigint. First a row for each key with changed, gone, back, missing_key,
-- duplicate_row, missing_value or invalid_value, in byte order of the keys; then one each with the count for shown and new.
WITH shown AS MATERIALIZED (
  SELECT
    incident_id COLLATE "C" AS incident_id, COALESCE(service_id, '') COLLATE "C" AS service_id,
    COALESCE(customer_id, '') COLLATE "C" AS customer_id, severity COLLATE "C" AS severity, since
  FROM redress_source.present_severity
), judged AS (
  SELECT
    shown.incident_id, shown.service_id, shown.customer_id, shown.severity, shown.since,
    CASE
      WHEN COALESCE(incident_id, '') COLLATE "C" = '' THEN 'missing_key'
      WHEN count(*) OVER (PARTITION BY incident_id COLLATE "C", service_id COLLATE "C", customer_id COLLATE "C") > 1 THEN 'duplicate_row'
      WHEN severity IS NULL THEN 'missing_value'
      WHEN NOT isfinite(since) THEN 'invalid_value'
    END AS fault
  FROM shown
), sound AS (
  SELECT incident_id, service_id, customer_id, severity, since
  FROM judged
  WHERE fault IS NULL
), newest AS (
  SELECT DISTINCT ON (seen.incident_id, seen.service_id, seen.customer_id)
    seen.incident_id AS incident_id, seen.service_id AS service_id, seen.customer_id AS customer_id, seen.number, seen.is_gone,
    seen.severity AS severity, seen.since
  FROM redress.severity_observation AS seen
  ORDER BY seen.incident_id, seen.service_id, seen.customer_id, seen.number DESC
), compared AS (
  SELECT
    COALESCE(sound.incident_id, newest.incident_id) AS incident_id,
    COALESCE(sound.service_id, newest.service_id) AS service_id,
    COALESCE(sound.customer_id, newest.customer_id) AS customer_id,
    COALESCE(newest.number, 0) + 1 AS number,
    sound.severity, sound.since,
    CASE
      WHEN sound.incident_id IS NULL THEN 'gone'
      WHEN newest.incident_id IS NULL THEN 'new'
      WHEN newest.is_gone THEN 'back'
      WHEN (sound.severity, sound.since) IS DISTINCT FROM (newest.severity, newest.since) THEN 'changed'
    END AS outcome,
    COALESCE(newest.severity, '') AS was,
    COALESCE(sound.severity, '') AS now
  FROM sound
  FULL JOIN newest
    ON newest.incident_id COLLATE "C" = sound.incident_id COLLATE "C" AND newest.service_id COLLATE "C" = sound.service_id COLLATE "C"
    AND newest.customer_id COLLATE "C" = sound.customer_id COLLATE "C"
  WHERE sound.incident_id IS NOT NULL
    OR NOT newest.is_gone
      AND NOT EXISTS (
        SELECT 1
        FROM judged AS bad
        WHERE bad.incident_id COLLATE "C" = newest.incident_id COLLATE "C" AND bad.service_id COLLATE "C" = newest.service_id COLLATE "C"
          AND bad.customer_id COLLATE "C" = newest.customer_id COLLATE "C"
        LIMIT 1)
      AND NOT EXISTS (SELECT 1 FROM judged AS bad WHERE bad.fault = 'missing_key' LIMIT 1)
), appended AS (
  INSERT INTO redress.severity_observation (incident_id, service_id, customer_id, number, is_gone, severity, since)
  SELECT incident_id, service_id, customer_id, number, outcome = 'gone', severity, since
  FROM compared
  WHERE outcome IS NOT NULL
)
SELECT outcome, key, was, now, count
FROM (
  SELECT
    1 AS part, outcome,
    concat_ws(' / ', incident_id, NULLIF(service_id, ''), NULLIF(customer_id, '')) AS key, was, now, 1::bigint AS count
  FROM compared
  WHERE outcome IN ('gone', 'back') OR outcome = 'changed' AND was <> now
  UNION ALL
  SELECT
    1, bad.fault, concat_ws(' / ', COALESCE(bad.row_id, ''), NULLIF(bad.row_service, ''), NULLIF(bad.row_customer, '')), '',
    '', count(*)
  FROM (
    SELECT fault, incident_id AS row_id, service_id AS row_service, customer_id AS row_customer
    FROM judged
    WHERE fault IS NOT NULL) AS bad
  GROUP BY bad.fault, bad.row_id, bad.row_service, bad.row_customer
  UNION ALL
  SELECT 2, 'shown', '', '', '', count(*) FROM shown
  UNION ALL
  SELECT 2, 'new', '', '', '', count(*) FROM compared WHERE outcome = 'new'
) AS told
ORDER BY part, key COLLATE "C", outcome
