-- Proposals that are not as they were recorded, or whose policy file is not there.
-- Returns: digest, whether the row's digest is its own, policy_digest, whether there is the policy file. Order: digest.
SELECT digest, is_own, policy_digest, has_policy
  FROM (SELECT proposal.digest,
               row_digest = redress.proposal_digest(
                 proposal.digest, as_of, month_from, month_through, policy_digest, credits_digest, findings_digest,
                 revisions, invoice_lines, findings, amounts, limits, program_version, recorded_at, run_by) AS is_own,
               policy_digest, file.digest IS NOT NULL AS has_policy
          FROM redress.proposal
          LEFT JOIN redress.policy_file AS file ON file.digest = proposal.policy_digest) AS proposed
 WHERE NOT is_own OR NOT has_policy
 ORDER BY digest
