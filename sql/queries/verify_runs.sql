-- Every run.
-- Returns: run_id, month_from, month_through, evidence_digest, revisions, invoice_lines, findings, policy_digest,
-- credits_digest, findings_digest, lines_checksum. Order: run_id.
SELECT run_id, month_from, month_through, evidence_digest, revisions, invoice_lines, findings, policy_digest,
       credits_digest, findings_digest, lines_checksum
  FROM redress.run
 ORDER BY run_id
