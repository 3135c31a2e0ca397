-- What a run found.
-- Parameter: run_id.
-- Returns: code, relation, key, problem, remedy. Order: as reported.
SELECT code, relation, key, problem, remedy
  FROM redress.finding
 WHERE run_id = $1::bigint
 ORDER BY ordinal
