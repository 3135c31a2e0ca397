-- Proposals whose digest begins with some hexadecimal digits. Parameter: the digits, in lower case.
-- Returns: digest, as_of, month_from, month_through, policy_digest, credits_digest, findings_digest, run_by, the run that
-- was committed by it (null where none was). Order: digest.
SELECT proposal.digest, proposal.as_of, proposal.month_from, proposal.month_through, proposal.policy_digest,
       proposal.credits_digest, proposal.findings_digest, proposal.run_by, approval.run_id
  FROM redress.proposal
  LEFT JOIN redress.approval ON approval.proposal = proposal.digest
 WHERE left(encode(proposal.digest, 'hex'), length($1::text)) = $1::text
 ORDER BY proposal.digest
 LIMIT 10
