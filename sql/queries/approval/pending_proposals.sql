-- Proposals that wait: no run was committed by them, and neither a later proposal for all of their months nor a later run of
-- them all has been made as of the same instant or after it.
-- Returns: digest, as_of, month_from, month_through, recorded_at, run_by, policy_digest, limits as JSON text.
-- Order: recorded_at, digest.
SELECT proposal.digest, proposal.as_of, proposal.month_from, proposal.month_through, proposal.recorded_at,
       proposal.run_by, proposal.policy_digest, proposal.limits::text AS limits
  FROM redress.proposal
 WHERE NOT EXISTS (SELECT 1
                     FROM redress.approval
                    WHERE approval.proposal = proposal.digest
                    LIMIT 1)
   AND NOT EXISTS (SELECT 1
                     FROM redress.proposal AS later
                    WHERE (later.recorded_at, later.digest) > (proposal.recorded_at, proposal.digest)
                      AND later.as_of >= proposal.as_of
                      AND later.month_from <= proposal.month_from
                      AND later.month_through >= proposal.month_through
                    LIMIT 1)
   AND NOT EXISTS (SELECT 1
                     FROM redress.run
                    WHERE run.started_at > proposal.recorded_at
                      AND run.as_of >= proposal.as_of
                      AND run.month_from <= proposal.month_from
                      AND run.month_through >= proposal.month_through
                    LIMIT 1)
 ORDER BY proposal.recorded_at, proposal.digest
