-- The policy file of the newest run, and the latest as-of instant of all runs. Returns: run_id,
-- content, as_of; no row if no run has committed.
SELECT r.run_id, f.content, (SELECT max(as_of) FROM redress.run) AS as_of
  FROM redress.run AS r
  JOIN redress.policy_file AS f ON f.digest = r.policy_digest
 ORDER BY r.run_id DESC
 LIMIT 1
