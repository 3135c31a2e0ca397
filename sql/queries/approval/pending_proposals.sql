-- Proposals by which no run was committed and that were recorded after the last run began: those that may still come true.
-- Returns: digest, as_of, month_from, month_through, recorded_at, run_by, policy_digest, limits as JSON text.
-- Order: recorded_at, digest.
SELECT proposal.digest, proposal.as_of, proposal.month_from, proposal.month_through, proposal.recorded_at,
       proposal.run_by, proposal.policy_digest, proposal.limits::text AS limits
  FROM redress.proposal
  LEFT JOIN redress.approval ON approval.proposal = proposal.digest
 WHERE approval.run_id IS NULL
   AND proposal.recorded_at > coalesce((SELECT max(started_at) FROM redress.run), '-infinity'::timestamptz)
 ORDER BY proposal.recorded_at, proposal.digest
