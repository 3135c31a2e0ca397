-- The newest run that had finished at a time.
-- Parameter: the time.
-- Returns: run_id, 0 for none.
SELECT coalesce(max(run_id), 0) AS run_id
  FROM redress.run
 WHERE finished_at <= $1::timestamptz
