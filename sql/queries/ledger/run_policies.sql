-- The policy file of each run. Returns: run_id, policy_digest. Order: run_id.
SELECT run_id, policy_digest FROM redress.run ORDER BY run_id
