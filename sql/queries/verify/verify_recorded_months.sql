-- The months of incidents in which recorded_month and credit differ. Parameter: the run after which
-- to begin.
-- Returns: incident_id, billing_month, noted_run_id (null if recorded_month lacks the month), run_id (the first run with
-- such a revision; null if credit has none). Order: incident_id, billing_month.
SELECT coalesce(m.incident_id, c.incident_id) AS incident_id, coalesce(m.billing_month, c.billing_month) AS billing_month,
       m.first_run_id AS noted_run_id, c.run_id
  FROM redress.recorded_month AS m
  FULL JOIN (SELECT incident_id, billing_month, min(run_id) AS run_id
               FROM redress.credit_revision
              WHERE run_id > $1::bigint
              GROUP BY incident_id, billing_month) AS c
    ON c.incident_id = m.incident_id AND c.billing_month = m.billing_month
 WHERE m.first_run_id IS DISTINCT FROM c.run_id
   -- A month that an earlier run noted has later revisions too.
   AND (m.first_run_id IS NULL OR m.first_run_id > $1::bigint)
 ORDER BY 1, 2
