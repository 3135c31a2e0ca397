-- What place_on_invoice and release_invoice did, so that a line that was added by other hands does not look like theirs.
--
-- Nobody may insert here but the owner, and these functions, which run as the owner.

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
COMMENT ON COLUMN redress.placement.amount_due IS 'What place_on_invoice was told, in major units; null for release_invoice, and before this table was there.';
COMMENT ON COLUMN redress.placement.lines IS 'How many lines the call added.';
COMMENT ON COLUMN redress.placement.lines_checksum IS 'Sum of line_checksum over these lines.';
COMMENT ON COLUMN redress.placement.digest IS 'placement_digest of the other columns.';

CREATE FUNCTION redress.line_checksum(
  subscription_id text, incident_id text, line integer, amount_minor bigint)
RETURNS bigint
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  -- The lengths keep the two ids apart.
  SELECT ('x' || substr(encode(sha256(convert_to(
    format('%s %s %s %s %s %s',
      octet_length(subscription_id), subscription_id, octet_length(incident_id), incident_id, line, amount_minor),
    'UTF8')), 'hex'), 1, 15))::bit(60)::bigint
$$;
COMMENT ON FUNCTION redress.line_checksum(text, text, integer, bigint) IS
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

-- Lines from before are taken as they are.
INSERT INTO redress.placement
  (customer_id, invoice_id, currency, number, placed_at, placed_by, lines, lines_checksum, digest)
SELECT
  noted.customer_id, noted.invoice_id, noted.currency, noted.number, noted.placed_at, session_user, noted.lines,
  noted.lines_checksum,
  redress.placement_digest(
    noted.customer_id, noted.invoice_id, noted.currency, noted.number, noted.placed_at, session_user, NULL,
    noted.lines, noted.lines_checksum)
FROM (
  SELECT
    line.customer_id, line.invoice_id, line.currency,
    (row_number() OVER (
      PARTITION BY line.customer_id, line.invoice_id, line.currency ORDER BY line.placed_at))::integer AS number,
    line.placed_at, count(*) AS lines,
    sum(redress.line_checksum(line.subscription_id, line.incident_id, line.line, line.amount_minor)) AS lines_checksum
  FROM redress.invoice_adjustment AS line
  WHERE line.run_id IS NULL
  GROUP BY line.customer_id, line.invoice_id, line.currency, line.placed_at
) AS noted;

CREATE OR REPLACE FUNCTION redress.place_on_invoice(
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
    WITH placed AS (
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
      WHERE queued.ahead_minor < room
      RETURNING subscription_id, incident_id, line, amount_minor
    )
    INSERT INTO redress.placement
      (customer_id, invoice_id, currency, number, placed_at, placed_by, amount_due, lines, lines_checksum, digest)
    SELECT
      place_on_invoice.customer_id, place_on_invoice.invoice_id, place_on_invoice.currency, noted.number, now(),
      session_user, place_on_invoice.amount_due, noted.lines, noted.lines_checksum,
      redress.placement_digest(
        place_on_invoice.customer_id, place_on_invoice.invoice_id, place_on_invoice.currency, noted.number, now(),
        session_user, place_on_invoice.amount_due, noted.lines, noted.lines_checksum)
    FROM (
      SELECT
        COALESCE(
          (SELECT max(earlier.number)
           FROM redress.placement AS earlier
           WHERE earlier.customer_id = place_on_invoice.customer_id
             AND earlier.invoice_id = place_on_invoice.invoice_id
             AND earlier.currency = place_on_invoice.currency), 0) + 1 AS number,
        count(*) AS lines,
        sum(redress.line_checksum(placed.subscription_id, placed.incident_id, placed.line, placed.amount_minor))
          AS lines_checksum
      FROM placed
      HAVING count(*) > 0
    ) AS noted;
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

CREATE OR REPLACE FUNCTION redress.release_invoice(invoice_id text)
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
  WITH given_back AS (
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
      released.run_id, released.placed_at, released.invoice_id, released.amount_minor
  ), noted AS (
    INSERT INTO redress.placement
      (customer_id, invoice_id, currency, number, placed_at, placed_by, lines, lines_checksum, digest)
    SELECT
      calls.customer_id, calls.invoice_id, calls.currency, calls.number, now(), session_user, calls.lines,
      calls.lines_checksum,
      redress.placement_digest(
        calls.customer_id, calls.invoice_id, calls.currency, calls.number, now(), session_user, NULL, calls.lines,
        calls.lines_checksum)
    FROM (
      SELECT
        given_back.customer_id, given_back.invoice_id, given_back.currency,
        COALESCE(
          (SELECT max(earlier.number)
           FROM redress.placement AS earlier
           WHERE earlier.customer_id = given_back.customer_id
             AND earlier.invoice_id = given_back.invoice_id
             AND earlier.currency = given_back.currency), 0) + 1 AS number,
        count(*) AS lines,
        sum(redress.line_checksum(
          given_back.subscription_id, given_back.incident_id, given_back.line, given_back.amount_minor))
          AS lines_checksum
      FROM given_back
      GROUP BY given_back.customer_id, given_back.invoice_id, given_back.currency
    ) AS calls
  )
  SELECT
    given_back.customer_id, given_back.subscription_id, given_back.incident_id, given_back.currency, given_back.line,
    given_back.billing_month,
    given_back.run_id, given_back.placed_at, given_back.invoice_id, given_back.amount_minor
  FROM given_back
  ORDER BY given_back.customer_id, given_back.subscription_id, given_back.incident_id, given_back.currency;
END
$$;

REVOKE ALL ON TABLE redress.placement FROM PUBLIC;
GRANT SELECT ON TABLE redress.placement TO redress_job, redress_invoicing, redress_reader;
REVOKE ALL ON FUNCTION
  redress.line_checksum(text, text, integer, bigint),
  redress.placement_digest(text, text, text, integer, timestamptz, text, numeric, bigint, numeric)
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
  redress.line_checksum(text, text, integer, bigint),
  redress.placement_digest(text, text, text, integer, timestamptz, text, numeric, bigint, numeric)
TO redress_job, redress_invoicing, redress_reader;
