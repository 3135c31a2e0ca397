-- Records the run, in the same transaction as everything that it appended. If the clock was set
-- back during the run, the end is not recorded as earlier than the start.
-- Parameters: run_id, as_of, month_from, month_through, policy_digest, evidence_digest, program_version,
-- limits_approved, revisions, invoice_lines, findings, customers, subscriptions, monthly_fees as JSON text,
-- credits_digest, findings_digest, credits_checksum, lines_checksum, schema_version, carried_before, carried,
-- carried_checksum, carried_by, posted_on, closed_through, acceptances, invoice_lines_digest,
-- byte_order_mark (true, or null for none), limit_fees as JSON text.
INSERT INTO redress.run
  (run_id, started_at, finished_at, as_of, month_from, month_through, policy_digest, evidence_digest, program_version,
   limits_approved, revisions, invoice_lines, findings, customers, subscriptions, monthly_fees, schema_version,
   credits_digest, findings_digest, credits_checksum, lines_checksum, carried_before, carried, carried_checksum,
   carried_by, posted_on, closed_through, acceptances, invoice_lines_digest, byte_order_mark,
   limit_fees)
VALUES
  ($1, now(), greatest(now(), clock_timestamp()), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
   $14::text::jsonb, $19, $15, $16, $17, $18, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29::text::jsonb)
