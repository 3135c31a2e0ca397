-- How many findings each run has, and the number of its last; they count from 1 without gaps.
-- Returns: run_id, findings, last. Order: run_id.
SELECT run_id, count(*) AS findings, max(ordinal) AS last
  FROM redress.finding
 GROUP BY run_id
 ORDER BY run_id
