-- Approval of what was read. A run that passes a limit is taken back whole, and leaves a proposal: the digest of what it came
-- to. Whoever approves names that digest, and a run is committed by it only if it comes to the same.

-- Null in runs from before, for which monthly_fees is what their limits were taken of.
ALTER TABLE redress.run ADD COLUMN limit_fees jsonb;
ALTER TABLE redress.run
  ADD CONSTRAINT run_limit_fees_by_currency CHECK (jsonb_typeof(limit_fees) = 'object');
COMMENT ON COLUMN redress.run.limit_fees IS 'What the share of the monthly fees was taken of, by currency, in the form of monthly_fees: the larger of the fees in force at as_of and at the beginning of the earliest month with a changed credit. Null in runs from before it was recorded.';
COMMENT ON COLUMN redress.run.limits_approved IS 'Whether a person let the run through past the policy''s limits; approval says who, and what they had read.';

CREATE TABLE redress.proposal (
  digest bytea NOT NULL,
  as_of timestamptz NOT NULL,
  month_from date NOT NULL,
  month_through date NOT NULL,
  policy_digest bytea NOT NULL,
  credits_digest bytea NOT NULL,
  findings_digest bytea NOT NULL,
  revisions bigint NOT NULL,
  invoice_lines bigint NOT NULL,
  findings bigint NOT NULL,
  amounts jsonb NOT NULL,
  limits jsonb NOT NULL,
  program_version text COLLATE "C" NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT now(),
  run_by text COLLATE "C" NOT NULL DEFAULT session_user,
  row_digest bytea NOT NULL,
  CONSTRAINT proposal_pkey PRIMARY KEY (digest),
  CONSTRAINT proposal_digests_are_sha256 CHECK (
    octet_length(digest) = 32 AND octet_length(policy_digest) = 32 AND octet_length(credits_digest) = 32
      AND octet_length(findings_digest) = 32 AND octet_length(row_digest) = 32),
  CONSTRAINT proposal_months_are_firsts_in_order CHECK (
    (month_from <= month_through AND date_part('day', month_from) = 1
      AND date_part('day', month_through) = 1) IS TRUE),
  CONSTRAINT proposal_counts_not_negative CHECK (
    revisions >= 0 AND invoice_lines >= 0 AND findings >= 0),
  CONSTRAINT proposal_amounts_by_currency CHECK (jsonb_typeof(amounts) = 'object'),
  CONSTRAINT proposal_limits_are_a_list CHECK (jsonb_typeof(limits) = 'array')
);
COMMENT ON TABLE redress.proposal IS 'What runs came to that were held, once for each content. Nothing of it is in the ledger.';
COMMENT ON COLUMN redress.proposal.digest IS 'SHA-256 of what would be committed, whatever the run''s number and the clock: policy, months, the two CSVs without the run''s number, and the rows.';
COMMENT ON COLUMN redress.proposal.as_of IS 'The instant that the run took for now; an approved run takes the same.';
COMMENT ON COLUMN redress.proposal.month_from IS 'First billing month that was reconciled, as its first day.';
COMMENT ON COLUMN redress.proposal.month_through IS 'Last billing month that was reconciled, as its first day; included.';
COMMENT ON COLUMN redress.proposal.policy_digest IS 'SHA-256 of the policy file, which is in policy_file.';
COMMENT ON COLUMN redress.proposal.credits_digest IS 'SHA-256 of the CSV of credits that was to be read.';
COMMENT ON COLUMN redress.proposal.findings_digest IS 'SHA-256 of the CSV of findings that was to be read.';
COMMENT ON COLUMN redress.proposal.revisions IS 'Rows that the run would have appended to credit.';
COMMENT ON COLUMN redress.proposal.invoice_lines IS 'Rows that the run would have appended to invoice_adjustment.';
COMMENT ON COLUMN redress.proposal.findings IS 'Rows that the run would have appended to finding.';
COMMENT ON COLUMN redress.proposal.amounts IS 'What the run would have granted and taken back, by currency, in major units: {"USD": {"granted": "120.00", "taken_back": "0.00"}}.';
COMMENT ON COLUMN redress.proposal.limits IS 'The limits that were passed, a sentence each; empty where an approved run came to something else.';
COMMENT ON COLUMN redress.proposal.program_version IS 'The version of redress that made it.';
COMMENT ON COLUMN redress.proposal.recorded_at IS 'When it was first recorded.';
COMMENT ON COLUMN redress.proposal.run_by IS 'The database user whose run it was.';
COMMENT ON COLUMN redress.proposal.row_digest IS 'SHA-256 of everything else in the row: proposal_digest().';

CREATE TABLE redress.approval (
  run_id bigint NOT NULL,
  kind text COLLATE "C" NOT NULL,
  proposal bytea,
  approved_by text COLLATE "C",
  reason text COLLATE "C",
  approved_at timestamptz NOT NULL DEFAULT now(),
  database_user text COLLATE "C" NOT NULL DEFAULT session_user,
  row_digest bytea NOT NULL,
  CONSTRAINT approval_pkey PRIMARY KEY (run_id),
  CONSTRAINT approval_is_used_once UNIQUE (proposal),
  CONSTRAINT approval_digests_are_sha256 CHECK (
    octet_length(proposal) = 32 AND octet_length(row_digest) = 32),
  CONSTRAINT approval_names_what_it_approves CHECK (
    (kind = 'digest' AND proposal IS NOT NULL AND approved_by IS NOT NULL AND reason IS NOT NULL)
    OR (kind = 'limits' AND proposal IS NULL))
);
COMMENT ON TABLE redress.approval IS 'Who let a run through past the limits of its policy, in the transaction of that run.';
COMMENT ON COLUMN redress.approval.run_id IS 'The run.';
COMMENT ON COLUMN redress.approval.kind IS 'digest: what was read in a proposal. limits: whatever the run came to (--approve-limits).';
COMMENT ON COLUMN redress.approval.proposal IS 'The proposal to which the run came; null for the kind limits.';
COMMENT ON COLUMN redress.approval.approved_by IS 'The name that was given; null for the kind limits where none was.';
COMMENT ON COLUMN redress.approval.reason IS 'The reason that was given; null for the kind limits where none was.';
COMMENT ON COLUMN redress.approval.approved_at IS 'When the run''s transaction began.';
COMMENT ON COLUMN redress.approval.database_user IS 'The database user who approved.';
COMMENT ON COLUMN redress.approval.row_digest IS 'SHA-256 of everything else in the row: approval_digest().';

CREATE FUNCTION redress.proposal_digest(
  digest bytea, as_of timestamptz, month_from date, month_through date, policy_digest bytea, credits_digest bytea,
  findings_digest bytea, revisions bigint, invoice_lines bigint, findings bigint, amounts jsonb, limits jsonb,
  program_version text, recorded_at timestamptz, run_by text)
RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
SET "TimeZone" = 'UTC'
SET bytea_output = 'hex'
AS $$
  SELECT sha256(convert_to(
    jsonb_build_array(
      digest, as_of, month_from, month_through, policy_digest, credits_digest, findings_digest, revisions, invoice_lines,
      findings, amounts, limits, program_version, recorded_at, run_by)::text,
    'UTF8'))
$$;
COMMENT ON FUNCTION redress.proposal_digest(
  bytea, timestamptz, date, date, bytea, bytea, bytea, bigint, bigint, bigint, jsonb, jsonb, text, timestamptz, text) IS
  'SHA-256 of everything that a row of proposal says.';

CREATE FUNCTION redress.approval_digest(
  run_id bigint, kind text, proposal bytea, approved_by text, reason text, approved_at timestamptz, database_user text)
RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
SET "TimeZone" = 'UTC'
SET bytea_output = 'hex'
AS $$
  SELECT sha256(convert_to(
    jsonb_build_array(run_id, kind, proposal, approved_by, reason, approved_at, database_user)::text, 'UTF8'))
$$;
COMMENT ON FUNCTION redress.approval_digest(bigint, text, bytea, text, text, timestamptz, text) IS
  'SHA-256 of everything that a row of approval says.';

REVOKE ALL ON TABLE redress.proposal, redress.approval FROM PUBLIC;
REVOKE ALL ON FUNCTION
  redress.proposal_digest(
    bytea, timestamptz, date, date, bytea, bytea, bytea, bigint, bigint, bigint, jsonb, jsonb, text, timestamptz, text),
  redress.approval_digest(bigint, text, bytea, text, text, timestamptz, text)
FROM PUBLIC;
GRANT SELECT ON TABLE redress.proposal, redress.approval
TO redress_job, redress_invoicing, redress_reader, redress_controller;
GRANT EXECUTE ON FUNCTION
  redress.proposal_digest(
    bytea, timestamptz, date, date, bytea, bytea, bytea, bigint, bigint, bigint, jsonb, jsonb, text, timestamptz, text),
  redress.approval_digest(bigint, text, bytea, text, text, timestamptz, text)
TO redress_job, redress_invoicing, redress_reader, redress_controller;
-- Who it was and when is not the user's to say: those columns take their defaults.
GRANT INSERT (
  digest, as_of, month_from, month_through, policy_digest, credits_digest, findings_digest, revisions, invoice_lines,
  findings, amounts, limits, program_version, row_digest)
ON redress.proposal TO redress_job;
GRANT INSERT (run_id, kind, proposal, approved_by, reason, row_digest) ON redress.approval TO redress_controller;
