-- Notes in which months a run was the first to append revisions of which incidents. Runs are alone, so what is there is
-- known before.
-- Parameters: two arrays of the same length, incident_id and billing_month as text; run_id.
INSERT INTO redress.recorded_month (incident_id, billing_month, first_run_id)
SELECT appended.incident_id, appended.billing_month::date, $3
  FROM unnest($1::text[], $2::text[]) AS appended (incident_id, billing_month)
