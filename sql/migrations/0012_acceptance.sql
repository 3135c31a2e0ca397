-- What people have decided about findings. A finding that is accepted is still told, and no longer asks for anybody.
--
-- A decision is about one row, by code, relation and key, and about what was said of it: where a run says something else of
-- the row, the finding is open again. Rows are appended through one function, which runs as the owner and notes who called
-- it, so that nobody can decide in another's name.

CREATE TABLE redress.finding_acceptance (
  number integer NOT NULL,
  action text COLLATE "C" NOT NULL,
  code text COLLATE "C" NOT NULL,
  relation text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  problem text COLLATE "C" NOT NULL,
  reason text NOT NULL,
  until_date date,
  run_id bigint NOT NULL,
  noted_at timestamptz NOT NULL,
  noted_by text NOT NULL,
  digest bytea NOT NULL,
  CONSTRAINT finding_acceptance_pkey PRIMARY KEY (number),
  CONSTRAINT finding_acceptance_is_a_decision CHECK (
    number >= 1 AND action IN ('accept', 'withdraw') AND (action = 'accept' OR until_date IS NULL)),
  CONSTRAINT finding_acceptance_has_its_reason CHECK (btrim(reason) <> ''),
  CONSTRAINT finding_acceptance_ends_on_a_day CHECK (isfinite(until_date)),
  CONSTRAINT finding_acceptance_digest_is_sha256 CHECK (octet_length(digest) = 32)
);
-- A key may be too long for an index.
CREATE INDEX finding_acceptance_key_idx ON redress.finding_acceptance (hashtextextended(key, 0));
COMMENT ON TABLE redress.finding_acceptance IS 'What people have decided about findings, in order. Of the same code, relation, key and problem the newest row holds.';
COMMENT ON COLUMN redress.finding_acceptance.number IS 'Counts the decisions from 1, without gaps.';
COMMENT ON COLUMN redress.finding_acceptance.action IS 'accept, or withdraw for the end of an acceptance.';
COMMENT ON COLUMN redress.finding_acceptance.code IS 'Code of the finding.';
COMMENT ON COLUMN redress.finding_acceptance.relation IS 'Relation of the finding.';
COMMENT ON COLUMN redress.finding_acceptance.key IS 'Key of the finding.';
COMMENT ON COLUMN redress.finding_acceptance.problem IS 'What was wrong, as the run said it. The acceptance holds as long as runs say the same.';
COMMENT ON COLUMN redress.finding_acceptance.reason IS 'Why, in the words of who decided.';
COMMENT ON COLUMN redress.finding_acceptance.until_date IS 'The last day (in UTC) as of which the acceptance holds; null for no end.';
COMMENT ON COLUMN redress.finding_acceptance.run_id IS 'The newest run when it was decided; an accepted finding is one of its findings.';
COMMENT ON COLUMN redress.finding_acceptance.noted_at IS 'When the deciding transaction began.';
COMMENT ON COLUMN redress.finding_acceptance.noted_by IS 'The database user who decided.';
COMMENT ON COLUMN redress.finding_acceptance.digest IS 'acceptance_digest of the other columns and of the digest of the row before.';

-- Two changes: a distributed database takes one a statement.
ALTER TABLE redress.finding ADD COLUMN acceptance integer;
ALTER TABLE redress.run ADD COLUMN acceptances integer;
COMMENT ON COLUMN redress.finding.acceptance IS 'The decision in finding_acceptance that the run took for this finding; null where nobody had accepted it.';
COMMENT ON COLUMN redress.run.acceptances IS 'How many rows finding_acceptance had when the run read it; null for a run from before there were any.';
-- Finds a run's finding by its key, to tell since when it is open.
CREATE INDEX finding_key_idx ON redress.finding (run_id, code, hashtextextended(key, 0));

CREATE FUNCTION redress.acceptance_digest(
  number integer, action text, code text, relation text, key text, problem text, reason text, until_date date,
  run_id bigint, noted_at timestamptz, noted_by text, before bytea)
RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
SET "TimeZone" = 'UTC'
SET "DateStyle" = 'ISO, YMD'
SET bytea_output = 'hex'
AS $$
  SELECT sha256(convert_to(
    jsonb_build_array(
      number, action, code, relation, key, problem, reason, until_date, run_id, noted_at, noted_by, before)::text,
    'UTF8'))
$$;
COMMENT ON FUNCTION redress.acceptance_digest(
  integer, text, text, text, text, text, text, date, bigint, timestamptz, text, bytea) IS
  'SHA-256 of everything that a row of finding_acceptance says, and of the digest of the row before, so that they make a chain.';

CREATE FUNCTION redress.settle_finding(
  action text, code text, relation text, key text, problem text, reason text, until_date date)
RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  moment CONSTANT timestamptz := now();
  caller CONSTANT text := session_user;
  newest_run bigint;
  last_number integer;
  last_digest bytea;
  held text;
BEGIN
  -- One after the other, so that the numbers have no gaps. The lock lasts until the transaction ends.
  PERFORM pg_advisory_xact_lock(1380209235, 14);
  SELECT COALESCE(max(run.run_id), 0) INTO newest_run FROM redress.run;
  SELECT COALESCE(max(noted.number), 0) INTO last_number FROM redress.finding_acceptance AS noted;
  SELECT noted.digest INTO last_digest FROM redress.finding_acceptance AS noted WHERE noted.number = last_number;
  IF settle_finding.action = 'accept' THEN
    PERFORM 1
    FROM redress.finding AS found
    WHERE found.run_id = newest_run
      AND found.code = settle_finding.code
      AND hashtextextended(found.key, 0) = hashtextextended(settle_finding.key COLLATE "C", 0)
      AND found.key = settle_finding.key
      AND found.relation = settle_finding.relation
      AND found.problem = settle_finding.problem
    LIMIT 1;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'run % has no such finding % of %', newest_run, settle_finding.code, settle_finding.key
        USING ERRCODE = '22023', HINT = 'Only what the newest run found can be accepted.';
    END IF;
  ELSE
    SELECT noted.action
    INTO held
    FROM redress.finding_acceptance AS noted
    WHERE noted.code = settle_finding.code
      AND hashtextextended(noted.key, 0) = hashtextextended(settle_finding.key COLLATE "C", 0)
      AND noted.key = settle_finding.key
      AND noted.relation = settle_finding.relation
      AND noted.problem = settle_finding.problem
    ORDER BY noted.number DESC
    LIMIT 1;
    IF held IS DISTINCT FROM 'accept' THEN
      RAISE EXCEPTION 'finding % of % is not accepted', settle_finding.code, settle_finding.key
        USING ERRCODE = '22023', HINT = 'There is nothing to withdraw.';
    END IF;
  END IF;
  INSERT INTO redress.finding_acceptance
    (number, action, code, relation, key, problem, reason, until_date, run_id, noted_at, noted_by, digest)
  VALUES (
    last_number + 1, settle_finding.action, settle_finding.code, settle_finding.relation, settle_finding.key,
    settle_finding.problem, settle_finding.reason, settle_finding.until_date, newest_run, moment, caller,
    redress.acceptance_digest(
      last_number + 1, settle_finding.action, settle_finding.code, settle_finding.relation, settle_finding.key,
      settle_finding.problem, settle_finding.reason, settle_finding.until_date, newest_run, moment, caller,
      last_digest));
  RETURN last_number + 1;
END
$$;
COMMENT ON FUNCTION redress.settle_finding(text, text, text, text, text, text, date) IS
  'Accepts a finding of the newest run, or withdraws an acceptance, in the name of the session''s user, and returns the number of the decision.';

-- Runs set credits off on the pseudo invoice set-off. place_on_invoice and release_invoice have nothing to do there.
ALTER TABLE redress.placement
  ADD CONSTRAINT placement_is_not_set_off CHECK (invoice_id <> 'set-off');
ALTER TABLE redress.invoice_line
  ADD CONSTRAINT invoice_line_set_off_is_a_runs CHECK (invoice_id <> 'set-off' OR run_id IS NOT NULL);

REVOKE ALL ON TABLE redress.finding_acceptance FROM PUBLIC;
GRANT SELECT ON TABLE redress.finding_acceptance
TO redress_job, redress_invoicing, redress_reader, redress_controller;
REVOKE ALL ON FUNCTION
  redress.acceptance_digest(integer, text, text, text, text, text, text, date, bigint, timestamptz, text, bytea),
  redress.settle_finding(text, text, text, text, text, text, date)
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
  redress.acceptance_digest(integer, text, text, text, text, text, text, date, bigint, timestamptz, text, bytea)
TO redress_job, redress_invoicing, redress_reader, redress_controller;
GRANT EXECUTE ON FUNCTION redress.settle_finding(text, text, text, text, text, text, date) TO redress_controller;
