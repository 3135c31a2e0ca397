-- How far runs have come, and the present.
-- Returns: the newest run, 0 for none; the latest as-of instant of a run, null for none; the present.
SELECT coalesce(max(run_id), 0) AS newest, max(as_of) AS as_of, now() AS present
  FROM redress.run
