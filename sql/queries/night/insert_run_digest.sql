-- Digests the record of a run. The run's own row must exist. Parameter: run_id.
INSERT INTO redress.run_digest (run_id, digest)
SELECT run.run_id, sha256(convert_to(redress.run_record(run.run_id), 'UTF8'))
  FROM redress.run
 WHERE run.run_id = $1
