-- Notes in which months a run appended revisions of which incidents.
-- Parameters: two arrays of the same length, incident_id and billing_month as text; run_id.
INSERT INTO redress.recorded_month (incident_id, billing_month, first_run_id)
SELECT incident_id, billing_month::date, $3
  FROM unnest($1::text[], $2::text[]) AS appended (incident_id, billing_month)
    ON CONFLICT ON CONSTRAINT recorded_month_pkey DO NOTHING
