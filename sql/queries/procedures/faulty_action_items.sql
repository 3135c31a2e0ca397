-- The bad rows of action_item, and whether the source has the incident that they name.
-- Returns: incident_id, title, completed_at, then started_at of the incident, knows_incident.
-- Order: incident_id, title, byte order, completed_at.
WITH known AS (
  SELECT i.incident_id COLLATE "C" AS incident_id, min(i.started_at) AS started_at
    FROM redress_source.incident AS i
   GROUP BY i.incident_id COLLATE "C"
)
SELECT a.incident_id, a.title, a.completed_at, known.started_at, known.incident_id IS NOT NULL AS knows_incident
  FROM redress_source.action_item AS a
  LEFT JOIN known ON known.incident_id COLLATE "C" = a.incident_id COLLATE "C"
 WHERE known.incident_id IS NULL
    OR a.incident_id COLLATE "C" = ''
    OR NOT isfinite(a.completed_at)
    OR a.completed_at < '1970-01-01 00:00:00+00'
    OR a.completed_at > '2200-01-01 00:00:00+00'
    OR a.completed_at < known.started_at
 ORDER BY a.incident_id COLLATE "C", a.title COLLATE "C", a.completed_at
