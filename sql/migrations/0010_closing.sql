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
