-- The latest instant that a run took for now. Parameter: the last run that counts.
-- Returns: as_of, null where there is no such run.
SELECT max(as_of) AS as_of
  FROM redress.run
 WHERE run_id <= $1::bigint
