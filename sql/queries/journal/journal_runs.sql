-- Every run, with the day on which its revisions and lines are posted, and what names its policy file.
-- Returns: run_id, posted_on, policy_digest.
-- Order: run_id.
SELECT run_id, posted_on, policy_digest
  FROM redress.run
 ORDER BY run_id
