-- What makes a run checkable: the policy file that it read, the reports and rows that it wrote, and its own row.
--
-- Nothing here may be missing, because a check that has nothing to compare with finds nothing. So runs from before this
-- migration, which did not note it, cannot be brought forward.

-- One change a statement: a distributed database takes no more.
ALTER TABLE redress.run ADD COLUMN schema_version integer NOT NULL;
ALTER TABLE redress.run ADD COLUMN credits_digest bytea NOT NULL;
ALTER TABLE redress.run ADD COLUMN findings_digest bytea NOT NULL;
ALTER TABLE redress.run ADD COLUMN credits_checksum bigint NOT NULL;
ALTER TABLE redress.run ADD COLUMN lines_checksum bigint NOT NULL;
ALTER TABLE redress.run ADD COLUMN carried_before date NOT NULL;
ALTER TABLE redress.run ADD COLUMN carried_by bigint NOT NULL;
ALTER TABLE redress.run ADD COLUMN carried bigint NOT NULL;
ALTER TABLE redress.run ADD COLUMN carried_checksum bigint NOT NULL;
ALTER TABLE redress.run
  ADD CONSTRAINT run_report_digests_are_sha256
    CHECK (octet_length(credits_digest) = 32 AND octet_length(findings_digest) = 32);
COMMENT ON COLUMN redress.run.schema_version IS 'Number of the last migration that had been applied when the run was made.';
COMMENT ON COLUMN redress.run.credits_digest IS 'SHA-256 of the CSV of credits that the run wrote, which can be made again from the ledger.';
COMMENT ON COLUMN redress.run.findings_digest IS 'SHA-256 of the CSV of findings that the run wrote.';
COMMENT ON COLUMN redress.run.credits_checksum IS 'Sum, modulo 2 to the power of 64, of a checksum of each row that the run appended to credit_revision, with its decision; `redress verify` knows how.';
COMMENT ON COLUMN redress.run.lines_checksum IS 'Sum, modulo 2 to the power of 64, of a checksum of each row that the run appended to invoice_line; `redress verify` knows how.';
COMMENT ON COLUMN redress.run.carried_before IS 'Of credits in months before this one, the run carried forward what was not settled; the next run reads all that are later.';
COMMENT ON COLUMN redress.run.carried_by IS 'The run whose rows of carried_forward these are: this one, or an earlier one that carried the same forward.';
COMMENT ON COLUMN redress.run.carried IS 'How many credits were carried forward.';
COMMENT ON COLUMN redress.run.carried_checksum IS 'Sum, modulo 2 to the power of 64, of a checksum of each of their keys; `redress verify` knows how.';

CREATE TABLE redress.policy_file (
  digest bytea NOT NULL,
  content bytea NOT NULL,
  CONSTRAINT policy_file_pkey PRIMARY KEY (digest),
  CONSTRAINT policy_file_digest_is_sha256 CHECK (octet_length(digest) = 32)
);
COMMENT ON TABLE redress.policy_file IS 'Every policy file that a run has read, byte for byte, stored once for each content.';
COMMENT ON COLUMN redress.policy_file.digest IS 'SHA-256 of content; run.policy_digest points here.';
COMMENT ON COLUMN redress.policy_file.content IS 'The file, in UTF-8: convert_from(content, ''UTF8'').';

-- A table of its own, because a digest of a row cannot stand in the row, and rows here are never updated.
CREATE TABLE redress.run_digest (
  run_id bigint NOT NULL,
  digest bytea NOT NULL,
  CONSTRAINT run_digest_pkey PRIMARY KEY (run_id),
  CONSTRAINT run_digest_is_sha256 CHECK (octet_length(digest) = 32)
);
COMMENT ON TABLE redress.run_digest IS 'The digest of the record of each run. Each record holds the digest of the one before, so that they make a chain.';
COMMENT ON COLUMN redress.run_digest.run_id IS 'The run.';
COMMENT ON COLUMN redress.run_digest.digest IS 'SHA-256 of run_record(run_id), in UTF-8; in the totals of the run as sha256.record.';

CREATE FUNCTION redress.run_record(run_id bigint) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
SET "TimeZone" = 'UTC'
SET bytea_output = 'hex'
AS $$
  -- Null columns are left out, so that one that a later migration adds changes no record of a run from before.
  SELECT jsonb_build_object(
    'run', jsonb_strip_nulls(to_jsonb(made)),
    'before', (
      SELECT before.digest FROM redress.run_digest AS before WHERE before.run_id = made.run_id - 1),
    'ledger', (SELECT jsonb_agg(ledger.ledger_id) FROM redress.ledger),
    'policy_versions', (
      SELECT jsonb_agg(jsonb_strip_nulls(to_jsonb(used)) ORDER BY used.version)
      FROM redress.policy_version AS used WHERE used.first_run_id = made.run_id),
    'migrations', (
      SELECT jsonb_agg(jsonb_strip_nulls(to_jsonb(applied)) ORDER BY applied.number)
      FROM redress.schema_migration AS applied WHERE applied.number <= made.schema_version))::text
  FROM redress.run AS made
  WHERE made.run_id = run_record.run_id
$$;
COMMENT ON FUNCTION redress.run_record(bigint) IS
  'What is to be digested of a run: its own row, the policy versions that it was the first to use, the ledger''s id, the migrations that made the schema, and the digest of the run before.';

-- A distributed database commits a run on one node after the other. Until the last one has done so the run's row is there
-- and some of its credits are not, and whoever decides on them grants or places what is granted or placed already.
CREATE TABLE redress.visible_run (
  run_id bigint NOT NULL,
  CONSTRAINT visible_run_pkey PRIMARY KEY (run_id)
);
COMMENT ON TABLE redress.visible_run IS 'Runs of which every row can be seen, so that nobody has to count them again.';
COMMENT ON COLUMN redress.visible_run.run_id IS 'The run.';

CREATE FUNCTION redress.hidden_run() RETURNS bigint
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  newest bigint;
  wanted_credits bigint;
  wanted_lines bigint;
  there bigint;
BEGIN
  SELECT max(run.run_id) INTO newest FROM redress.run;
  IF newest IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT count(*) INTO there FROM redress.visible_run WHERE visible_run.run_id = newest;
  IF there > 0 THEN
    RETURN NULL;
  END IF;
  SELECT run.revisions, run.invoice_lines INTO wanted_credits, wanted_lines FROM redress.run WHERE run.run_id = newest;
  -- With their decisions, which may be on another node.
  SELECT count(*) INTO there FROM redress.credit WHERE credit.run_id = newest AND credit.percent_before_cap_bp IS NOT NULL;
  IF there < wanted_credits THEN
    RETURN newest;
  END IF;
  SELECT count(*) INTO there FROM redress.invoice_adjustment AS line WHERE line.run_id = newest;
  RETURN CASE WHEN there < wanted_lines THEN newest END;
END
$$;
COMMENT ON FUNCTION redress.hidden_run() IS
  'The newest run, as long as not all of its credits and invoice lines can be seen here; else null.';

REVOKE ALL ON TABLE redress.policy_file, redress.run_digest, redress.visible_run FROM PUBLIC;
GRANT SELECT ON TABLE redress.policy_file, redress.run_digest, redress.visible_run
TO redress_job, redress_invoicing, redress_reader;
GRANT INSERT ON TABLE redress.policy_file, redress.run_digest, redress.visible_run TO redress_job;
REVOKE ALL ON FUNCTION redress.run_record(bigint), redress.hidden_run() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION redress.hidden_run() TO redress_job, redress_invoicing, redress_reader;
GRANT EXECUTE ON FUNCTION redress.run_record(bigint) TO redress_job, redress_invoicing, redress_reader;
