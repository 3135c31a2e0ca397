-- Every run.
-- Returns: run_id, month_from, month_through, evidence_digest, revisions, invoice_lines, findings. Order: run_id.
SELECT run_id, month_from, month_through, evidence_digest, revisions, invoice_lines, findings
  FROM redress.run
 ORDER BY run_id
