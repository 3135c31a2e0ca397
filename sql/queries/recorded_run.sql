-- Parameter: run_id. Returns: as_of, month_from, month_through, evidence_digest, started_at, the ledger's id; no row
-- where there is no such run.
SELECT as_of, month_from, month_through, evidence_digest, started_at,
       coalesce((SELECT ledger_id::text FROM redress.ledger), '') AS ledger_id
  FROM redress.run
 WHERE run_id = $1
