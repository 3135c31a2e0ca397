-- The incidents that a run was the first to record a credit for. Reads all of the ledger.
-- Parameter: run_id. Returns: incident_id. Order: incident_id.
SELECT incident_id
  FROM redress.credit
 WHERE run_id <= $1
 GROUP BY incident_id
HAVING min(run_id) = $1
 ORDER BY incident_id
