-- Who decides is somebody else than who runs: the controller adopts policies, approves what a run holds, closes months and
-- accepts findings. What the role may append is granted where each of these is made. It reads what every reader reads.

DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = 'redress_controller' LIMIT 1) THEN
    BEGIN
      CREATE ROLE redress_controller NOLOGIN;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      NULL;
    END;
  END IF;
END
$$;

GRANT USAGE ON SCHEMA redress TO redress_controller;
GRANT SELECT ON ALL TABLES IN SCHEMA redress TO redress_controller;
REVOKE ALL ON
  redress.staged_credit_revision, redress.staged_decision, redress.staged_invoice_line, redress.staged_carried_forward,
  redress.staged_evidence
FROM redress_controller;
GRANT EXECUTE ON FUNCTION
  redress.currency_decimals(text),
  redress.major_units(bigint, text),
  redress.month_start(text, date),
  redress.month_starts(text, date, date),
  redress.line_checksum(text, text, date, integer, bigint),
  redress.placement_digest(text, text, text, integer, timestamptz, text, numeric, bigint, numeric),
  redress.hidden_run(),
  redress.run_record(bigint)
TO redress_controller;
