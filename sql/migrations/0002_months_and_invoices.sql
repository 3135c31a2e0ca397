-- Where billing months begin, and what the invoicing system calls.
--
-- Advisory locks. A run holds (1380209235, 2) alone from before it reads until it commits; whoever places or releases
-- holds it shared, then one lock for each customer concerned, hashtextextended(customer_id, 0) in ascending order, then
-- one for the invoice, hashtextextended(invoice_id, 1). All of them last until the transaction ends.

-- Sums of instants and intervals depend on the session's time zone where a day is among them, hence UTC here.
CREATE FUNCTION redress.month_start(zone text, month date) RETURNS timestamptz
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
AS $$
DECLARE
  midnight CONSTANT timestamp := date_trunc('month', month::timestamp);
  beginning timestamptz;
  earlier timestamptz;
  before timestamptz;
  halfway timestamptz;
BEGIN
  IF NOT isfinite(month) THEN
    RAISE EXCEPTION 'a month cannot be infinite'
      USING ERRCODE = '22023', HINT = 'Give any day of the month.';
  END IF;
  beginning := midnight AT TIME ZONE zone;
  -- Of two midnights PostgreSQL takes the later. The earlier one is where the offset of the day before puts it.
  before := beginning - interval '26 hours';
  earlier := before + (midnight - before AT TIME ZONE zone);
  IF earlier < beginning AND earlier AT TIME ZONE zone = midnight THEN
    RETURN earlier;
  END IF;
  -- Where clocks jump over midnight, the month begins with the jump, which lies between the two.
  IF beginning AT TIME ZONE zone > midnight THEN
    WHILE beginning - before > interval '1 microsecond' LOOP
      halfway := before + (beginning - before) / 2;
      IF halfway AT TIME ZONE zone < midnight THEN
        before := halfway;
      ELSE
        beginning := halfway;
      END IF;
    END LOOP;
  END IF;
  RETURN beginning;
END
$$;
COMMENT ON FUNCTION redress.month_start(text, date) IS
  'The first instant at which clocks in the zone show midnight of the first of the month, or later where they jump over it.';

CREATE FUNCTION redress.month_starts(zone text, month_from date, month_through date)
RETURNS TABLE (month date, starts_at timestamptz, ends_at timestamptz)
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT
    first::date,
    redress.month_start(zone, first::date),
    redress.month_start(zone, (first + interval '1 month')::date)
  FROM generate_series(
    date_trunc('month', month_from::timestamp), month_through::timestamp, interval '1 month') AS first
  ORDER BY first
$$;
COMMENT ON FUNCTION redress.month_starts(text, date, date) IS
  'Every month from the one to the other, both included, with its first instant and the first instant after it.';

-- Refuses a snapshot that is older than the locks.
--
-- Under READ COMMITTED each statement sees what was committed before it, so it is enough to take the locks first. Under
-- REPEATABLE READ the snapshot may be older than the locks, and lines that others have placed since would be
-- overlooked. Such rows cannot be read, but a unique index knows them: PostgreSQL answers with a serialization error
-- where INSERT ... ON CONFLICT meets a row that the snapshot does not see. So the next line of each credit of the customer,
-- and the next run, are tried and taken back at once.
CREATE FUNCTION redress.require_current_snapshot(customer_id text) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF current_setting('transaction_isolation') IN ('read committed', 'read uncommitted') THEN
    RETURN;
  END IF;
  BEGIN
    INSERT INTO redress.invoice_adjustment
      (customer_id, subscription_id, incident_id, currency, line, billing_month, placed_at, invoice_id, amount_minor)
    SELECT
      entitlement.customer_id, entitlement.subscription_id, entitlement.incident_id, entitlement.currency,
      COALESCE(newest.line, 0) + 1, entitlement.billing_month, now(), 'probe', 1
    FROM redress.entitlement
    LEFT JOIN LATERAL (
      SELECT max(carried.line) AS line
      FROM redress.invoice_adjustment AS carried
      WHERE carried.customer_id = entitlement.customer_id
        AND carried.subscription_id = entitlement.subscription_id
        AND carried.incident_id = entitlement.incident_id
        AND carried.currency = entitlement.currency
    ) AS newest ON true
    WHERE entitlement.customer_id = require_current_snapshot.customer_id
    ON CONFLICT DO NOTHING;

    INSERT INTO redress.run
      (run_id, started_at, finished_at, as_of, month_from, month_through, policy_digest, evidence_digest,
       program_version, limits_approved, revisions, invoice_lines, findings, customers, subscriptions, monthly_fees,
       schema_version, credits_digest, findings_digest, credits_checksum, lines_checksum, carried_before,
       carried, carried_checksum)
    SELECT
      COALESCE(max(run.run_id), 0) + 1, now(), now(), now(), date '2000-01-01', date '2000-01-01', zeros, zeros,
      '', false, 0, 0, 0, 0, 0, '{}', 0, zeros, zeros, 0, 0,
      date '2000-01-01', 0, 0
    FROM (SELECT decode(repeat('00', 32), 'hex') AS zeros) AS digest
    LEFT JOIN redress.run ON true
    GROUP BY zeros
    ON CONFLICT DO NOTHING;

    RAISE EXCEPTION USING ERRCODE = 'RD000', MESSAGE = 'taken back';
  EXCEPTION WHEN SQLSTATE 'RD000' THEN
    NULL;
  END;
END
$$;
COMMENT ON FUNCTION redress.require_current_snapshot(text) IS
  'Fails with 40001 where the transaction''s snapshot does not see every line of the customer. For place_on_invoice and release_invoice.';

CREATE FUNCTION redress.place_on_invoice(
  invoice_id text, customer_id text, currency text, amount_due numeric)
RETURNS SETOF redress.invoice_adjustment
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  decimals CONSTANT integer := redress.currency_decimals(place_on_invoice.currency);
  room numeric;
BEGIN
  IF place_on_invoice.invoice_id IS NULL OR place_on_invoice.invoice_id = '' THEN
    RAISE EXCEPTION 'invoice_id is missing'
      USING ERRCODE = '22023', HINT = 'Give the id of the draft invoice.';
  ELSIF place_on_invoice.customer_id IS NULL THEN
    RAISE EXCEPTION 'customer_id of invoice % is missing', place_on_invoice.invoice_id
      USING ERRCODE = '22023', HINT = 'Give the customer who pays the invoice.';
  ELSIF decimals IS NULL THEN
    RAISE EXCEPTION 'currency % of invoice % is none that an invoice can be in',
        COALESCE(quote_literal(place_on_invoice.currency), 'NULL'), place_on_invoice.invoice_id
      USING ERRCODE = '22023', HINT = 'Give the ISO 4217 code in upper case: USD, JPY, KWD.';
  ELSIF place_on_invoice.amount_due IS NULL THEN
    RAISE EXCEPTION 'amount_due of invoice % is missing', place_on_invoice.invoice_id
      USING ERRCODE = '22023', HINT = 'Give what the invoice asks for before any credit, in major units.';
  ELSIF place_on_invoice.amount_due::text IN ('NaN', 'Infinity', '-Infinity') THEN
    RAISE EXCEPTION 'amount_due % of invoice % is not an amount',
        place_on_invoice.amount_due, place_on_invoice.invoice_id
      USING ERRCODE = '22023', HINT = 'Give what the invoice asks for before any credit, in major units.';
  ELSIF place_on_invoice.amount_due < 0 THEN
    RAISE EXCEPTION 'amount_due % of invoice % is negative',
        place_on_invoice.amount_due, place_on_invoice.invoice_id
      USING ERRCODE = '22023', HINT = 'Credits reduce what a customer owes; do not call this for a credit note.';
  END IF;

  PERFORM pg_advisory_xact_lock_shared(1380209235, 2);
  PERFORM pg_advisory_xact_lock(hashtextextended(place_on_invoice.customer_id COLLATE "C", 0));
  PERFORM pg_advisory_xact_lock(hashtextextended(place_on_invoice.invoice_id COLLATE "C", 1));
  PERFORM redress.require_current_snapshot(place_on_invoice.customer_id);

  IF EXISTS (
    SELECT FROM redress.invoice_adjustment AS carried
    WHERE carried.invoice_id = place_on_invoice.invoice_id
      AND (carried.customer_id <> place_on_invoice.customer_id OR carried.currency <> place_on_invoice.currency)
    GROUP BY
      carried.customer_id, carried.subscription_id, carried.incident_id, carried.currency
    HAVING sum(carried.amount_minor) <> 0
  ) THEN
    RAISE EXCEPTION 'invoice % carries credits of another customer or currency than % and %',
        place_on_invoice.invoice_id, place_on_invoice.customer_id, place_on_invoice.currency
      USING ERRCODE = '22023',
        HINT = 'Check the arguments; if the invoice did change hands, call redress.release_invoice first.';
  END IF;

  -- Whole minor units only, so that no credit makes an invoice negative by a fraction. What was placed counts against
  -- the room, what was released gives it back.
  SELECT
    floor(place_on_invoice.amount_due * (10::numeric ^ decimals)) + COALESCE(sum(carried.amount_minor), 0)
  INTO room
  FROM redress.invoice_adjustment AS carried
  WHERE carried.invoice_id = place_on_invoice.invoice_id
    AND carried.customer_id = place_on_invoice.customer_id
    AND carried.currency = place_on_invoice.currency;

  IF room > 0 THEN
    INSERT INTO redress.invoice_adjustment
      (customer_id, subscription_id, incident_id, currency, line, billing_month, placed_at, invoice_id,
       amount_minor)
    SELECT
      queued.customer_id, queued.subscription_id, queued.incident_id, queued.currency,
      COALESCE(newest.line, 0) + 1, queued.billing_month, now(), place_on_invoice.invoice_id,
      -LEAST(queued.open_minor::numeric, room - queued.ahead_minor)::bigint
    FROM (
      SELECT
        entitlement.customer_id, entitlement.subscription_id, entitlement.incident_id, entitlement.currency,
        entitlement.billing_month, entitlement.open_minor,
        sum(entitlement.open_minor) OVER (
          ORDER BY
            entitlement.billing_month, entitlement.outage_started_at,
            entitlement.subscription_id, entitlement.incident_id
          ROWS UNBOUNDED PRECEDING) - entitlement.open_minor AS ahead_minor
      FROM redress.entitlement
      WHERE entitlement.customer_id = place_on_invoice.customer_id
        AND entitlement.currency = place_on_invoice.currency
        AND entitlement.open_minor > 0
    ) AS queued
    LEFT JOIN LATERAL (
      SELECT max(carried.line) AS line
      FROM redress.invoice_adjustment AS carried
      WHERE carried.customer_id = queued.customer_id
        AND carried.subscription_id = queued.subscription_id
        AND carried.incident_id = queued.incident_id
        AND carried.currency = queued.currency
    ) AS newest ON true
    WHERE queued.ahead_minor < room;
  END IF;

  RETURN QUERY
  SELECT
    carried.customer_id, carried.subscription_id, carried.incident_id, carried.currency,
    max(carried.line),
    max(carried.billing_month),
    (array_agg(carried.run_id ORDER BY carried.line DESC))[1],
    (array_agg(carried.placed_at ORDER BY carried.line DESC))[1],
    carried.invoice_id,
    sum(carried.amount_minor)::bigint
  FROM redress.invoice_adjustment AS carried
  WHERE carried.invoice_id = place_on_invoice.invoice_id
    AND carried.customer_id = place_on_invoice.customer_id
    AND carried.currency = place_on_invoice.currency
  GROUP BY
    carried.customer_id, carried.subscription_id, carried.incident_id, carried.currency, carried.invoice_id
  HAVING sum(carried.amount_minor) <> 0
  ORDER BY carried.customer_id, carried.subscription_id, carried.incident_id, carried.currency;
END
$$;
COMMENT ON FUNCTION redress.place_on_invoice(text, text, text, numeric) IS
  'Places open credits of the customer on a draft invoice up to amount_due (major units, before any credit) and returns what it then carries, one row for each credit with its newest line. Safe to repeat and to call from several sessions.';

CREATE FUNCTION redress.release_invoice(invoice_id text)
RETURNS SETOF redress.invoice_adjustment
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  concerned text[];
  locked text[] := '{}';
  customer text;
BEGIN
  IF release_invoice.invoice_id IS NULL OR release_invoice.invoice_id = '' THEN
    RAISE EXCEPTION 'invoice_id is missing'
      USING ERRCODE = '22023', HINT = 'Give the id of the voided invoice.';
  END IF;

  PERFORM pg_advisory_xact_lock_shared(1380209235, 2);
  -- Whom to lock is known only by reading, so read again under the locks until nobody new turns up.
  LOOP
    SELECT COALESCE(array_agg(who.customer_id ORDER BY who.lock_key), '{}')
    INTO concerned
    FROM (
      SELECT carried.customer_id, hashtextextended(carried.customer_id, 0) AS lock_key
      FROM redress.invoice_adjustment AS carried
      WHERE carried.invoice_id = release_invoice.invoice_id
      GROUP BY carried.customer_id
    ) AS who;
    EXIT WHEN concerned <@ locked;
    FOREACH customer IN ARRAY concerned LOOP
      PERFORM pg_advisory_xact_lock(hashtextextended(customer COLLATE "C", 0));
      PERFORM redress.require_current_snapshot(customer);
    END LOOP;
    PERFORM pg_advisory_xact_lock(hashtextextended(release_invoice.invoice_id COLLATE "C", 1));
    locked := concerned;
  END LOOP;

  RETURN QUERY
  INSERT INTO redress.invoice_adjustment AS released
    (customer_id, subscription_id, incident_id, currency, line, billing_month, placed_at, invoice_id,
     amount_minor)
  SELECT
    carried.customer_id, carried.subscription_id, carried.incident_id, carried.currency,
    newest.line + 1, carried.billing_month, now(), release_invoice.invoice_id, -carried.amount_minor
  FROM (
    SELECT
      line.customer_id, line.subscription_id, line.incident_id, line.currency,
      max(line.billing_month) AS billing_month, sum(line.amount_minor)::bigint AS amount_minor
    FROM redress.invoice_adjustment AS line
    WHERE line.invoice_id = release_invoice.invoice_id
    GROUP BY line.customer_id, line.subscription_id, line.incident_id, line.currency
    HAVING sum(line.amount_minor) <> 0
  ) AS carried
  CROSS JOIN LATERAL (
    SELECT max(line.line) AS line
    FROM redress.invoice_adjustment AS line
    WHERE line.customer_id = carried.customer_id
      AND line.subscription_id = carried.subscription_id
      AND line.incident_id = carried.incident_id
      AND line.currency = carried.currency
  ) AS newest
  ORDER BY carried.customer_id, carried.subscription_id, carried.incident_id, carried.currency
  RETURNING
    released.customer_id, released.subscription_id, released.incident_id, released.currency, released.line, released.billing_month,
    released.run_id, released.placed_at, released.invoice_id, released.amount_minor;
END
$$;
COMMENT ON FUNCTION redress.release_invoice(text) IS
  'Gives every credit on a voided invoice back and returns the new lines; what is given back is open again. Safe to repeat.';
