-- Runs whose record does not match its digest or has none, and digests without a run.
-- Returns: run_id, whether there is such a run, whether there is a digest of it. Order: run_id.
SELECT run_id, run.run_id IS NOT NULL AS has_run, record.digest IS NOT NULL AS has_digest
  FROM redress.run
  FULL JOIN redress.run_digest AS record USING (run_id)
 WHERE record.digest IS DISTINCT FROM sha256(convert_to(redress.run_record(run.run_id), 'UTF8'))
 ORDER BY run_id
