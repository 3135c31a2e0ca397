-- place_on_invoice and release_invoice refuse the pseudo invoices by name. Constraints kept it free of their lines
-- already, but what they said was about a table; and nothing was said where there was nothing to write.

CREATE OR REPLACE FUNCTION redress.place_on_invoice(
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
  ELSIF place_on_invoice.invoice_id = 'set-off' THEN
    RAISE EXCEPTION 'set-off is the id under which runs set credits off, and no invoice'
      USING ERRCODE = '22023', HINT = 'Give the draft invoice another id.';
  ELSIF starts_with(place_on_invoice.invoice_id, 'balance:') THEN
    RAISE EXCEPTION '% is an id under which runs hand credits to balances, and no invoice', place_on_invoice.invoice_id
      USING ERRCODE = '22023', HINT = 'Give the draft invoice another id.';
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

CREATE OR REPLACE FUNCTION redress.release_invoice(invoice_id text)
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
  ELSIF release_invoice.invoice_id = 'set-off' THEN
    RAISE EXCEPTION 'set-off is the id under which runs set credits off, and no invoice'
      USING ERRCODE = '22023', HINT = 'Give the id of the voided invoice; only runs write what is set off.';
  ELSIF starts_with(release_invoice.invoice_id, 'balance:') THEN
    RAISE EXCEPTION '% is an id under which runs hand credits to balances, and no invoice', release_invoice.invoice_id
      USING ERRCODE = '22023', HINT = 'Give the id of the voided invoice; only runs write what is on balances.';
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
