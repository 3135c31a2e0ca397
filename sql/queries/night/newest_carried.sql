-- Returns: run_id, carried_before of the newest run; no row before the first run.
SELECT run_id, carried_before
  FROM redress.run
 ORDER BY run_id DESC
 LIMIT 1
