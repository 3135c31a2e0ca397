-- The incidents of which credit has revisions in given months.
-- Parameters: the first and the last month. Returns: incident_id, each once. Order: none.
SELECT DISTINCT incident_id
  FROM redress.recorded_month
 WHERE billing_month BETWEEN $1 AND $2
