-- Who may do what. Roles belong to the whole cluster, so they may be there already, from another database or because
-- the operator made them; two databases that are migrated at the same moment may also meet here.
--
-- No role may change or delete a row of the ledger. The job may delete what is staged. PUBLIC gets nothing.

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['redress_job', 'redress_invoicing', 'redress_reader'] LOOP
    IF NOT EXISTS (SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = name LIMIT 1) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I NOLOGIN', name);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL;
      END;
    END IF;
  END LOOP;
END
$$;

REVOKE ALL ON SCHEMA redress FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA redress FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA redress FROM PUBLIC;

GRANT USAGE ON SCHEMA redress TO redress_job, redress_invoicing, redress_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA redress TO redress_job, redress_invoicing, redress_reader;
-- What the views and the months are made of; they read no table.
GRANT EXECUTE ON FUNCTION
  redress.currency_decimals(text),
  redress.major_units(bigint, text),
  redress.month_start(text, date),
  redress.month_starts(text, date, date)
TO redress_job, redress_invoicing, redress_reader;

GRANT INSERT ON
  redress.run, redress.decision, redress.credit_revision, redress.invoice_line, redress.policy_version,
  redress.incident_evidence, redress.finding, redress.recorded_month, redress.carried_forward
TO redress_job;

-- What is staged is the job's alone, and no part of the ledger.
REVOKE ALL ON
  redress.staged_credit_revision, redress.staged_decision, redress.staged_invoice_line, redress.staged_carried_forward,
  redress.staged_evidence
FROM redress_invoicing, redress_reader;
GRANT INSERT, DELETE ON
  redress.staged_credit_revision, redress.staged_decision, redress.staged_invoice_line, redress.staged_carried_forward,
  redress.staged_evidence
TO redress_job;

-- The operator may own redress_source; then granting is the operator's to do, and `redress check` says what is missing.
DO $$
BEGIN
  REVOKE ALL ON SCHEMA redress_source FROM PUBLIC;
  GRANT USAGE ON SCHEMA redress_source TO redress_job;
  GRANT SELECT ON ALL TABLES IN SCHEMA redress_source TO redress_job;
  ALTER DEFAULT PRIVILEGES IN SCHEMA redress_source GRANT SELECT ON TABLES TO redress_job;
EXCEPTION WHEN insufficient_privilege THEN
  RAISE WARNING 'schema redress_source belongs to another role: its privileges are left as they are'
    USING HINT = 'As its owner: GRANT USAGE ON SCHEMA redress_source TO redress_job; GRANT SELECT ON ALL TABLES IN SCHEMA redress_source TO redress_job;';
END
$$;
