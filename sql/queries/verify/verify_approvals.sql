-- Approvals, and runs that were let through without one. Runs without limit_fees are from before approvals were recorded.
-- Returns: run_id, whether there is such a run, whether it says that it was let through, whether there is an approval,
-- whether the approval's digest is its own, kind, database_user, the digest of the proposal, who proposed it (null where
-- there is no such proposal), whether the run has its policy and months. Order: run_id.
SELECT coalesce(run.run_id, approval.run_id) AS run_id, run.run_id IS NOT NULL AS has_run,
       coalesce(run.limits_approved, false) AS is_marked, approval.run_id IS NOT NULL AS has_approval,
       coalesce(
         approval.row_digest = redress.approval_digest(
           approval.run_id, approval.kind, approval.proposal, approval.approved_by, approval.reason,
           approval.approved_at, approval.database_user),
         false) AS is_own,
       approval.kind, approval.database_user, approval.proposal, proposal.run_by,
       coalesce(
         run.policy_digest = proposal.policy_digest AND run.month_from = proposal.month_from
           AND run.month_through = proposal.month_through AND run.revisions = proposal.revisions
           AND run.invoice_lines = proposal.invoice_lines AND run.findings = proposal.findings,
         false) AS is_as_proposed
  FROM redress.run
  FULL JOIN redress.approval ON approval.run_id = run.run_id
  LEFT JOIN redress.proposal ON proposal.digest = approval.proposal
 WHERE approval.run_id IS NOT NULL
    OR (run.limits_approved AND run.limit_fees IS NOT NULL)
 ORDER BY coalesce(run.run_id, approval.run_id)
