-- The bad rows of post_mortem, and whether the source has the incident that they name.
-- Returns: incident_id, completed_at, then started_at of the incident, knows_incident, rows (how many have this
-- incident_id). Order: incident_id, byte order, completed_at.
WITH known AS (
  SELECT i.incident_id COLLATE "C" AS incident_id, min(i.started_at) AS started_at
    FROM redress_source.incident AS i
   GROUP BY i.incident_id COLLATE "C"
), counted AS (
  SELECT p.incident_id COLLATE "C" AS incident_id, p.completed_at,
         count(*) OVER (PARTITION BY p.incident_id COLLATE "C") AS rows
    FROM redress_source.post_mortem AS p
)
SELECT p.incident_id, p.completed_at, known.started_at, known.incident_id IS NOT NULL AS knows_incident, p.rows
  FROM counted AS p
  LEFT JOIN known ON known.incident_id COLLATE "C" = p.incident_id COLLATE "C"
 WHERE known.incident_id IS NULL
    OR p.incident_id COLLATE "C" = ''
    OR p.rows > 1
    OR NOT isfinite(p.completed_at)
    OR p.completed_at < '1970-01-01 00:00:00+00'
    OR p.completed_at > '2200-01-01 00:00:00+00'
    OR p.completed_at < known.started_at
 ORDER BY p.incident_id COLLATE "C", p.completed_at
