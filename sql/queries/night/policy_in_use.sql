-- The policy file of the newest run, and until when runs have decided: the latest as-of instant of all runs, or the present
-- if that is earlier. A run of a day to come has decided on nothing that is promised for good.
-- Returns: run_id, content, as_of; no row if no run has committed.
SELECT r.run_id, f.content, (SELECT least(max(as_of), now()) FROM redress.run) AS as_of
  FROM redress.run AS r
  JOIN redress.policy_file AS f ON f.digest = r.policy_digest
 ORDER BY r.run_id DESC
 LIMIT 1
