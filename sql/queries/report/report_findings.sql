-- The findings of a run.
-- Setting: redress.run_id.
-- Returns: code, relation, key, problem, remedy. Order: as reported.
SELECT code, relation, key, problem, remedy
  FROM redress.finding
 WHERE run_id = current_setting('redress.run_id')::bigint
 ORDER BY ordinal
