-- What makes the rest of a run checkable: the policy file that it read, the report that it wrote, and its invoice lines.
--
-- The columns are null in runs from before this migration, of which nothing is known.

ALTER TABLE redress.run
  ADD COLUMN credits_digest bytea,
  ADD COLUMN findings_digest bytea,
  ADD COLUMN lines_checksum bigint,
  ADD CONSTRAINT run_report_digests_are_sha256 CHECK (
    octet_length(credits_digest) = 32 AND octet_length(findings_digest) = 32);
COMMENT ON COLUMN redress.run.credits_digest IS 'SHA-256 of the CSV of credits that the run wrote, which can be made again from the ledger.';
COMMENT ON COLUMN redress.run.findings_digest IS 'SHA-256 of the CSV of findings that the run wrote.';
COMMENT ON COLUMN redress.run.lines_checksum IS 'Sum, modulo 2 to the power of 64, of a checksum of each invoice line that the run wrote; `redress verify` knows how.';

CREATE TABLE redress.policy_file (
  digest bytea NOT NULL,
  content bytea NOT NULL,
  CONSTRAINT policy_file_pkey PRIMARY KEY (digest),
  CONSTRAINT policy_file_digest_is_sha256 CHECK (octet_length(digest) = 32)
);
COMMENT ON TABLE redress.policy_file IS 'Every policy file that a run has read, byte for byte, stored once for each content.';
COMMENT ON COLUMN redress.policy_file.digest IS 'SHA-256 of content; run.policy_digest points here.';
COMMENT ON COLUMN redress.policy_file.content IS 'The file, in UTF-8: convert_from(content, ''UTF8'').';

REVOKE ALL ON TABLE redress.policy_file FROM PUBLIC;
GRANT SELECT ON TABLE redress.policy_file TO redress_job, redress_invoicing, redress_reader;
GRANT INSERT ON TABLE redress.policy_file TO redress_job;
