-- Returns: the number of the next run; without gaps, because runs are numbered under the run lock.
SELECT coalesce(max(run_id), 0) + 1 AS run_id FROM redress.run
