-- Every policy file that a run has read. Returns: digest, content. Order: digest.
SELECT digest, content
  FROM redress.policy_file
 ORDER BY digest
