-- A run's own row. Parameter: run_id.
-- Returns: as_of, month_from, month_through, evidence_digest, started_at, the ledger's id, finished_at, policy_digest,
-- program_version, run_by, limits_approved, revisions, invoice_lines, findings, customers, subscriptions, monthly_fees
-- as JSON text, schema_version, the digest of its record, posted_on, closed_through, byte_order_mark,
-- limit_fees as JSON text (null in old runs); no row where there is no such run.
SELECT run.as_of, run.month_from, run.month_through, run.evidence_digest, run.started_at,
       coalesce((SELECT ledger_id::text FROM redress.ledger), '') AS ledger_id, run.finished_at, run.policy_digest,
       run.program_version, run.run_by, run.limits_approved, run.revisions, run.invoice_lines, run.findings,
       run.customers, run.subscriptions, run.monthly_fees::text AS monthly_fees, run.schema_version,
       coalesce(record.digest, '') AS record_digest, run.posted_on, run.closed_through,
       coalesce(run.byte_order_mark, false) AS byte_order_mark, run.limit_fees::text AS limit_fees
  FROM redress.run
  LEFT JOIN redress.run_digest AS record ON record.run_id = run.run_id
 WHERE run.run_id = $1
