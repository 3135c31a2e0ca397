-- Records the run, in the same transaction as everything that it appended. A clock that was set back during the run must
-- not make it end before it began.
-- Parameters: run_id, as_of, month_from, month_through, policy_digest, evidence_digest, program_version,
-- limits_approved, revisions, invoice_lines, findings, customers, subscriptions, monthly_fees as JSON text,
-- credits_digest, findings_digest, credits_checksum, lines_checksum, schema_version.
INSERT INTO redress.run
  (run_id, started_at, finished_at, as_of, month_from, month_through, policy_digest, evidence_digest, program_version,
   limits_approved, revisions, invoice_lines, findings, customers, subscriptions, monthly_fees, schema_version,
   credits_digest, findings_digest, credits_checksum, lines_checksum)
VALUES
  ($1, now(), greatest(now(), clock_timestamp()), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
   $14::text::jsonb, $19, $15, $16, $17, $18)
