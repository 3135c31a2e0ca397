-- Every run.
-- Returns: run_id, month_from, month_through, evidence_digest, revisions, invoice_lines, findings, policy_digest,
-- credits_digest, findings_digest, credits_checksum, lines_checksum, as_of, limits_approved, monthly_fees as JSON text, carried_before, carried,
-- carried_checksum, carried_by, posted_on, closed_through, invoice_lines_digest, limit_fees as JSON text
-- (null in old runs), started_at.
-- Order: run_id.
SELECT run_id, month_from, month_through, evidence_digest, revisions, invoice_lines, findings, policy_digest,
       credits_digest, findings_digest, credits_checksum, lines_checksum, as_of, limits_approved,
       monthly_fees::text AS monthly_fees, carried_before, carried, carried_checksum, carried_by, posted_on,
       closed_through, invoice_lines_digest, limit_fees::text AS limit_fees, started_at
  FROM redress.run
 ORDER BY run_id
