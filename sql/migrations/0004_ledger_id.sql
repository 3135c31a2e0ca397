-- What tells this ledger from others: the run numbers of all of them count from 1, and their files may meet in a folder.
--
-- A copy of a database keeps the id. To give a copy of your own a ledger of its own, change the row once, before its
-- first run.

CREATE TABLE redress.ledger (
  ledger_id uuid NOT NULL DEFAULT gen_random_uuid(),
  is_only_row boolean NOT NULL DEFAULT true,
  CONSTRAINT ledger_pkey PRIMARY KEY (is_only_row),
  CONSTRAINT ledger_has_one_row CHECK (is_only_row)
);
COMMENT ON TABLE redress.ledger IS 'This ledger: one row.';
COMMENT ON COLUMN redress.ledger.ledger_id IS 'Made at random by the migration; in the totals of every run.';
COMMENT ON COLUMN redress.ledger.is_only_row IS 'Always true: keeps the table to one row.';
INSERT INTO redress.ledger DEFAULT VALUES;

REVOKE ALL ON TABLE redress.ledger FROM PUBLIC;
GRANT SELECT ON TABLE redress.ledger TO redress_job, redress_invoicing, redress_reader;
