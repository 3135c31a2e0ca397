-- The incidents that a run was the first to record a credit for.
-- Parameter: run_id. Returns: incident_id. Order: incident_id.
SELECT incident_id
  FROM redress.recorded_month
 GROUP BY incident_id
HAVING min(first_run_id) = $1
 ORDER BY incident_id
