-- What the newest run carried forward.
-- Returns: carried_by (the run whose rows they are), carried_before, carried, carried_checksum; no row before the first
-- run.
SELECT carried_by, carried_before, carried, carried_checksum
  FROM redress.run
 ORDER BY run_id DESC
 LIMIT 1
