-- Notes in which months a run appended revisions of which incidents. Runs are alone, so what is there is known before.
-- Parameters: two arrays of the same length, incident_id and billing_month as text; run_id.
INSERT INTO redress.recorded_month (incident_id, billing_month, first_run_id)
SELECT appended.incident_id, appended.billing_month::date, $3
  FROM unnest($1::text[], $2::text[]) AS appended (incident_id, billing_month)
  LEFT JOIN redress.recorded_month AS noted
    ON noted.incident_id = appended.incident_id AND noted.billing_month = appended.billing_month::date
 WHERE noted.incident_id IS NULL
