-- Parameter: incident ids. Returns: of_incidents, of_all (the earliest months in which credit has
-- revisions of these incidents, and of any; null if there are none).
SELECT (SELECT min(billing_month) FROM redress.recorded_month WHERE incident_id = ANY ($1::text[])) AS of_incidents,
       (SELECT min(billing_month) FROM redress.recorded_month) AS of_all
