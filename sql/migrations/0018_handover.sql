-- What was handed to other systems: every attempt to send a message, and what came of it. Rows are appended.
--
-- A message is a line on the pseudo invoice of a system (balance:stripe and the like), or what a finalized invoice carries,
-- as a credit note. Its key follows from the ledger's id and the line's key, and never comes again.

CREATE TABLE redress.handover (
  customer_id text COLLATE "C" NOT NULL,
  message_key text COLLATE "C" NOT NULL,
  entry integer NOT NULL,
  attempt integer NOT NULL,
  answer text COLLATE "C" NOT NULL,
  system text COLLATE "C" NOT NULL,
  invoice_id text COLLATE "C" NOT NULL,
  currency text COLLATE "C" NOT NULL,
  subscription_id text COLLATE "C",
  incident_id text COLLATE "C",
  billing_month date,
  line integer,
  amount_minor bigint NOT NULL,
  said text COLLATE "C" NOT NULL,
  remote_id text COLLATE "C",
  message text,
  noted_at timestamptz NOT NULL DEFAULT now(),
  noted_by text NOT NULL DEFAULT session_user,
  digest bytea NOT NULL,
  CONSTRAINT handover_digest_is_sha256 CHECK (octet_length(digest) = 32),
  CONSTRAINT handover_pkey PRIMARY KEY (customer_id, message_key, entry),
  CONSTRAINT handover_counts_from_one CHECK (entry >= 1 AND attempt >= 1),
  CONSTRAINT handover_answer_is_listed CHECK (answer IN ('begun', 'sent', 'refused', 'unknown')),
  CONSTRAINT handover_system_is_listed CHECK (system IN ('stripe', 'lago', 'killbill', 'other')),
  CONSTRAINT handover_has_its_key CHECK (customer_id <> '' AND message_key <> '' AND amount_minor <> 0),
  CONSTRAINT handover_names_a_line CHECK (
    (line IS NOT NULL) = starts_with(invoice_id, 'balance:')
      AND (line IS NULL) = (subscription_id IS NULL) AND (line IS NULL) = (incident_id IS NULL)
      AND (line IS NULL) = (billing_month IS NULL))
);
CREATE UNIQUE INDEX handover_sent_once ON redress.handover (customer_id, message_key) WHERE answer = 'sent';
CREATE INDEX handover_invoice_id_idx ON redress.handover (invoice_id);
COMMENT ON TABLE redress.handover IS 'What was handed to other systems: an entry for each attempt that was begun, and for each answer.';
COMMENT ON COLUMN redress.handover.customer_id IS 'Whose credit it is.';
COMMENT ON COLUMN redress.handover.message_key IS 'The key of the message: redress- and the SHA-256 of the ledger''s id and the key of the line, or of the invoice.';
COMMENT ON COLUMN redress.handover.entry IS 'Counts the entries of the message from 1, without gaps.';
COMMENT ON COLUMN redress.handover.attempt IS 'Counts the attempts to send it from 1; an answer has the number of its attempt.';
COMMENT ON COLUMN redress.handover.answer IS 'begun: noted before it is sent. sent: the other system has it. refused: it will not take it. unknown: nobody knows.';
COMMENT ON COLUMN redress.handover.system IS 'stripe, lago, killbill or other.';
COMMENT ON COLUMN redress.handover.invoice_id IS 'The pseudo invoice of the line, or the invoice of the credit note.';
COMMENT ON COLUMN redress.handover.currency IS 'ISO 4217 code of the amounts.';
COMMENT ON COLUMN redress.handover.subscription_id IS 'Key of the line: subscription; null of a credit note.';
COMMENT ON COLUMN redress.handover.incident_id IS 'Key of the line: incident; null of a credit note.';
COMMENT ON COLUMN redress.handover.billing_month IS 'Key of the line: billing month, as its first day; null of a credit note.';
COMMENT ON COLUMN redress.handover.line IS 'Key of the line: its number; null of a credit note.';
COMMENT ON COLUMN redress.handover.amount_minor IS 'The amount of the line, or what the invoice carries, in minor units; negative is for the customer.';
COMMENT ON COLUMN redress.handover.said IS 'The amount as the message says it, in the other system''s units.';
COMMENT ON COLUMN redress.handover.remote_id IS 'The id that the other system gave it; null where none is known.';
COMMENT ON COLUMN redress.handover.message IS 'What the other system said to it; null for nothing.';
COMMENT ON COLUMN redress.handover.noted_at IS 'When the entry''s transaction began.';
COMMENT ON COLUMN redress.handover.noted_by IS 'The database user who noted it.';
COMMENT ON COLUMN redress.handover.digest IS 'SHA-256 of everything else in the row: handover_digest().';

CREATE FUNCTION redress.handover_digest(
  customer_id text, message_key text, entry integer, attempt integer, answer text, system text, invoice_id text,
  currency text, subscription_id text, incident_id text, billing_month date, line integer, amount_minor bigint, said text,
  remote_id text, message text, noted_at timestamptz, noted_by text)
RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
SET "TimeZone" = 'UTC'
SET "DateStyle" = 'ISO, YMD'
AS $$
  SELECT sha256(convert_to(
    jsonb_build_array(
      customer_id, message_key, entry, attempt, answer, system, invoice_id, currency, subscription_id, incident_id,
      billing_month, line, amount_minor, said, remote_id, message, noted_at, noted_by)::text,
    'UTF8'))
$$;
COMMENT ON FUNCTION redress.handover_digest(
  text, text, integer, integer, text, text, text, text, text, text, date, integer, bigint, text, text, text,
  timestamptz, text) IS
  'SHA-256 of everything that a row of handover says.';

-- Runs hand credits to balances, and take them back. place_on_invoice and release_invoice have nothing to do there.
ALTER TABLE redress.placement
  ADD CONSTRAINT placement_is_no_balance CHECK (NOT starts_with(invoice_id, 'balance:'));
ALTER TABLE redress.invoice_line
  ADD CONSTRAINT invoice_line_balance_is_a_runs CHECK (NOT starts_with(invoice_id, 'balance:') OR run_id IS NOT NULL);

REVOKE ALL ON TABLE redress.handover FROM PUBLIC;
REVOKE ALL ON FUNCTION redress.handover_digest(
  text, text, integer, integer, text, text, text, text, text, text, date, integer, bigint, text, text, text,
  timestamptz, text)
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION redress.handover_digest(
  text, text, integer, integer, text, text, text, text, text, text, date, integer, bigint, text, text, text,
  timestamptz, text)
TO redress_job, redress_invoicing, redress_reader, redress_controller;
GRANT SELECT ON TABLE redress.handover
TO redress_job, redress_invoicing, redress_reader, redress_controller;
-- Who and when are the server's to say.
GRANT INSERT (
  customer_id, message_key, entry, attempt, answer, system, invoice_id, currency, subscription_id, incident_id,
  billing_month, line, amount_minor, said, remote_id, message, digest)
ON TABLE redress.handover TO redress_job;
