-- A run's own row. Parameter: run_id.
-- Returns: run_id, as_of, started_at, finished_at, month_from, month_through, policy_digest, evidence_digest,
-- program_version, run_by, limits_approved, revisions, invoice_lines, findings, customers, subscriptions, monthly_fees
-- as JSON text; no row where there is no such run.
SELECT run_id, as_of, started_at, finished_at, month_from, month_through, policy_digest, evidence_digest,
       program_version, run_by, limits_approved, revisions, invoice_lines, findings, customers, subscriptions,
       monthly_fees::text AS monthly_fees
  FROM redress.run
 WHERE run_id = $1
