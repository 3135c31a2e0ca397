-- The policy versions that runs have used.
-- Returns: content, first_run_id. Order: effective_from, then version.
SELECT v.content, v.first_run_id
  FROM redress.policy_version AS v
 ORDER BY v.effective_from, v.version
