-- Records what a held run came to, once for each content. Who it was and when take their defaults.
-- Parameters: digest, as_of, month_from, month_through, policy_digest, credits_digest, findings_digest, revisions,
-- invoice_lines, findings, amounts as JSON text, limits as JSON text, program_version.
INSERT INTO redress.proposal
  (digest, as_of, month_from, month_through, policy_digest, credits_digest, findings_digest, revisions, invoice_lines,
   findings, amounts, limits, program_version, row_digest)
VALUES
  ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::text::jsonb, $12::text::jsonb, $13,
   redress.proposal_digest(
     $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::text::jsonb, $12::text::jsonb, $13, now(), session_user))
ON CONFLICT ON CONSTRAINT proposal_pkey DO NOTHING
