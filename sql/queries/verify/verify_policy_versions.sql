-- Every frozen policy version.
-- Returns: version, digest, content, effective_from, time_zone, first_run_id. Order: effective_from, version.
SELECT version, digest, content, effective_from, time_zone, first_run_id
  FROM redress.policy_version
 ORDER BY effective_from, version
