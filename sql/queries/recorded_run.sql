-- Parameter: run_id. Returns: as_of, month_from, month_through, evidence_digest; no row where there is no such run.
SELECT as_of, month_from, month_through, evidence_digest
  FROM redress.run
 WHERE run_id = $1
