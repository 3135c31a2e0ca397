-- What the invoicing system calls, and what its calls did, so that a line that was added by other hands does not look like
-- theirs.
--
-- Nobody may insert into placement but the owner, and these functions, which run as the owner.
--
-- Locks. A run holds (1380209235, 2) alone from before it reads until it commits; whoever places or releases holds it
-- shared, then one lock for each customer concerned, hashtextextended(customer_id, 0) in ascending order, then one for the
-- invoice, hashtextextended(invoice_id, 1). All of them last until the transaction ends. They are advisory locks, for which
-- sessions queue in their turn, and which a node of a distributed database keeps for itself. There runs and invoicing also
-- lock the one row of redress.ledger, which every node asks the coordinator for.
--
-- What is to be inserted is read into variables first. A distributed database runs an INSERT ... SELECT where the rows
-- are, and there now() is another clock and session_user another user.

CREATE TABLE redress.placement (
  customer_id text COLLATE "C" NOT NULL,
  invoice_id text COLLATE "C" NOT NULL,
  currency text COLLATE "C" NOT NULL,
  number integer NOT NULL,
  placed_at timestamptz NOT NULL,
  placed_by text NOT NULL,
  amount_due numeric,
  lines bigint NOT NULL,
  lines_checksum numeric NOT NULL,
  digest bytea NOT NULL,
  CONSTRAINT placement_pkey PRIMARY KEY (customer_id, invoice_id, currency, number),
  CONSTRAINT placement_adds_lines CHECK (lines >= 1 AND number >= 1),
  CONSTRAINT placement_digest_is_sha256 CHECK (octet_length(digest) = 32)
);
COMMENT ON TABLE redress.placement IS 'Each call of place_on_invoice or release_invoice that added lines, one row for each customer and currency.';
COMMENT ON COLUMN redress.placement.customer_id IS 'The customer of the lines.';
COMMENT ON COLUMN redress.placement.invoice_id IS 'The invoice that the lines are on.';
COMMENT ON COLUMN redress.placement.currency IS 'ISO 4217 code of the lines.';
COMMENT ON COLUMN redress.placement.number IS 'Counts the calls for this customer, invoice and currency from 1, without gaps.';
COMMENT ON COLUMN redress.placement.placed_at IS 'When the calling transaction began; the lines carry the same time.';
COMMENT ON COLUMN redress.placement.placed_by IS 'The database user who called.';
COMMENT ON COLUMN redress.placement.amount_due IS 'What place_on_invoice was told, in major units; null for release_invoice.';
COMMENT ON COLUMN redress.placement.lines IS 'How many lines the call added.';
COMMENT ON COLUMN redress.placement.lines_checksum IS 'Sum of line_checksum over these lines.';
COMMENT ON COLUMN redress.placement.digest IS 'placement_digest of the other columns.';

CREATE FUNCTION redress.line_checksum(
  subscription_id text, incident_id text, billing_month date, line integer, amount_minor bigint)
RETURNS bigint
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  -- The lengths keep the two ids apart.
  SELECT ('x' || substr(encode(sha256(convert_to(
    format('%s %s %s %s %s %s %s',
      octet_length(subscription_id), subscription_id, octet_length(incident_id), incident_id,
      to_char(billing_month, 'YYYY-MM'), line, amount_minor),
    'UTF8')), 'hex'), 1, 15))::bit(60)::bigint
$$;
COMMENT ON FUNCTION redress.line_checksum(text, text, date, integer, bigint) IS
  'The first 60 bits of a SHA-256 of an invoice line, to be summed: the order of lines does not matter.';

CREATE FUNCTION redress.placement_digest(
  customer_id text, invoice_id text, currency text, number integer, placed_at timestamptz, placed_by text,
  amount_due numeric, lines bigint, lines_checksum numeric)
RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
SET "TimeZone" = 'UTC'
AS $$
  SELECT sha256(convert_to(
    jsonb_build_array(
      customer_id, invoice_id, currency, number, placed_at, placed_by, amount_due, lines, lines_checksum)::text,
    'UTF8'))
$$;
COMMENT ON FUNCTION redress.placement_digest(
  text, text, text, integer, timestamptz, text, numeric, bigint, numeric) IS
  'SHA-256 of everything that a row of placement says.';

-- Locks of a row know no queue: whoever shares one may be followed by others for ever. So the advisory lock is taken first.
-- The modes are such that a run may begin beside invoicing, and then waits for it: NO KEY UPDATE for the one run, UPDATE to
-- keep invoicing out, KEY SHARE for invoicing.
CREATE FUNCTION redress.try_run_lock() RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  rows_there bigint;
BEGIN
  IF NOT pg_try_advisory_xact_lock(1380209235, 1) THEN
    RETURN false;
  END IF;
  PERFORM 1 FROM redress.ledger FOR NO KEY UPDATE SKIP LOCKED;
  IF FOUND THEN
    RETURN true;
  END IF;
  SELECT count(*) INTO rows_there FROM redress.ledger;
  RETURN rows_there = 0;
END
$$;
COMMENT ON FUNCTION redress.try_run_lock() IS
  'Takes the lock of the one run that may be active, until the transaction ends; false where somebody holds it.';

CREATE FUNCTION redress.keep_invoicing_out() RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(1380209235, 2);
  PERFORM 1 FROM redress.ledger FOR UPDATE;
END
$$;
COMMENT ON FUNCTION redress.keep_invoicing_out() IS
  'Waits for calls of place_on_invoice and release_invoice that have begun, and lets no other begin until the transaction ends.';

CREATE FUNCTION redress.begin_invoicing() RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  hidden bigint;
BEGIN
  PERFORM pg_advisory_xact_lock_shared(1380209235, 2);
  -- To lock a row is to write it. One server has no other node that would have to know.
  IF to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL THEN
    PERFORM 1 FROM redress.ledger FOR KEY SHARE;
  END IF;
  hidden := redress.hidden_run();
  IF hidden IS NOT NULL THEN
    RAISE EXCEPTION 'run % is not visible on every node yet', hidden
      USING ERRCODE = '55000', HINT = 'Call again in a minute; the database is still bringing its commit to an end.';
  END IF;
END
$$;
COMMENT ON FUNCTION redress.begin_invoicing() IS
  'Keeps runs out until the transaction ends, and refuses where not all of what the last one wrote can be seen. For place_on_invoice and release_invoice.';

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
       carried_by, carried, carried_checksum)
    VALUES (
      next_run, moment, moment, moment, date '2000-01-01', date '2000-01-01', zeros, zeros,
      '', false, 0, 0, 0, 0, 0, '{}', 0, zeros, zeros, 0, 0,
      date '2000-01-01', 0, 0, 0)
    ON CONFLICT DO NOTHING;

    RAISE EXCEPTION USING ERRCODE = 'RD000', MESSAGE = 'taken back';
  EXCEPTION WHEN SQLSTATE 'RD000' THEN
    NULL;
  END;
END
$$;
COMMENT ON FUNCTION redress.require_current_snapshot(text) IS
  'Fails with 40001 where the transaction''s snapshot does not see every line of the customer. For place_on_invoice and release_invoice.';

CREATE FUNCTION redress.add_placement(
  customer_id text, invoice_id text, currency text, amount_due numeric,
  subscriptions text[], incidents text[], months date[], line_numbers integer[], amounts bigint[])
RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  moment CONSTANT timestamptz := now();
  caller CONSTANT text := session_user;
  added CONSTANT bigint := cardinality(subscriptions);
  next_number integer;
  checksum numeric;
BEGIN
  INSERT INTO redress.invoice_line
    (customer_id, subscription_id, incident_id, currency, line, billing_month, placed_at, invoice_id, amount_minor)
  SELECT
    add_placement.customer_id, new.subscription_id, new.incident_id, add_placement.currency, new.line, new.month,
    moment, add_placement.invoice_id, new.amount_minor
  FROM unnest(subscriptions, incidents, months, line_numbers, amounts)
    AS new (subscription_id, incident_id, month, line, amount_minor);

  SELECT sum(redress.line_checksum(new.subscription_id, new.incident_id, new.month, new.line, new.amount_minor))
  INTO checksum
  FROM unnest(subscriptions, incidents, months, line_numbers, amounts)
    AS new (subscription_id, incident_id, month, line, amount_minor);
  SELECT COALESCE(max(earlier.number), 0) + 1
  INTO next_number
  FROM redress.placement AS earlier
  WHERE earlier.customer_id = add_placement.customer_id
    AND earlier.invoice_id = add_placement.invoice_id
    AND earlier.currency = add_placement.currency;

  INSERT INTO redress.placement
    (customer_id, invoice_id, currency, number, placed_at, placed_by, amount_due, lines, lines_checksum, digest)
  VALUES (
    add_placement.customer_id, add_placement.invoice_id, add_placement.currency, next_number, moment, caller,
    add_placement.amount_due, added, checksum,
    redress.placement_digest(
      add_placement.customer_id, add_placement.invoice_id, add_placement.currency, next_number, moment, caller,
      add_placement.amount_due, added, checksum));
END
$$;
COMMENT ON FUNCTION redress.add_placement(text, text, text, numeric, text[], text[], date[], integer[], bigint[]) IS
  'Adds the lines of one call for one customer and currency, and notes the call. For place_on_invoice and release_invoice.';

CREATE FUNCTION redress.place_on_invoice(
  invoice_id text, customer_id text, currency text, amount_due numeric)
RETURNS SETOF redress.invoice_adjustment
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  decimals CONSTANT integer := redress.currency_decimals(place_on_invoice.currency);
  room numeric;
  subscriptions text[];
  incidents text[];
  months date[];
  line_numbers integer[];
  amounts bigint[];
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

  PERFORM redress.begin_invoicing();
  PERFORM pg_advisory_xact_lock(hashtextextended(place_on_invoice.customer_id COLLATE "C", 0));
  PERFORM pg_advisory_xact_lock(hashtextextended(place_on_invoice.invoice_id COLLATE "C", 1));
  PERFORM redress.require_current_snapshot(place_on_invoice.customer_id);

  PERFORM 1
  FROM redress.invoice_adjustment AS carried
  WHERE carried.invoice_id = place_on_invoice.invoice_id
    AND (carried.customer_id <> place_on_invoice.customer_id OR carried.currency <> place_on_invoice.currency)
  GROUP BY carried.customer_id, carried.subscription_id, carried.incident_id, carried.billing_month, carried.currency
  HAVING sum(carried.amount_minor) <> 0
  LIMIT 1;
  IF FOUND THEN
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
    -- What is open, the oldest first, as far as there is room.
    SELECT
      array_agg(queued.subscription_id ORDER BY queued.ahead_minor),
      array_agg(queued.incident_id ORDER BY queued.ahead_minor),
      array_agg(queued.billing_month ORDER BY queued.ahead_minor),
      array_agg(queued.newest_line + 1 ORDER BY queued.ahead_minor),
      array_agg(-LEAST(queued.open_minor::numeric, room - queued.ahead_minor)::bigint ORDER BY queued.ahead_minor)
    INTO subscriptions, incidents, months, line_numbers, amounts
    FROM (
      SELECT
        granted.subscription_id, granted.incident_id, granted.billing_month, granted.open_minor,
        COALESCE(newest.line, 0) AS newest_line,
        sum(granted.open_minor) OVER (
          PARTITION BY granted.customer_id
          ORDER BY
            granted.billing_month, granted.outage_started_at, granted.subscription_id, granted.incident_id
          ROWS UNBOUNDED PRECEDING) - granted.open_minor AS ahead_minor
      FROM redress.entitlement AS granted
      LEFT JOIN (
        SELECT
          carried.customer_id, carried.subscription_id, carried.incident_id, carried.billing_month,
          max(carried.line) AS line
        FROM redress.credited_month AS month
        JOIN redress.invoice_adjustment AS carried ON carried.billing_month = month.billing_month
        WHERE carried.customer_id = place_on_invoice.customer_id
          AND carried.currency = place_on_invoice.currency
        GROUP BY carried.customer_id, carried.subscription_id, carried.incident_id, carried.billing_month
      ) AS newest
        ON newest.customer_id = granted.customer_id
        AND newest.subscription_id = granted.subscription_id
        AND newest.incident_id = granted.incident_id
        AND newest.billing_month = granted.billing_month
      WHERE granted.customer_id = place_on_invoice.customer_id
        AND granted.currency = place_on_invoice.currency
        AND granted.open_minor > 0
    ) AS queued
    WHERE queued.ahead_minor < room;
    IF subscriptions IS NOT NULL THEN
      PERFORM redress.add_placement(
        place_on_invoice.customer_id, place_on_invoice.invoice_id, place_on_invoice.currency,
        place_on_invoice.amount_due, subscriptions, incidents, months, line_numbers, amounts);
    END IF;
  END IF;

  RETURN QUERY
  SELECT
    carried.customer_id, carried.subscription_id, carried.incident_id, carried.currency,
    max(carried.line),
    carried.billing_month,
    (array_agg(carried.run_id ORDER BY carried.line DESC))[1],
    (array_agg(carried.placed_at ORDER BY carried.line DESC))[1],
    carried.invoice_id,
    sum(carried.amount_minor)::bigint
  FROM redress.invoice_adjustment AS carried
  WHERE carried.invoice_id = place_on_invoice.invoice_id
    AND carried.customer_id = place_on_invoice.customer_id
    AND carried.currency = place_on_invoice.currency
  GROUP BY
    carried.customer_id, carried.subscription_id, carried.incident_id, carried.billing_month, carried.currency,
    carried.invoice_id
  HAVING sum(carried.amount_minor) <> 0
  ORDER BY
    carried.customer_id, carried.subscription_id, carried.incident_id, carried.billing_month, carried.currency;
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
  moment CONSTANT timestamptz := now();
  concerned text[];
  locked text[] := '{}';
  customer text;
  code text;
  subscriptions text[];
  incidents text[];
  currencies text[];
  months date[];
  line_numbers integer[];
  amounts bigint[];
BEGIN
  IF release_invoice.invoice_id IS NULL OR release_invoice.invoice_id = '' THEN
    RAISE EXCEPTION 'invoice_id is missing'
      USING ERRCODE = '22023', HINT = 'Give the id of the voided invoice.';
  END IF;

  PERFORM redress.begin_invoicing();
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

  FOR customer IN SELECT who.id FROM unnest(concerned) AS who (id) ORDER BY who.id COLLATE "C" LOOP
    -- What the invoice carries of each credit, and the credit's newest line, in one pass over the customer's lines.
    SELECT
      array_agg(carried.subscription_id), array_agg(carried.incident_id), array_agg(carried.currency),
      array_agg(carried.billing_month), array_agg(carried.newest_line + 1), array_agg(-carried.amount_minor)
    INTO subscriptions, incidents, currencies, months, line_numbers, amounts
    FROM (
      SELECT
        line.subscription_id, line.incident_id, line.billing_month, line.currency, max(line.line) AS newest_line,
        (sum(line.amount_minor) FILTER (WHERE line.invoice_id = release_invoice.invoice_id))::bigint AS amount_minor
      FROM redress.credited_month AS month
      JOIN redress.invoice_adjustment AS line ON line.billing_month = month.billing_month
      WHERE line.customer_id = customer
      GROUP BY line.customer_id, line.subscription_id, line.incident_id, line.billing_month, line.currency
    ) AS carried
    WHERE carried.amount_minor <> 0;

    FOR code IN
      SELECT carried.currency
      FROM unnest(currencies) AS carried (currency)
      GROUP BY carried.currency
      ORDER BY carried.currency COLLATE "C"
    LOOP
      PERFORM redress.add_placement(
        customer, release_invoice.invoice_id, code, NULL, array_agg(line.subscription_id), array_agg(line.incident_id),
        array_agg(line.month), array_agg(line.number), array_agg(line.amount_minor))
      FROM unnest(subscriptions, incidents, currencies, months, line_numbers, amounts)
        AS line (subscription_id, incident_id, currency, month, number, amount_minor)
      WHERE line.currency = code;
    END LOOP;

    RETURN QUERY
    SELECT
      customer, line.subscription_id, line.incident_id, line.currency, line.number, line.month, NULL::bigint,
      moment, release_invoice.invoice_id, line.amount_minor
    FROM unnest(subscriptions, incidents, currencies, months, line_numbers, amounts)
      AS line (subscription_id, incident_id, currency, month, number, amount_minor)
    ORDER BY
      line.subscription_id COLLATE "C", line.incident_id COLLATE "C", line.month, line.currency COLLATE "C";
  END LOOP;
END
$$;
COMMENT ON FUNCTION redress.release_invoice(text) IS
  'Gives every credit on a voided invoice back and returns the new lines; what is given back is open again. Safe to repeat.';

REVOKE ALL ON TABLE redress.placement FROM PUBLIC;
GRANT SELECT ON TABLE redress.placement TO redress_job, redress_invoicing, redress_reader;
REVOKE ALL ON FUNCTION
  redress.try_run_lock(),
  redress.keep_invoicing_out(),
  redress.begin_invoicing(),
  redress.require_current_snapshot(text),
  redress.add_placement(text, text, text, numeric, text[], text[], date[], integer[], bigint[]),
  redress.place_on_invoice(text, text, text, numeric),
  redress.release_invoice(text),
  redress.line_checksum(text, text, date, integer, bigint),
  redress.placement_digest(text, text, text, integer, timestamptz, text, numeric, bigint, numeric)
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
  redress.line_checksum(text, text, date, integer, bigint),
  redress.placement_digest(text, text, text, integer, timestamptz, text, numeric, bigint, numeric)
TO redress_job, redress_invoicing, redress_reader;
GRANT EXECUTE ON FUNCTION redress.try_run_lock(), redress.keep_invoicing_out() TO redress_job;
GRANT EXECUTE ON FUNCTION
  redress.place_on_invoice(text, text, text, numeric),
  redress.release_invoice(text)
TO redress_invoicing;
