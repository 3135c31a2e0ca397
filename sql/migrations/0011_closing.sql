-- When a run is booked. Its revisions and lines are posted on one day, whatever months they belong to.

ALTER TABLE redress.run ADD COLUMN posted_on date NOT NULL;
ALTER TABLE redress.run ADD CONSTRAINT run_posted_on_is_finite CHECK (isfinite(posted_on));
COMMENT ON COLUMN redress.run.posted_on IS 'The day on which the run''s revisions and lines are posted: the day of as_of in UTC; where that day''s month was closed, the first day of the first month after it that was not.';

-- As before, with the new column of redress.run.
CREATE OR REPLACE FUNCTION redress.require_current_snapshot(customer_id text) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  moment CONSTANT timestamptz := now();
  zeros CONSTANT bytea := decode(repeat('00', 32), 'hex');
  subscriptions text[];
  incidents text[];
  currencies text[];
  months date[];
  line_numbers integer[];
  next_run bigint;
BEGIN
  IF current_setting('transaction_isolation') IN ('read committed', 'read uncommitted') THEN
    RETURN;
  END IF;
  BEGIN
    SELECT
      array_agg(granted.subscription_id), array_agg(granted.incident_id), array_agg(granted.currency),
      array_agg(granted.billing_month), array_agg(COALESCE(newest.line, 0) + 1)
    INTO subscriptions, incidents, currencies, months, line_numbers
    FROM redress.entitlement AS granted
    LEFT JOIN (
      SELECT
        carried.customer_id, carried.subscription_id, carried.incident_id, carried.billing_month, carried.currency,
        max(carried.line) AS line
      FROM redress.credited_month AS month
      JOIN redress.invoice_adjustment AS carried ON carried.billing_month = month.billing_month
      WHERE carried.customer_id = require_current_snapshot.customer_id
      GROUP BY
        carried.customer_id, carried.subscription_id, carried.incident_id, carried.billing_month, carried.currency
    ) AS newest
      ON newest.customer_id = granted.customer_id
      AND newest.subscription_id = granted.subscription_id
      AND newest.incident_id = granted.incident_id
      AND newest.billing_month = granted.billing_month
      AND newest.currency = granted.currency
    WHERE granted.customer_id = require_current_snapshot.customer_id;

    INSERT INTO redress.invoice_line
      (customer_id, subscription_id, incident_id, currency, line, billing_month, placed_at, invoice_id, amount_minor)
    SELECT
      require_current_snapshot.customer_id, next.subscription_id, next.incident_id, next.currency, next.line,
      next.month, moment, 'probe', 1
    FROM unnest(subscriptions, incidents, currencies, months, line_numbers)
      AS next (subscription_id, incident_id, currency, month, line)
    ON CONFLICT DO NOTHING;

    SELECT COALESCE(max(run.run_id), 0) + 1 INTO next_run FROM redress.run;
    INSERT INTO redress.run
      (run_id, started_at, finished_at, as_of, month_from, month_through, policy_digest, evidence_digest,
       program_version, limits_approved, revisions, invoice_lines, findings, customers, subscriptions, monthly_fees,
       schema_version, credits_digest, findings_digest, credits_checksum, lines_checksum, carried_before,
       carried_by, carried, carried_checksum, posted_on)
    VALUES (
      next_run, moment, moment, moment, date '2000-01-01', date '2000-01-01', zeros, zeros,
      '', false, 0, 0, 0, 0, 0, '{}', 0, zeros, zeros, 0, 0,
      date '2000-01-01', 0, 0, 0, date '2000-01-01')
    ON CONFLICT DO NOTHING;

    RAISE EXCEPTION USING ERRCODE = 'RD000', MESSAGE = 'taken back';
  EXCEPTION WHEN SQLSTATE 'RD000' THEN
    NULL;
  END;
END
$$;

-- Each decision to close or reopen. What is closed is always all months up to one: books are closed in order, and
-- reopened from a month on. So the newest row says what holds.
CREATE TABLE redress.month_closing (
  number bigint NOT NULL,
  action text COLLATE "C" NOT NULL,
  month date NOT NULL,
  reason text NOT NULL,
  decided_at timestamptz NOT NULL DEFAULT now(),
  decided_by text NOT NULL DEFAULT session_user,
  after_run bigint NOT NULL,
  digest bytea NOT NULL,
  CONSTRAINT month_closing_pkey PRIMARY KEY (number),
  CONSTRAINT month_closing_action_is_listed CHECK (action IN ('close', 'reopen')),
  CONSTRAINT month_closing_month_is_a_first CHECK ((date_part('day', month) = 1) IS TRUE),
  CONSTRAINT month_closing_has_a_reason CHECK (reason <> ''),
  CONSTRAINT month_closing_is_counted CHECK (number >= 1 AND after_run >= 0),
  CONSTRAINT month_closing_digest_is_sha256 CHECK (octet_length(digest) = 32)
);
COMMENT ON TABLE redress.month_closing IS 'Who closed or reopened months, when and why. The newest row holds: all months up to one are closed.';
COMMENT ON COLUMN redress.month_closing.number IS 'Counts the decisions from 1, without gaps.';
COMMENT ON COLUMN redress.month_closing.action IS 'close: all months up to month are closed. reopen: month and all after it are open again.';
COMMENT ON COLUMN redress.month_closing.month IS 'The last month that is closed, or the first that is reopened, as its first day.';
COMMENT ON COLUMN redress.month_closing.reason IS 'Why, in the words of who decided.';
COMMENT ON COLUMN redress.month_closing.decided_at IS 'When the deciding transaction began.';
COMMENT ON COLUMN redress.month_closing.decided_by IS 'The database user who decided.';
COMMENT ON COLUMN redress.month_closing.after_run IS 'The newest run then; 0 for none. The decision holds for all later runs.';
COMMENT ON COLUMN redress.month_closing.digest IS 'month_closing_digest of the other columns and of the row before.';

CREATE FUNCTION redress.month_closing_digest(
  number bigint, action text, month date, reason text, decided_at timestamptz, decided_by text, after_run bigint,
  before bytea)
RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
SET "TimeZone" = 'UTC'
AS $$
  SELECT sha256(convert_to(
    jsonb_build_array(
      number, action, to_char(month, 'YYYY-MM-DD'), reason, decided_at, decided_by, after_run, encode(before, 'hex'))::text,
    'UTF8'))
$$;
COMMENT ON FUNCTION redress.month_closing_digest(bigint, text, date, text, timestamptz, text, bigint, bytea) IS
  'SHA-256 of everything that a row of month_closing says, and of the digest of the row before; null for the first row.';

ALTER TABLE redress.run ADD COLUMN closed_through date;
ALTER TABLE redress.run
  ADD CONSTRAINT run_closed_through_is_a_first CHECK (
    closed_through IS NULL OR (date_part('day', closed_through) = 1) IS TRUE);
ALTER TABLE redress.run
  ADD CONSTRAINT run_posted_in_an_open_month CHECK (closed_through IS NULL OR posted_on >= closed_through + interval '1 month');
COMMENT ON COLUMN redress.run.closed_through IS 'The last month that was closed for the run, as its first day; null where none was.';

REVOKE ALL ON TABLE redress.month_closing FROM PUBLIC;
GRANT SELECT ON TABLE redress.month_closing TO redress_job, redress_invoicing, redress_reader, redress_controller;
-- Who it was and when is not the user's to say: those columns take their defaults.
GRANT INSERT (number, action, month, reason, after_run, digest) ON TABLE redress.month_closing TO redress_controller;
REVOKE ALL ON FUNCTION
  redress.month_closing_digest(bigint, text, date, text, timestamptz, text, bigint, bytea)
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
  redress.month_closing_digest(bigint, text, date, text, timestamptz, text, bigint, bytea)
TO redress_job, redress_invoicing, redress_reader, redress_controller;
-- A month is closed while no run goes on and nothing is placed.
GRANT EXECUTE ON FUNCTION redress.try_run_lock(), redress.keep_invoicing_out() TO redress_controller;
