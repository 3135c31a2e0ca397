-- The schemas redress and redress_source as the migrations and the plain source tables make them: what pg_dump of
-- PostgreSQL 15 says, without what differs between installations. Not applied by anything; read it as a diff.

CREATE SCHEMA redress;

COMMENT ON SCHEMA redress IS 'Service credits: what was decided, on what, and on which invoice it is. Owned by redress; append only.';

CREATE SCHEMA redress_source;

COMMENT ON SCHEMA redress_source IS 'What redress reads: customers, subscriptions, incidents, outages, invoices. Plain tables, or views over the operator''s own.';

CREATE FUNCTION redress.acceptance_digest(number integer, action text, code text, relation text, key text, problem text, reason text, until_date date, run_id bigint, noted_at timestamp with time zone, noted_by text, before bytea) RETURNS bytea
    LANGUAGE sql STABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "TimeZone" TO 'UTC'
    SET "DateStyle" TO 'ISO, YMD'
    SET bytea_output TO 'hex'
    AS $$
  SELECT sha256(convert_to(
    jsonb_build_array(
      number, action, code, relation, key, problem, reason, until_date, run_id, noted_at, noted_by, before)::text,
    'UTF8'))
$$;

COMMENT ON FUNCTION redress.acceptance_digest(number integer, action text, code text, relation text, key text, problem text, reason text, until_date date, run_id bigint, noted_at timestamp with time zone, noted_by text, before bytea) IS 'SHA-256 of everything that a row of finding_acceptance says, and of the digest of the row before, so that they make a chain.';

CREATE FUNCTION redress.add_placement(customer_id text, invoice_id text, currency text, amount_due numeric, subscriptions text[], incidents text[], months date[], line_numbers integer[], amounts bigint[]) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
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

COMMENT ON FUNCTION redress.add_placement(customer_id text, invoice_id text, currency text, amount_due numeric, subscriptions text[], incidents text[], months date[], line_numbers integer[], amounts bigint[]) IS 'Adds the lines of one call for one customer and currency, and notes the call. For place_on_invoice and release_invoice.';

CREATE FUNCTION redress.approval_digest(run_id bigint, kind text, proposal bytea, approved_by text, reason text, approved_at timestamp with time zone, database_user text) RETURNS bytea
    LANGUAGE sql STABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "TimeZone" TO 'UTC'
    SET bytea_output TO 'hex'
    AS $$
  SELECT sha256(convert_to(
    jsonb_build_array(run_id, kind, proposal, approved_by, reason, approved_at, database_user)::text, 'UTF8'))
$$;

COMMENT ON FUNCTION redress.approval_digest(run_id bigint, kind text, proposal bytea, approved_by text, reason text, approved_at timestamp with time zone, database_user text) IS 'SHA-256 of everything that a row of approval says.';

CREATE FUNCTION redress.begin_invoicing() RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
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

COMMENT ON FUNCTION redress.begin_invoicing() IS 'Keeps runs out until the transaction ends, and refuses where not all of what the last one wrote can be seen. For place_on_invoice and release_invoice.';

CREATE FUNCTION redress.currency_decimals(currency text) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
  SELECT CASE
    WHEN currency IN ('EUR', 'GBP', 'USD') THEN 2
    WHEN currency IN (
      'BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF',
      'XPF') THEN 0
    WHEN currency IN ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') THEN 3
    WHEN currency IN ('CLF', 'UYW') THEN 4
    WHEN currency IN (
      'AED', 'AFN', 'ALL', 'AMD', 'ANG', 'AOA', 'ARS', 'AUD', 'AWG', 'AZN', 'BAM', 'BBD', 'BDT', 'BGN', 'BMD', 'BND',
      'BOB', 'BOV', 'BRL', 'BSD', 'BTN', 'BWP', 'BYN', 'BZD', 'CAD', 'CDF', 'CHE', 'CHF', 'CHW', 'CNY', 'COP', 'COU',
      'CRC', 'CUP', 'CVE', 'CZK', 'DKK', 'DOP', 'DZD', 'EGP', 'ERN', 'ETB', 'FJD', 'FKP', 'GEL', 'GHS', 'GIP', 'GMD',
      'GTQ', 'GYD', 'HKD', 'HNL', 'HTG', 'HUF', 'IDR', 'ILS', 'INR', 'IRR', 'JMD', 'KES', 'KGS', 'KHR', 'KPW', 'KYD',
      'KZT', 'LAK', 'LBP', 'LKR', 'LRD', 'LSL', 'MAD', 'MDL', 'MGA', 'MKD', 'MMK', 'MNT', 'MOP', 'MRU', 'MUR', 'MVR',
      'MWK', 'MXN', 'MXV', 'MYR', 'MZN', 'NAD', 'NGN', 'NIO', 'NOK', 'NPR', 'NZD', 'PAB', 'PEN', 'PGK', 'PHP', 'PKR',
      'PLN', 'QAR', 'RON', 'RSD', 'RUB', 'SAR', 'SBD', 'SCR', 'SDG', 'SEK', 'SGD', 'SHP', 'SLE', 'SOS', 'SRD', 'SSP',
      'STN', 'SVC', 'SYP', 'SZL', 'THB', 'TJS', 'TMT', 'TOP', 'TRY', 'TTD', 'TWD', 'TZS', 'UAH', 'USN', 'UYU', 'UZS',
      'VED', 'VES', 'WST', 'XAD', 'XCD', 'XCG', 'YER', 'ZAR', 'ZMW', 'ZWG') THEN 2
  END
$$;

COMMENT ON FUNCTION redress.currency_decimals(currency text) IS 'Decimals of a currency''s minor unit: JPY 0, USD 2, KWD 3; null where ISO 4217 has no such currency or it has no minor unit.';

CREATE FUNCTION redress.handover_digest(customer_id text, message_key text, entry integer, attempt integer, answer text, system text, invoice_id text, currency text, subscription_id text, incident_id text, billing_month date, line integer, amount_minor bigint, said text, remote_id text, message text, noted_at timestamp with time zone, noted_by text) RETURNS bytea
    LANGUAGE sql STABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "TimeZone" TO 'UTC'
    SET "DateStyle" TO 'ISO, YMD'
    AS $$
  SELECT sha256(convert_to(
    jsonb_build_array(
      customer_id, message_key, entry, attempt, answer, system, invoice_id, currency, subscription_id, incident_id,
      billing_month, line, amount_minor, said, remote_id, message, noted_at, noted_by)::text,
    'UTF8'))
$$;

COMMENT ON FUNCTION redress.handover_digest(customer_id text, message_key text, entry integer, attempt integer, answer text, system text, invoice_id text, currency text, subscription_id text, incident_id text, billing_month date, line integer, amount_minor bigint, said text, remote_id text, message text, noted_at timestamp with time zone, noted_by text) IS 'SHA-256 of everything that a row of handover says.';

CREATE FUNCTION redress.hidden_run() RETURNS bigint
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  newest bigint;
  wanted_credits bigint;
  wanted_lines bigint;
  there bigint;
BEGIN
  SELECT max(run.run_id) INTO newest FROM redress.run;
  IF newest IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT count(*) INTO there FROM redress.visible_run WHERE visible_run.run_id = newest;
  IF there > 0 THEN
    RETURN NULL;
  END IF;
  SELECT run.revisions, run.invoice_lines INTO wanted_credits, wanted_lines FROM redress.run WHERE run.run_id = newest;
  -- With their decisions, which may be on another node.
  SELECT count(*) INTO there FROM redress.credit WHERE credit.run_id = newest AND credit.percent_before_cap_bp IS NOT NULL;
  IF there < wanted_credits THEN
    RETURN newest;
  END IF;
  SELECT count(*) INTO there FROM redress.invoice_adjustment AS line WHERE line.run_id = newest;
  RETURN CASE WHEN there < wanted_lines THEN newest END;
END
$$;

COMMENT ON FUNCTION redress.hidden_run() IS 'The newest run, as long as not all of its credits and invoice lines can be seen here; else null.';

CREATE FUNCTION redress.instant(epoch numeric, unit text DEFAULT 'second'::text) RETURNS timestamp with time zone
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  a_day CONSTANT numeric := 86400000000;
  microseconds numeric;
  rest numeric;
BEGIN
  IF epoch IS NULL OR unit IS NULL THEN
    RETURN NULL;
  END IF;
  CASE lower(unit)
    WHEN 'second' THEN microseconds := epoch * 1000000;
    WHEN 'millisecond' THEN microseconds := epoch * 1000;
    WHEN 'microsecond' THEN microseconds := epoch;
    ELSE
      RAISE EXCEPTION 'redress.instant: % is no unit', quote_literal(unit)
        USING ERRCODE = 'invalid_parameter_value', HINT = 'Write second, millisecond or microsecond.';
  END CASE;
  microseconds := round(microseconds);
  -- NaN is greater than every number. Null would be taken for an end that has not come.
  IF microseconds > 9000000000000000000 THEN
    RETURN 'infinity';
  ELSIF microseconds < -200000000000000000 THEN
    RETURN '-infinity';
  END IF;
  -- Days and the rest apart and without a session's time zone: each part is exact.
  rest := mod(mod(microseconds, a_day) + a_day, a_day);
  RETURN (timestamp '1970-01-01'
      + make_interval(days => div(microseconds - rest, a_day)::integer, secs => (rest * 0.000001)::double precision))
    AT TIME ZONE 'UTC';
END
$$;

COMMENT ON FUNCTION redress.instant(epoch numeric, unit text) IS 'The instant that a number of units after 1970-01-01T00:00Z stands for, exact to the microsecond: seconds, or what unit says (second, millisecond, microsecond). A number is never guessed to be of another unit. What PostgreSQL has no time for, and NaN, is infinity, so that it is reported.';

CREATE FUNCTION redress.keep_invoicing_out() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(1380209235, 2);
  PERFORM 1 FROM redress.ledger FOR UPDATE;
END
$$;

COMMENT ON FUNCTION redress.keep_invoicing_out() IS 'Waits for calls of place_on_invoice and release_invoice that have begun, and lets no other begin until the transaction ends.';

CREATE FUNCTION redress.line_checksum(subscription_id text, incident_id text, billing_month date, line integer, amount_minor bigint) RETURNS bigint
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  -- The lengths keep the two ids apart.
  SELECT ('x' || substr(encode(sha256(convert_to(
    format('%s %s %s %s %s %s %s',
      octet_length(subscription_id), subscription_id, octet_length(incident_id), incident_id,
      to_char(billing_month, 'YYYY-MM'), line, amount_minor),
    'UTF8')), 'hex'), 1, 15))::bit(60)::bigint
$$;

COMMENT ON FUNCTION redress.line_checksum(subscription_id text, incident_id text, billing_month date, line integer, amount_minor bigint) IS 'The first 60 bits of a SHA-256 of an invoice line, to be summed: the order of lines does not matter.';

CREATE FUNCTION redress.major_units(amount numeric, currency text, convention text DEFAULT 'iso'::text) RETURNS numeric
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  code CONSTANT text := upper(currency);
  decimals integer;
BEGIN
  IF convention IS NULL THEN
    RETURN NULL;
  END IF;
  CASE lower(convention)
    WHEN 'iso' THEN
      decimals := redress.currency_decimals(code);
    WHEN 'stripe' THEN
      -- https://docs.stripe.com/currencies: as ISO 4217 but for these.
      decimals := CASE code WHEN 'ISK' THEN 2 WHEN 'UGX' THEN 2 WHEN 'MGA' THEN 0 ELSE redress.currency_decimals(code) END;
    ELSE
      RAISE EXCEPTION 'redress.major_units: % is no convention', quote_literal(convention)
        USING ERRCODE = 'invalid_parameter_value',
              HINT = 'Write iso for the decimals of ISO 4217, or stripe for those of Stripe''s API.';
  END CASE;
  RETURN amount * CASE decimals WHEN 0 THEN 1 WHEN 2 THEN 0.01 WHEN 3 THEN 0.001 WHEN 4 THEN 0.0001 END;
END
$$;

COMMENT ON FUNCTION redress.major_units(amount numeric, currency text, convention text) IS 'An amount of minor units in major units, exactly: 1050 USD is 10.50, also for fractions of a unit. The currency is in any case; null where there is no such currency. The convention says how many minor units a major one has: iso, or stripe (ISK and UGX 100, MGA 1).';

CREATE FUNCTION redress.month_closing_digest(number bigint, action text, month date, reason text, decided_at timestamp with time zone, decided_by text, after_run bigint, before bytea) RETURNS bytea
    LANGUAGE sql STABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "TimeZone" TO 'UTC'
    AS $$
  SELECT sha256(convert_to(
    jsonb_build_array(
      number, action, to_char(month, 'YYYY-MM-DD'), reason, decided_at, decided_by, after_run, encode(before, 'hex'))::text,
    'UTF8'))
$$;

COMMENT ON FUNCTION redress.month_closing_digest(number bigint, action text, month date, reason text, decided_at timestamp with time zone, decided_by text, after_run bigint, before bytea) IS 'SHA-256 of everything that a row of month_closing says, and of the digest of the row before; null for the first row.';

CREATE FUNCTION redress.month_start(zone text, month date) RETURNS timestamp with time zone
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "TimeZone" TO 'UTC'
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

COMMENT ON FUNCTION redress.month_start(zone text, month date) IS 'The first instant at which clocks in the zone show midnight of the first of the month, or later where they jump over it.';

CREATE FUNCTION redress.month_starts(zone text, month_from date, month_through date) RETURNS TABLE(month date, starts_at timestamp with time zone, ends_at timestamp with time zone)
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  SELECT
    first::date,
    redress.month_start(zone, first::date),
    redress.month_start(zone, (first + interval '1 month')::date)
  FROM generate_series(
    date_trunc('month', month_from::timestamp), month_through::timestamp, interval '1 month') AS first
  ORDER BY first
$$;

COMMENT ON FUNCTION redress.month_starts(zone text, month_from date, month_through date) IS 'Every month from the one to the other, both included, with its first instant and the first instant after it.';

CREATE FUNCTION redress.monthly_fee(amount numeric, period text, count integer DEFAULT 1) RETURNS numeric
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  -- How many such periods a year has.
  a_year numeric;
  divisor numeric;
BEGIN
  IF period IS NULL OR count IS NULL THEN
    RETURN NULL;
  END IF;
  a_year := CASE
    WHEN lower(period) IN ('day', 'days', 'daily') THEN 365
    WHEN lower(period) IN ('week', 'weeks', 'weekly') THEN 52
    WHEN lower(period) IN ('month', 'months', 'monthly') THEN 12
    WHEN lower(period) IN ('quarter', 'quarters', 'quarterly') THEN 4
    WHEN lower(period) IN ('year', 'years', 'yearly', 'annual') THEN 1
  END;
  IF a_year IS NULL THEN
    RAISE EXCEPTION 'redress.monthly_fee: % is no period', quote_literal(period)
      USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Write day, week, month, quarter or year, and how many of them the amount is for as the third argument.';
  END IF;
  IF count < 1 THEN
    RAISE EXCEPTION 'redress.monthly_fee: an amount cannot be for % periods', count
      USING ERRCODE = 'invalid_parameter_value', HINT = 'Write how many periods the amount is for, 1 or more.';
  END IF;
  -- One division of integers after one multiplication, so there is one rounding, half up on the magnitude.
  divisor := 12 * count::numeric;
  RETURN sign(amount) * div(2000000 * abs(amount) * a_year + divisor, 2 * divisor) * 0.000001;
END
$$;

COMMENT ON FUNCTION redress.monthly_fee(amount numeric, period text, count integer) IS 'What an amount for count periods is for a month, in the amount''s unit, rounded once to six decimals, half up on the magnitude. A year has 12 months, 4 quarters, 52 weeks and 365 days, so a month has 52/12 weeks. The period is in any case: day, daily, week, weekly, month, monthly, quarter, quarterly, year, yearly, annual, or a plural. Null in is null out.';

CREATE TABLE redress.credit_revision (
    run_id bigint NOT NULL,
    amount_minor bigint NOT NULL,
    outage_started_at timestamp with time zone,
    decision integer NOT NULL,
    percent_bp integer,
    revision integer NOT NULL,
    lines_through integer NOT NULL,
    billing_month date NOT NULL,
    customer_id text NOT NULL COLLATE pg_catalog."C",
    subscription_id text NOT NULL COLLATE pg_catalog."C",
    incident_id text NOT NULL COLLATE pg_catalog."C",
    currency text NOT NULL COLLATE pg_catalog."C",
    customer_name text NOT NULL,
    customer_tier text NOT NULL,
    monthly_fee numeric,
    month_minor bigint,
    quarter_minor bigint,
    billed_fee numeric,
    invoice_id text COLLATE pg_catalog."C",
    reason text COLLATE pg_catalog."C",
    terms json,
    customer_evidence bytea,
    CONSTRAINT credit_revision_billing_month_is_a_first CHECK (((date_part('day'::text, billing_month) = (1)::double precision) IS TRUE)),
    CONSTRAINT credit_revision_changes_the_credit CHECK (((revision >= 1) AND (amount_minor <> 0) AND ((revision > 1) OR (amount_minor > 0)))),
    CONSTRAINT credit_revision_given_has_its_basis CHECK (((percent_bp >= 0) AND ((amount_minor < 0) OR ((monthly_fee IS NOT NULL) AND (outage_started_at IS NOT NULL))))),
    CONSTRAINT credit_revision_has_its_parts CHECK (((month_minor >= 0) AND (quarter_minor >= 0) AND (billed_fee >= (0)::numeric))),
    CONSTRAINT credit_revision_ids_are_not_empty CHECK (((customer_id <> ''::text) AND (subscription_id <> ''::text) AND (incident_id <> ''::text) AND ((invoice_id <> ''::text) OR (invoice_id IS NULL)))),
    CONSTRAINT credit_revision_line_is_counted CHECK (((lines_through >= 0) AND ((invoice_id IS NULL) OR (lines_through >= 1))))
);

COMMENT ON TABLE redress.credit_revision IS 'The revisions of credits as they are stored. Read them in the view credit.';

COMMENT ON COLUMN redress.credit_revision.run_id IS 'The run that appended this revision.';

COMMENT ON COLUMN redress.credit_revision.amount_minor IS 'What this revision adds or takes back, in minor units; positive for grant and increase, negative for decrease.';

COMMENT ON COLUMN redress.credit_revision.outage_started_at IS 'First creditable instant that belongs to the incident for this subscription; null where all was taken back.';

COMMENT ON COLUMN redress.credit_revision.decision IS 'The number of the run''s decision, in decision.';

COMMENT ON COLUMN redress.credit_revision.percent_bp IS 'Percentage granted after the cap, in basis points; 0 where all was taken back, null where it is no whole number of basis points.';

COMMENT ON COLUMN redress.credit_revision.revision IS 'Counts the revisions of this key from 1, without gaps.';

COMMENT ON COLUMN redress.credit_revision.lines_through IS 'How many lines of this key invoice_adjustment held when the run had finished; 0 is none. A report made later counts these lines only.';

COMMENT ON COLUMN redress.credit_revision.billing_month IS 'The month that the credit belongs to, as its first day: the month of the first creditable instant in time_zone.';

COMMENT ON COLUMN redress.credit_revision.customer_id IS 'Who gets the credit.';

COMMENT ON COLUMN redress.credit_revision.subscription_id IS 'The subscription that the fee was paid for.';

COMMENT ON COLUMN redress.credit_revision.incident_id IS 'The incident that caused it.';

COMMENT ON COLUMN redress.credit_revision.currency IS 'ISO 4217 code of every amount in this row.';

COMMENT ON COLUMN redress.credit_revision.customer_name IS 'The customer''s name that night.';

COMMENT ON COLUMN redress.credit_revision.customer_tier IS 'The customer''s tier that night, as the source writes it.';

COMMENT ON COLUMN redress.credit_revision.monthly_fee IS 'Monthly fee of the term in force at outage_started_at, in major units, exact.';

COMMENT ON COLUMN redress.credit_revision.month_minor IS 'What of the whole entitlement is for a measure of the month, in minor units; null for none.';

COMMENT ON COLUMN redress.credit_revision.quarter_minor IS 'What of the whole entitlement is for a measure of the quarter, in minor units; null for none.';

COMMENT ON COLUMN redress.credit_revision.billed_fee IS 'What the terms are billed for the period, in major units, cut to six decimals, where that is the base; null where monthly_fee is.';

COMMENT ON COLUMN redress.credit_revision.invoice_id IS 'The invoice that the run put all of this revision on, as its only new line of the key; that line''s number is lines_through. Null where the run did otherwise: its lines are in invoice_line.';

COMMENT ON COLUMN redress.credit_revision.reason IS 'Why a decrease: void, not_earned, moved and the like; null for what speaks for itself.';

COMMENT ON COLUMN redress.credit_revision.terms IS 'The subscription''s terms that night, where one term did not cover the whole outage.';

COMMENT ON COLUMN redress.credit_revision.customer_evidence IS 'SHA-256 of the evidence that concerns this customer alone, in incident_evidence; null where there is none.';

CREATE TABLE redress.invoice_line (
    amount_minor bigint NOT NULL,
    run_id bigint,
    placed_at timestamp with time zone,
    line integer NOT NULL,
    billing_month date NOT NULL,
    customer_id text NOT NULL COLLATE pg_catalog."C",
    subscription_id text NOT NULL COLLATE pg_catalog."C",
    incident_id text NOT NULL COLLATE pg_catalog."C",
    currency text NOT NULL COLLATE pg_catalog."C",
    invoice_id text NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT invoice_line_balance_is_a_runs CHECK (((NOT starts_with(invoice_id, 'balance:'::text)) OR (run_id IS NOT NULL))),
    CONSTRAINT invoice_line_billing_month_is_a_first CHECK (((date_part('day'::text, billing_month) = (1)::double precision) IS TRUE)),
    CONSTRAINT invoice_line_changes_the_invoice CHECK (((amount_minor <> 0) AND (line >= 1))),
    CONSTRAINT invoice_line_has_one_origin CHECK (((run_id IS NULL) <> (placed_at IS NULL))),
    CONSTRAINT invoice_line_ids_are_not_empty CHECK (((customer_id <> ''::text) AND (subscription_id <> ''::text) AND (incident_id <> ''::text) AND (invoice_id <> ''::text))),
    CONSTRAINT invoice_line_set_off_is_a_runs CHECK (((invoice_id <> 'set-off'::text) OR (run_id IS NOT NULL)))
);

COMMENT ON TABLE redress.invoice_line IS 'The invoice lines that are not the whole of one revision of their run. Read them in the view invoice_adjustment.';

COMMENT ON COLUMN redress.invoice_line.amount_minor IS 'Minor units; negative reduces the invoice, positive gives the credit back.';

COMMENT ON COLUMN redress.invoice_line.run_id IS 'The run that wrote the line; null where the invoicing system did.';

COMMENT ON COLUMN redress.invoice_line.placed_at IS 'When place_on_invoice or release_invoice wrote the line; null where a run did.';

COMMENT ON COLUMN redress.invoice_line.line IS 'Counts the lines of this credit from 1, without gaps, over all invoices.';

COMMENT ON COLUMN redress.invoice_line.billing_month IS 'Key of the credit: billing month, as its first day.';

COMMENT ON COLUMN redress.invoice_line.customer_id IS 'Key of the credit: customer.';

COMMENT ON COLUMN redress.invoice_line.subscription_id IS 'Key of the credit: subscription.';

COMMENT ON COLUMN redress.invoice_line.incident_id IS 'Key of the credit: incident.';

COMMENT ON COLUMN redress.invoice_line.currency IS 'Key of the credit: ISO 4217 code, also the invoice''s currency.';

COMMENT ON COLUMN redress.invoice_line.invoice_id IS 'The invoice that the line is on.';

CREATE VIEW redress.invoice_adjustment AS
 SELECT line.customer_id,
    line.subscription_id,
    line.incident_id,
    line.currency,
    line.line,
    line.billing_month,
    line.run_id,
    line.placed_at,
    line.invoice_id,
    line.amount_minor
   FROM ( SELECT whole.customer_id,
            whole.subscription_id,
            whole.incident_id,
            whole.currency,
            whole.lines_through AS line,
            whole.billing_month,
            whole.run_id,
            NULL::timestamp with time zone AS placed_at,
            whole.invoice_id,
            (- whole.amount_minor) AS amount_minor
           FROM redress.credit_revision whole
        UNION ALL
         SELECT other.customer_id,
            other.subscription_id,
            other.incident_id,
            other.currency,
            other.line,
            other.billing_month,
            other.run_id,
            other.placed_at,
            other.invoice_id,
            other.amount_minor
           FROM redress.invoice_line other) line
  WHERE (line.invoice_id IS NOT NULL);

COMMENT ON VIEW redress.invoice_adjustment IS 'Credits on invoices, line by line; a line taken back is a further line with the opposite sign.';

COMMENT ON COLUMN redress.invoice_adjustment.customer_id IS 'Key of the credit: customer.';

COMMENT ON COLUMN redress.invoice_adjustment.subscription_id IS 'Key of the credit: subscription.';

COMMENT ON COLUMN redress.invoice_adjustment.incident_id IS 'Key of the credit: incident.';

COMMENT ON COLUMN redress.invoice_adjustment.currency IS 'Key of the credit: ISO 4217 code, also the invoice''s currency.';

COMMENT ON COLUMN redress.invoice_adjustment.line IS 'Counts the lines of this credit from 1, without gaps, over all invoices.';

COMMENT ON COLUMN redress.invoice_adjustment.billing_month IS 'Key of the credit: billing month, as its first day.';

COMMENT ON COLUMN redress.invoice_adjustment.run_id IS 'The run that wrote the line; null where the invoicing system did.';

COMMENT ON COLUMN redress.invoice_adjustment.placed_at IS 'When place_on_invoice or release_invoice wrote the line; null where a run did.';

COMMENT ON COLUMN redress.invoice_adjustment.invoice_id IS 'The invoice that the line is on.';

COMMENT ON COLUMN redress.invoice_adjustment.amount_minor IS 'Minor units; negative reduces the invoice, positive gives the credit back.';

CREATE FUNCTION redress.place_on_invoice(invoice_id text, customer_id text, currency text, amount_due numeric) RETURNS SETOF redress.invoice_adjustment
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
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

COMMENT ON FUNCTION redress.place_on_invoice(invoice_id text, customer_id text, currency text, amount_due numeric) IS 'Places open credits of the customer on a draft invoice up to amount_due (major units, before any credit) and returns what it then carries, one row for each credit with its newest line. Safe to repeat and to call from several sessions.';

CREATE FUNCTION redress.placement_digest(customer_id text, invoice_id text, currency text, number integer, placed_at timestamp with time zone, placed_by text, amount_due numeric, lines bigint, lines_checksum numeric) RETURNS bytea
    LANGUAGE sql STABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "TimeZone" TO 'UTC'
    AS $$
  SELECT sha256(convert_to(
    jsonb_build_array(
      customer_id, invoice_id, currency, number, placed_at, placed_by, amount_due, lines, lines_checksum)::text,
    'UTF8'))
$$;

COMMENT ON FUNCTION redress.placement_digest(customer_id text, invoice_id text, currency text, number integer, placed_at timestamp with time zone, placed_by text, amount_due numeric, lines bigint, lines_checksum numeric) IS 'SHA-256 of everything that a row of placement says.';

CREATE FUNCTION redress.proposal_digest(digest bytea, as_of timestamp with time zone, month_from date, month_through date, policy_digest bytea, credits_digest bytea, findings_digest bytea, revisions bigint, invoice_lines bigint, findings bigint, amounts jsonb, limits jsonb, program_version text, recorded_at timestamp with time zone, run_by text) RETURNS bytea
    LANGUAGE sql STABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "TimeZone" TO 'UTC'
    SET bytea_output TO 'hex'
    AS $$
  SELECT sha256(convert_to(
    jsonb_build_array(
      digest, as_of, month_from, month_through, policy_digest, credits_digest, findings_digest, revisions, invoice_lines,
      findings, amounts, limits, program_version, recorded_at, run_by)::text,
    'UTF8'))
$$;

COMMENT ON FUNCTION redress.proposal_digest(digest bytea, as_of timestamp with time zone, month_from date, month_through date, policy_digest bytea, credits_digest bytea, findings_digest bytea, revisions bigint, invoice_lines bigint, findings bigint, amounts jsonb, limits jsonb, program_version text, recorded_at timestamp with time zone, run_by text) IS 'SHA-256 of everything that a row of proposal says.';

CREATE FUNCTION redress.recorded_units(amount_minor bigint, currency text) RETURNS numeric
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
  SELECT amount_minor * CASE redress.currency_decimals(currency)
    WHEN 0 THEN 1
    WHEN 2 THEN 0.01
    WHEN 3 THEN 0.001
    WHEN 4 THEN 0.0001
  END
$$;

COMMENT ON FUNCTION redress.recorded_units(amount_minor bigint, currency text) IS 'An amount of the ledger in major units, with exactly the currency''s decimals: 1050 USD is 10.50. major_units() is for everything else.';

CREATE FUNCTION redress.release_invoice(invoice_id text) RETURNS SETOF redress.invoice_adjustment
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
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

COMMENT ON FUNCTION redress.release_invoice(invoice_id text) IS 'Gives every credit on a voided invoice back and returns the new lines; what is given back is open again. Safe to repeat.';

CREATE FUNCTION redress.require_current_snapshot(customer_id text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
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

COMMENT ON FUNCTION redress.require_current_snapshot(customer_id text) IS 'Fails with 40001 where the transaction''s snapshot does not see every line of the customer. For place_on_invoice and release_invoice.';

CREATE FUNCTION redress.run_record(run_id bigint) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    SET "TimeZone" TO 'UTC'
    SET bytea_output TO 'hex'
    AS $$
  -- Null columns are left out, so that one that a later migration adds changes no record of a run from before.
  SELECT jsonb_build_object(
    'run', jsonb_strip_nulls(to_jsonb(made)),
    'before', (
      SELECT before.digest FROM redress.run_digest AS before WHERE before.run_id = made.run_id - 1),
    'ledger', (SELECT jsonb_agg(ledger.ledger_id) FROM redress.ledger),
    'policy_versions', (
      SELECT jsonb_agg(jsonb_strip_nulls(to_jsonb(used)) ORDER BY used.version)
      FROM redress.policy_version AS used WHERE used.first_run_id = made.run_id),
    'migrations', (
      SELECT jsonb_agg(jsonb_strip_nulls(to_jsonb(applied)) ORDER BY applied.number)
      FROM redress.schema_migration AS applied WHERE applied.number <= made.schema_version))::text
  FROM redress.run AS made
  WHERE made.run_id = run_record.run_id
$$;

COMMENT ON FUNCTION redress.run_record(run_id bigint) IS 'What is to be digested of a run: its own row, the policy versions that it was the first to use, the ledger''s id, the migrations that made the schema, and the digest of the run before.';

CREATE FUNCTION redress.settle_finding(action text, code text, relation text, key text, problem text, reason text, until_date date) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
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

COMMENT ON FUNCTION redress.settle_finding(action text, code text, relation text, key text, problem text, reason text, until_date date) IS 'Accepts a finding of the newest run, or withdraws an acceptance, in the name of the session''s user, and returns the number of the decision.';

CREATE FUNCTION redress.time_zone(given text) RETURNS text
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $_$
DECLARE
  trimmed CONSTANT text := btrim(given, E' \t\r\n');
  offset_parts text[];
  hours integer;
BEGIN
  IF trimmed = '' OR trimmed IS NULL THEN
    RETURN NULL;
  ELSIF trimmed IN ('UTC', 'Etc/UTC', 'GMT') THEN
    RETURN trimmed;
  ELSIF upper(trimmed) = 'Z' THEN
    RETURN 'UTC';
  END IF;
  offset_parts := regexp_match(upper(trimmed), '^(?:UTC|GMT)?([+-])([0-9]{1,2})(?::?([0-9]{2}))?$');
  IF offset_parts IS NOT NULL AND upper(trimmed) NOT IN ('GMT+0', 'GMT-0') THEN
    hours := offset_parts[2]::integer * CASE offset_parts[1] WHEN '-' THEN -1 ELSE 1 END;
    IF COALESCE(offset_parts[3], '00') <> '00' OR hours < -12 OR hours > 14 THEN
      RETURN trimmed;
    END IF;
    RETURN CASE WHEN hours = 0 THEN 'UTC' WHEN hours > 0 THEN 'Etc/GMT-' || hours ELSE 'Etc/GMT+' || -hours END;
  END IF;
  -- A place with capital letters is written as the database of time zones writes it, but for these. The server is asked for
  -- its list of names only where that cannot be seen, because it reads all files of the database for it.
  IF trimmed ~ '^(Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)/[A-Z][a-z]+(_[A-Z][a-z]+)*$'
    AND trimmed !~ '_(Of|Es)_|/(Act|Lhi|Nsw|Mcmurdo|Dumontdurville|Knox_In)$'
  THEN
    RETURN trimmed;
  END IF;
  RETURN COALESCE(
    (SELECT min(zone.name COLLATE "C") FROM pg_timezone_names AS zone WHERE lower(zone.name) = lower(trimmed)), trimmed);
END
$_$;

COMMENT ON FUNCTION redress.time_zone(given text) IS 'The name of a time zone as the database of time zones writes it. Empty is null. An offset of whole hours, as +02:00 or UTC-5, is the zone that has it: Etc/GMT-2, Etc/GMT+5, whose sign is the other way round. What is no zone, and an offset with minutes, comes back as it is and is reported with the customer''s key (unknown_time_zone); PostgreSQL itself would take +05:30 for five and a half hours behind UTC.';

CREATE FUNCTION redress.try_run_lock() RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
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

COMMENT ON FUNCTION redress.try_run_lock() IS 'Takes the lock of the one run that may be active, until the transaction ends; false where somebody holds it.';

CREATE TABLE redress.approval (
    run_id bigint NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    proposal bytea,
    approved_by text COLLATE pg_catalog."C",
    reason text COLLATE pg_catalog."C",
    approved_at timestamp with time zone DEFAULT now() NOT NULL,
    database_user text DEFAULT SESSION_USER NOT NULL COLLATE pg_catalog."C",
    row_digest bytea NOT NULL,
    CONSTRAINT approval_digests_are_sha256 CHECK (((octet_length(proposal) = 32) AND (octet_length(row_digest) = 32))),
    CONSTRAINT approval_names_what_it_approves CHECK ((((kind = 'digest'::text) AND (proposal IS NOT NULL) AND (approved_by IS NOT NULL) AND (reason IS NOT NULL)) OR ((kind = 'limits'::text) AND (proposal IS NULL))))
);

COMMENT ON TABLE redress.approval IS 'Who let a run through past the limits of its policy, in the transaction of that run.';

COMMENT ON COLUMN redress.approval.run_id IS 'The run.';

COMMENT ON COLUMN redress.approval.kind IS 'digest: what was read in a proposal. limits: whatever the run came to (--approve-limits).';

COMMENT ON COLUMN redress.approval.proposal IS 'The proposal to which the run came; null for the kind limits.';

COMMENT ON COLUMN redress.approval.approved_by IS 'The name that was given; null for the kind limits where none was.';

COMMENT ON COLUMN redress.approval.reason IS 'The reason that was given; null for the kind limits where none was.';

COMMENT ON COLUMN redress.approval.approved_at IS 'When the run''s transaction began.';

COMMENT ON COLUMN redress.approval.database_user IS 'The database user who approved.';

COMMENT ON COLUMN redress.approval.row_digest IS 'SHA-256 of everything else in the row: approval_digest().';

CREATE TABLE redress.carried_forward (
    customer_id text NOT NULL COLLATE pg_catalog."C",
    subscription_id text NOT NULL COLLATE pg_catalog."C",
    incident_id text NOT NULL COLLATE pg_catalog."C",
    billing_month date NOT NULL,
    currency text NOT NULL COLLATE pg_catalog."C",
    run_id bigint NOT NULL,
    CONSTRAINT carried_forward_billing_month_is_a_first CHECK (((date_part('day'::text, billing_month) = (1)::double precision) IS TRUE))
);

COMMENT ON TABLE redress.carried_forward IS 'Credits of earlier months that a run left open, overcredited or on a draft invoice. The next run reads these, and of the other credits only those from run.carried_before on.';

COMMENT ON COLUMN redress.carried_forward.customer_id IS 'Key of the credit: customer.';

COMMENT ON COLUMN redress.carried_forward.subscription_id IS 'Key of the credit: subscription.';

COMMENT ON COLUMN redress.carried_forward.incident_id IS 'Key of the credit: incident.';

COMMENT ON COLUMN redress.carried_forward.billing_month IS 'Key of the credit: billing month, as its first day.';

COMMENT ON COLUMN redress.carried_forward.currency IS 'Key of the credit: ISO 4217 code.';

COMMENT ON COLUMN redress.carried_forward.run_id IS 'The run that carried the credit forward.';

CREATE TABLE redress.decision (
    run_id bigint NOT NULL,
    number integer NOT NULL,
    percent_before_cap_bp integer,
    counted_microseconds bigint NOT NULL,
    outage_ended_at timestamp with time zone,
    tier_longer_than_microseconds bigint,
    clause text COLLATE pg_catalog."C",
    downtime_microseconds bigint,
    period_microseconds bigint,
    severity text COLLATE pg_catalog."C",
    policy_version text COLLATE pg_catalog."C",
    service_id text COLLATE pg_catalog."C",
    plan text COLLATE pg_catalog."C",
    time_zone text COLLATE pg_catalog."C",
    CONSTRAINT decision_has_its_basis CHECK ((((service_id IS NULL) AND (outage_ended_at IS NULL) AND (severity IS NULL) AND (policy_version IS NULL) AND (plan IS NULL) AND (time_zone IS NULL)) OR ((service_id IS NOT NULL) AND (outage_ended_at IS NOT NULL) AND (severity IS NOT NULL) AND (policy_version IS NOT NULL) AND (plan IS NOT NULL) AND (time_zone IS NOT NULL)))),
    CONSTRAINT decision_measures_a_whole_period CHECK ((((downtime_microseconds IS NULL) = (period_microseconds IS NULL)) AND ((period_microseconds IS NULL) OR (period_microseconds > 0)))),
    CONSTRAINT decision_numbers_in_range CHECK (((percent_before_cap_bp >= 0) AND (counted_microseconds >= 0) AND (downtime_microseconds >= 0)))
);

COMMENT ON TABLE redress.decision IS 'What revisions were decided on: a row for all the revisions of a run that share it.';

COMMENT ON COLUMN redress.decision.run_id IS 'The run that decided.';

COMMENT ON COLUMN redress.decision.number IS 'Counts the decisions of the run.';

COMMENT ON COLUMN redress.decision.percent_before_cap_bp IS 'Percentage of the tier or rule before the cap, in basis points; null where it is no whole number of them.';

COMMENT ON COLUMN redress.decision.counted_microseconds IS 'Time counted at severity or worse, in microseconds.';

COMMENT ON COLUMN redress.decision.outage_ended_at IS 'End of the last creditable time that belongs to the incident; null where all was taken back.';

COMMENT ON COLUMN redress.decision.tier_longer_than_microseconds IS 'Threshold of the tier that won, in microseconds; counted time was strictly longer.';

COMMENT ON COLUMN redress.decision.clause IS 'The rule that won, with the one step or unit that did, in one line of the policy language; null where a tier won, or no rule pays.';

COMMENT ON COLUMN redress.decision.downtime_microseconds IS 'Of a rule that measures a period: the time down in it of the incidents up to this one, in whole microseconds.';

COMMENT ON COLUMN redress.decision.period_microseconds IS 'Of a rule that measures a period: its length by the calendar, in microseconds.';

COMMENT ON COLUMN redress.decision.severity IS 'Severity of the tier that won, P0 to P3.';

COMMENT ON COLUMN redress.decision.policy_version IS 'The policy version that decided, in policy_version.';

COMMENT ON COLUMN redress.decision.service_id IS 'Service of the term in force at outage_started_at.';

COMMENT ON COLUMN redress.decision.plan IS 'Plan of the term in force at outage_started_at.';

COMMENT ON COLUMN redress.decision.time_zone IS 'The zone that decided billing_month: the customer''s, else the policy''s.';

CREATE VIEW redress.credit AS
 SELECT stored.customer_id,
    stored.subscription_id,
    stored.incident_id,
    stored.currency,
    stored.revision,
    stored.percent_bp,
    decision.percent_before_cap_bp,
    stored.lines_through,
    stored.billing_month,
    stored.run_id,
    stored.amount_minor,
    decision.counted_microseconds,
    stored.outage_started_at,
    decision.outage_ended_at,
    decision.tier_longer_than_microseconds,
    decision.clause,
    decision.downtime_microseconds,
    decision.period_microseconds,
        CASE
            WHEN (stored.revision = 1) THEN 'grant'::text
            WHEN (stored.amount_minor > 0) THEN 'increase'::text
            ELSE 'decrease'::text
        END AS kind,
    decision.severity,
    stored.monthly_fee,
    stored.month_minor,
    stored.quarter_minor,
    stored.billed_fee,
    decision.policy_version,
    decision.service_id,
    decision.plan,
    stored.customer_name,
    stored.customer_tier,
    decision.time_zone,
    stored.reason,
    stored.terms,
    stored.customer_evidence
   FROM (redress.credit_revision stored
     LEFT JOIN redress.decision ON (((decision.run_id = stored.run_id) AND (decision.number = stored.decision))));

COMMENT ON VIEW redress.credit IS 'The ledger of credits: signed revisions whose sum is what the customer is entitled to.';

COMMENT ON COLUMN redress.credit.customer_id IS 'Who gets the credit.';

COMMENT ON COLUMN redress.credit.subscription_id IS 'The subscription that the fee was paid for.';

COMMENT ON COLUMN redress.credit.incident_id IS 'The incident that caused it.';

COMMENT ON COLUMN redress.credit.currency IS 'ISO 4217 code of every amount in this row.';

COMMENT ON COLUMN redress.credit.revision IS 'Counts the revisions of this key from 1, without gaps.';

COMMENT ON COLUMN redress.credit.percent_bp IS 'Percentage granted after the cap, in basis points; 0 where all was taken back, null where it is no whole number of basis points.';

COMMENT ON COLUMN redress.credit.percent_before_cap_bp IS 'Percentage of the tier or rule before the cap, in basis points; null where it is no whole number of them.';

COMMENT ON COLUMN redress.credit.lines_through IS 'How many lines of this key invoice_adjustment held when the run had finished; 0 is none. A report made later counts these lines only.';

COMMENT ON COLUMN redress.credit.billing_month IS 'The month that the credit belongs to, as its first day: the month of the first creditable instant in time_zone.';

COMMENT ON COLUMN redress.credit.run_id IS 'The run that appended this revision.';

COMMENT ON COLUMN redress.credit.amount_minor IS 'What this revision adds or takes back, in minor units; positive for grant and increase, negative for decrease.';

COMMENT ON COLUMN redress.credit.counted_microseconds IS 'Time counted at severity or worse, in microseconds.';

COMMENT ON COLUMN redress.credit.outage_started_at IS 'First creditable instant that belongs to the incident for this subscription; null where all was taken back.';

COMMENT ON COLUMN redress.credit.outage_ended_at IS 'End of the last creditable time that belongs to the incident; null where all was taken back.';

COMMENT ON COLUMN redress.credit.tier_longer_than_microseconds IS 'Threshold of the tier that won, in microseconds; counted time was strictly longer.';

COMMENT ON COLUMN redress.credit.clause IS 'The rule that won, with the one step or unit that did, in one line of the policy language; null where a tier won, or no rule pays.';

COMMENT ON COLUMN redress.credit.downtime_microseconds IS 'Of a rule that measures a period: the time down in it of the incidents up to this one, in whole microseconds.';

COMMENT ON COLUMN redress.credit.period_microseconds IS 'Of a rule that measures a period: its length by the calendar, in microseconds.';

COMMENT ON COLUMN redress.credit.kind IS 'grant (the first revision), increase or decrease.';

COMMENT ON COLUMN redress.credit.severity IS 'Severity of the tier that won, P0 to P3.';

COMMENT ON COLUMN redress.credit.monthly_fee IS 'Monthly fee of the term in force at outage_started_at, in major units, exact.';

COMMENT ON COLUMN redress.credit.month_minor IS 'What of the whole entitlement is for a measure of the month, in minor units; null for none.';

COMMENT ON COLUMN redress.credit.quarter_minor IS 'What of the whole entitlement is for a measure of the quarter, in minor units; null for none.';

COMMENT ON COLUMN redress.credit.billed_fee IS 'What the terms are billed for the period, in major units, cut to six decimals, where that is the base; null where monthly_fee is.';

COMMENT ON COLUMN redress.credit.policy_version IS 'The policy version that decided, in policy_version.';

COMMENT ON COLUMN redress.credit.service_id IS 'Service of the term in force at outage_started_at.';

COMMENT ON COLUMN redress.credit.plan IS 'Plan of the term in force at outage_started_at.';

COMMENT ON COLUMN redress.credit.customer_name IS 'The customer''s name that night.';

COMMENT ON COLUMN redress.credit.customer_tier IS 'The customer''s tier that night, as the source writes it.';

COMMENT ON COLUMN redress.credit.time_zone IS 'The zone that decided billing_month: the customer''s, else the policy''s.';

COMMENT ON COLUMN redress.credit.reason IS 'Why a decrease: void, not_earned, moved and the like; null for what speaks for itself.';

COMMENT ON COLUMN redress.credit.terms IS 'The subscription''s terms that night, where one term did not cover the whole outage.';

COMMENT ON COLUMN redress.credit.customer_evidence IS 'SHA-256 of the evidence that concerns this customer alone, in incident_evidence; null where there is none.';

CREATE TABLE redress.recorded_month (
    incident_id text NOT NULL COLLATE pg_catalog."C",
    billing_month date NOT NULL,
    first_run_id bigint NOT NULL
);

COMMENT ON TABLE redress.recorded_month IS 'The billing months in which credit has revisions of an incident, so that a night finds what concerns it without reading all of credit.';

COMMENT ON COLUMN redress.recorded_month.incident_id IS 'The incident.';

COMMENT ON COLUMN redress.recorded_month.billing_month IS 'A month with a revision, as its first day.';

COMMENT ON COLUMN redress.recorded_month.first_run_id IS 'The run that appended the first of these revisions.';

CREATE VIEW redress.credited_month AS
 SELECT DISTINCT recorded_month.billing_month
   FROM redress.recorded_month;

COMMENT ON VIEW redress.credited_month IS 'The billing months that have credits: by them the credits of a customer are found.';

COMMENT ON COLUMN redress.credited_month.billing_month IS 'A month with a revision of any incident, as its first day.';

CREATE VIEW redress.entitlement AS
 SELECT recorded.customer_id,
    recorded.subscription_id,
    recorded.incident_id,
    recorded.currency,
    recorded.amount_minor,
    redress.recorded_units(recorded.amount_minor, recorded.currency) AS amount,
    COALESCE(placed.placed_minor, (0)::bigint) AS placed_minor,
    (recorded.amount_minor - COALESCE(placed.placed_minor, (0)::bigint)) AS open_minor,
    recorded.revision,
    recorded.billing_month,
    decision.severity,
    recorded.percent_bp,
    decision.counted_microseconds,
    recorded.outage_started_at,
    decision.outage_ended_at,
    decision.policy_version,
    recorded.run_id
   FROM ((( SELECT stored.customer_id,
            stored.subscription_id,
            stored.incident_id,
            stored.currency,
            stored.revision,
            stored.billing_month,
            stored.run_id,
            stored.decision,
            stored.percent_bp,
            stored.outage_started_at,
            (sum(stored.amount_minor) OVER by_revision)::bigint AS amount_minor,
            lead(stored.revision) OVER by_revision AS next_revision
           FROM (redress.credited_month month
             JOIN redress.credit_revision stored ON ((stored.billing_month = month.billing_month)))
          WINDOW by_revision AS (PARTITION BY stored.billing_month, stored.customer_id, stored.subscription_id, stored.incident_id, stored.currency ORDER BY stored.revision ROWS UNBOUNDED PRECEDING)) recorded
     LEFT JOIN redress.decision ON (((decision.run_id = recorded.run_id) AND (decision.number = recorded.decision))))
     LEFT JOIN ( SELECT line.customer_id,
            line.subscription_id,
            line.incident_id,
            line.billing_month,
            line.currency,
            ((- sum(line.amount_minor)))::bigint AS placed_minor
           FROM (redress.credited_month month
             JOIN redress.invoice_adjustment line ON ((line.billing_month = month.billing_month)))
          GROUP BY line.billing_month, line.customer_id, line.subscription_id, line.incident_id, line.currency) placed ON (((placed.customer_id = recorded.customer_id) AND (placed.subscription_id = recorded.subscription_id) AND (placed.incident_id = recorded.incident_id) AND (placed.billing_month = recorded.billing_month) AND (placed.currency = recorded.currency))))
  WHERE (recorded.next_revision IS NULL);

COMMENT ON VIEW redress.entitlement IS 'What each customer is entitled to, one row for each credit, with what of it is on invoices.';

COMMENT ON COLUMN redress.entitlement.customer_id IS 'Key of the credit: customer.';

COMMENT ON COLUMN redress.entitlement.subscription_id IS 'Key of the credit: subscription.';

COMMENT ON COLUMN redress.entitlement.incident_id IS 'Key of the credit: incident.';

COMMENT ON COLUMN redress.entitlement.currency IS 'Key of the credit: ISO 4217 code.';

COMMENT ON COLUMN redress.entitlement.amount_minor IS 'Sum of the revisions, in minor units; 0 where all was taken back.';

COMMENT ON COLUMN redress.entitlement.amount IS 'The same in major units, with the currency''s decimals.';

COMMENT ON COLUMN redress.entitlement.placed_minor IS 'What invoices carry of it, in minor units, positive.';

COMMENT ON COLUMN redress.entitlement.open_minor IS 'amount_minor - placed_minor; negative where an invoice carries too much.';

COMMENT ON COLUMN redress.entitlement.revision IS 'Number of the newest revision.';

COMMENT ON COLUMN redress.entitlement.billing_month IS 'Key of the credit: the month that it belongs to, as its first day.';

COMMENT ON COLUMN redress.entitlement.severity IS 'Of the newest revision: severity of the tier that won.';

COMMENT ON COLUMN redress.entitlement.percent_bp IS 'Of the newest revision: percentage granted, in basis points.';

COMMENT ON COLUMN redress.entitlement.counted_microseconds IS 'Of the newest revision: counted time, in microseconds.';

COMMENT ON COLUMN redress.entitlement.outage_started_at IS 'Of the newest revision: first creditable instant.';

COMMENT ON COLUMN redress.entitlement.outage_ended_at IS 'Of the newest revision: end of the last creditable time.';

COMMENT ON COLUMN redress.entitlement.policy_version IS 'Of the newest revision: the policy version that decided.';

COMMENT ON COLUMN redress.entitlement.run_id IS 'Of the newest revision: the run that appended it.';

CREATE TABLE redress.finding (
    run_id bigint NOT NULL,
    ordinal integer NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    relation text NOT NULL COLLATE pg_catalog."C",
    key text NOT NULL COLLATE pg_catalog."C",
    problem text NOT NULL,
    remedy text NOT NULL,
    acceptance integer,
    CONSTRAINT finding_ordinal_from_one CHECK ((ordinal >= 1))
);

COMMENT ON TABLE redress.finding IS 'What a run found wrong in its source, or wants a person to look at.';

COMMENT ON COLUMN redress.finding.run_id IS 'The run that found it.';

COMMENT ON COLUMN redress.finding.ordinal IS 'Counts the findings of the run from 1, in the order of its report.';

COMMENT ON COLUMN redress.finding.code IS 'What kind: unknown_customer, reversed_window and the like.';

COMMENT ON COLUMN redress.finding.relation IS 'The relation that the row is in, without its schema.';

COMMENT ON COLUMN redress.finding.key IS 'The row''s key, its parts joined with '' / '' where there are several.';

COMMENT ON COLUMN redress.finding.problem IS 'What is wrong, with the values seen.';

COMMENT ON COLUMN redress.finding.remedy IS 'What to do about it.';

COMMENT ON COLUMN redress.finding.acceptance IS 'The decision in finding_acceptance that the run took for this finding; null where nobody had accepted it.';

CREATE TABLE redress.finding_acceptance (
    number integer NOT NULL,
    action text NOT NULL COLLATE pg_catalog."C",
    code text NOT NULL COLLATE pg_catalog."C",
    relation text NOT NULL COLLATE pg_catalog."C",
    key text NOT NULL COLLATE pg_catalog."C",
    problem text NOT NULL COLLATE pg_catalog."C",
    reason text NOT NULL,
    until_date date,
    run_id bigint NOT NULL,
    noted_at timestamp with time zone NOT NULL,
    noted_by text NOT NULL,
    digest bytea NOT NULL,
    CONSTRAINT finding_acceptance_digest_is_sha256 CHECK ((octet_length(digest) = 32)),
    CONSTRAINT finding_acceptance_ends_on_a_day CHECK (isfinite(until_date)),
    CONSTRAINT finding_acceptance_has_its_reason CHECK ((btrim(reason) <> ''::text)),
    CONSTRAINT finding_acceptance_is_a_decision CHECK (((number >= 1) AND (action = ANY (ARRAY['accept'::text, 'withdraw'::text])) AND ((action = 'accept'::text) OR (until_date IS NULL))))
);

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

CREATE TABLE redress.handover (
    customer_id text NOT NULL COLLATE pg_catalog."C",
    message_key text NOT NULL COLLATE pg_catalog."C",
    entry integer NOT NULL,
    attempt integer NOT NULL,
    answer text NOT NULL COLLATE pg_catalog."C",
    system text NOT NULL COLLATE pg_catalog."C",
    invoice_id text NOT NULL COLLATE pg_catalog."C",
    currency text NOT NULL COLLATE pg_catalog."C",
    subscription_id text COLLATE pg_catalog."C",
    incident_id text COLLATE pg_catalog."C",
    billing_month date,
    line integer,
    amount_minor bigint NOT NULL,
    said text NOT NULL COLLATE pg_catalog."C",
    remote_id text COLLATE pg_catalog."C",
    message text,
    noted_at timestamp with time zone DEFAULT now() NOT NULL,
    noted_by text DEFAULT SESSION_USER NOT NULL,
    digest bytea NOT NULL,
    CONSTRAINT handover_answer_is_listed CHECK ((answer = ANY (ARRAY['begun'::text, 'sent'::text, 'refused'::text, 'unknown'::text]))),
    CONSTRAINT handover_counts_from_one CHECK (((entry >= 1) AND (attempt >= 1))),
    CONSTRAINT handover_digest_is_sha256 CHECK ((octet_length(digest) = 32)),
    CONSTRAINT handover_has_its_key CHECK (((customer_id <> ''::text) AND (message_key <> ''::text) AND (amount_minor <> 0))),
    CONSTRAINT handover_names_a_line CHECK ((((line IS NOT NULL) = starts_with(invoice_id, 'balance:'::text)) AND ((line IS NULL) = (subscription_id IS NULL)) AND ((line IS NULL) = (incident_id IS NULL)) AND ((line IS NULL) = (billing_month IS NULL)))),
    CONSTRAINT handover_system_is_listed CHECK ((system = ANY (ARRAY['stripe'::text, 'lago'::text, 'killbill'::text, 'other'::text])))
);

COMMENT ON TABLE redress.handover IS 'What was handed to other systems: an entry for each attempt that was begun, and for each answer.';

COMMENT ON COLUMN redress.handover.customer_id IS 'Whose credit it is.';

COMMENT ON COLUMN redress.handover.message_key IS 'The key of the message: redress- and the SHA-256 of the ledger''s id and the key of the line, or of the invoice.';

COMMENT ON COLUMN redress.handover.entry IS 'Counts the entries of the message from 1, without gaps.';

COMMENT ON COLUMN redress.handover.attempt IS 'Counts the attempts to send it from 1; an answer has the number of its attempt.';

COMMENT ON COLUMN redress.handover.answer IS 'begun: noted before it is sent. sent: the other system has it. refused: it will not take it. unknown: nobody knows.';

COMMENT ON COLUMN redress.handover.system IS 'stripe, lago, killbill or other.';

COMMENT ON COLUMN redress.handover.invoice_id IS 'The pseudo invoice of the line, or the invoice of the credit note.';

COMMENT ON COLUMN redress.handover.currency IS 'ISO 4217 code of the amounts.';

COMMENT ON COLUMN redress.handover.subscription_id IS 'Key of the line: subscription; null of a credit note.';

COMMENT ON COLUMN redress.handover.incident_id IS 'Key of the line: incident; null of a credit note.';

COMMENT ON COLUMN redress.handover.billing_month IS 'Key of the line: billing month, as its first day; null of a credit note.';

COMMENT ON COLUMN redress.handover.line IS 'Key of the line: its number; null of a credit note.';

COMMENT ON COLUMN redress.handover.amount_minor IS 'The amount of the line, or what the invoice carries, in minor units; negative is for the customer.';

COMMENT ON COLUMN redress.handover.said IS 'The amount as the message says it, in the other system''s units.';

COMMENT ON COLUMN redress.handover.remote_id IS 'The id that the other system gave it; null where none is known.';

COMMENT ON COLUMN redress.handover.message IS 'What the other system said to it; null for nothing.';

COMMENT ON COLUMN redress.handover.noted_at IS 'When the entry''s transaction began.';

COMMENT ON COLUMN redress.handover.noted_by IS 'The database user who noted it.';

COMMENT ON COLUMN redress.handover.digest IS 'SHA-256 of everything else in the row: handover_digest().';

CREATE TABLE redress.incident_evidence (
    customer_id text NOT NULL COLLATE pg_catalog."C",
    digest bytea NOT NULL,
    content text NOT NULL,
    CONSTRAINT incident_evidence_digest_is_sha256 CHECK ((octet_length(digest) = 32))
);

COMMENT ON TABLE redress.incident_evidence IS 'Incidents, outage windows and exclusions as a run saw them, stored once for each content.';

COMMENT ON COLUMN redress.incident_evidence.customer_id IS 'The customer whom the rows concern; empty for what all customers share.';

COMMENT ON COLUMN redress.incident_evidence.digest IS 'SHA-256 of content, in UTF-8.';

COMMENT ON COLUMN redress.incident_evidence.content IS 'The frozen source rows.';

CREATE TABLE redress.ledger (
    ledger_id uuid DEFAULT gen_random_uuid() NOT NULL,
    is_only_row boolean DEFAULT true NOT NULL,
    CONSTRAINT ledger_has_one_row CHECK (is_only_row)
);

COMMENT ON TABLE redress.ledger IS 'This ledger: one row.';

COMMENT ON COLUMN redress.ledger.ledger_id IS 'Made at random by the migration; in the totals of every run.';

COMMENT ON COLUMN redress.ledger.is_only_row IS 'Always true: keeps the table to one row.';

CREATE TABLE redress.month_closing (
    number bigint NOT NULL,
    action text NOT NULL COLLATE pg_catalog."C",
    month date NOT NULL,
    reason text NOT NULL,
    decided_at timestamp with time zone DEFAULT now() NOT NULL,
    decided_by text DEFAULT SESSION_USER NOT NULL,
    after_run bigint NOT NULL,
    digest bytea NOT NULL,
    CONSTRAINT month_closing_action_is_listed CHECK ((action = ANY (ARRAY['close'::text, 'reopen'::text]))),
    CONSTRAINT month_closing_digest_is_sha256 CHECK ((octet_length(digest) = 32)),
    CONSTRAINT month_closing_has_a_reason CHECK ((reason <> ''::text)),
    CONSTRAINT month_closing_is_counted CHECK (((number >= 1) AND (after_run >= 0))),
    CONSTRAINT month_closing_month_is_a_first CHECK (((date_part('day'::text, month) = (1)::double precision) IS TRUE))
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

CREATE TABLE redress.severity_observation (
    incident_id text NOT NULL COLLATE pg_catalog."C",
    service_id text NOT NULL COLLATE pg_catalog."C",
    customer_id text NOT NULL COLLATE pg_catalog."C",
    number integer NOT NULL,
    observed_at timestamp with time zone DEFAULT now() NOT NULL,
    observed_by text DEFAULT SESSION_USER NOT NULL COLLATE pg_catalog."C",
    is_gone boolean NOT NULL,
    severity text COLLATE pg_catalog."C",
    since timestamp with time zone,
    CONSTRAINT severity_observation_is_finite CHECK ((isfinite(observed_at) AND ((since IS NULL) OR isfinite(since)))),
    CONSTRAINT severity_observation_is_of_something CHECK (((incident_id <> ''::text) AND (number >= 1))),
    CONSTRAINT severity_observation_is_whole CHECK (
CASE
    WHEN is_gone THEN (num_nonnulls(severity, since) = 0)
    ELSE (severity IS NOT NULL)
END)
);

COMMENT ON TABLE redress.severity_observation IS 'What redress_source.present_severity has shown of each open incident, a row for each time that it was different.';

COMMENT ON COLUMN redress.severity_observation.incident_id IS 'The incident.';

COMMENT ON COLUMN redress.severity_observation.service_id IS 'The service that is down; empty for all.';

COMMENT ON COLUMN redress.severity_observation.customer_id IS 'The customer who is affected; empty for all.';

COMMENT ON COLUMN redress.severity_observation.number IS 'Counts the observations of the three from 1.';

COMMENT ON COLUMN redress.severity_observation.observed_at IS 'When the observing transaction began, by the server''s clock.';

COMMENT ON COLUMN redress.severity_observation.observed_by IS 'The database user who observed it.';

COMMENT ON COLUMN redress.severity_observation.is_gone IS 'Whether it was not shown any more. Then the columns after this one are null.';

COMMENT ON COLUMN redress.severity_observation.severity IS 'As it was shown.';

COMMENT ON COLUMN redress.severity_observation.since IS 'When what is shown began, as far as the source knows; else null.';

CREATE VIEW redress.observed_severity AS
 WITH shown AS (
         SELECT severity_observation.incident_id,
            severity_observation.service_id,
            severity_observation.customer_id,
            severity_observation.number,
            severity_observation.observed_at,
            severity_observation.observed_by,
            severity_observation.is_gone,
            severity_observation.severity,
            severity_observation.since,
            max(severity_observation.observed_at) OVER so_far AS seen_at,
            lag(severity_observation.since) OVER so_far AS since_before,
            lag(severity_observation.is_gone, 1, true) OVER so_far AS was_gone,
            ((NOT severity_observation.is_gone) AND (severity_observation.severity IS DISTINCT FROM lag(severity_observation.severity) OVER so_far)) AS is_first
           FROM redress.severity_observation
          WINDOW so_far AS (PARTITION BY severity_observation.incident_id, severity_observation.service_id, severity_observation.customer_id ORDER BY severity_observation.number)
        ), begun AS (
         SELECT shown.incident_id,
            shown.service_id,
            shown.customer_id,
            shown.number,
            shown.observed_at,
            shown.observed_by,
            shown.is_gone,
            shown.severity,
            shown.since,
            shown.seen_at,
            shown.since_before,
            shown.was_gone,
            shown.is_first,
                CASE
                    WHEN (shown.is_first AND (shown.was_gone OR (shown.since > shown.since_before))) THEN COALESCE(shown.since, shown.seen_at)
                    WHEN (shown.is_first OR shown.is_gone) THEN shown.seen_at
                    ELSE NULL::timestamp with time zone
                END AS begins
           FROM shown
        ), stretches AS (
         SELECT begun.incident_id,
            begun.service_id,
            begun.customer_id,
            begun.number,
            begun.observed_at,
            begun.observed_by,
            begun.is_gone,
            begun.severity,
            begun.since,
            begun.seen_at,
            begun.since_before,
            begun.was_gone,
            begun.is_first,
            begun.begins,
            max(begun.begins) OVER (PARTITION BY begun.incident_id, begun.service_id, begun.customer_id ORDER BY begun.number) AS started_at
           FROM begun
          WHERE (begun.is_first OR begun.is_gone)
        ), bounded AS (
         SELECT stretches.incident_id,
            stretches.service_id,
            stretches.customer_id,
            stretches.number,
            stretches.observed_at,
            stretches.observed_by,
            stretches.is_gone,
            stretches.severity,
            stretches.since,
            stretches.seen_at,
            stretches.since_before,
            stretches.was_gone,
            stretches.is_first,
            stretches.begins,
            stretches.started_at,
            lead(stretches.started_at) OVER (PARTITION BY stretches.incident_id, stretches.service_id, stretches.customer_id ORDER BY stretches.number) AS ended_at
           FROM stretches
        )
 SELECT bounded.incident_id,
    bounded.severity,
    NULLIF(bounded.service_id, ''::text) AS service_id,
    NULLIF(bounded.customer_id, ''::text) AS customer_id,
    bounded.started_at,
    bounded.ended_at
   FROM bounded
  WHERE (bounded.is_first AND ((bounded.ended_at IS NULL) OR (bounded.started_at < bounded.ended_at)));

COMMENT ON VIEW redress.observed_severity IS 'The observed severities in the columns of redress_source.outage. A stretch has no end until another severity was seen, or none any more.';

COMMENT ON COLUMN redress.observed_severity.incident_id IS 'The incident.';

COMMENT ON COLUMN redress.observed_severity.severity IS 'Its severity during the stretch.';

COMMENT ON COLUMN redress.observed_severity.service_id IS 'The service that was down; null for all.';

COMMENT ON COLUMN redress.observed_severity.customer_id IS 'The customer who was affected; null for all.';

COMMENT ON COLUMN redress.observed_severity.started_at IS 'When it began, as far as the source said it; else when it was seen.';

COMMENT ON COLUMN redress.observed_severity.ended_at IS 'When another severity was seen, or none any more; null while it lasts.';

CREATE TABLE redress.term_observation (
    subscription_id text NOT NULL COLLATE pg_catalog."C",
    number integer NOT NULL,
    observed_at timestamp with time zone DEFAULT now() NOT NULL,
    observed_by text DEFAULT SESSION_USER NOT NULL COLLATE pg_catalog."C",
    is_gone boolean NOT NULL,
    customer_id text COLLATE pg_catalog."C",
    service_id text COLLATE pg_catalog."C",
    plan text COLLATE pg_catalog."C",
    monthly_fee numeric,
    currency text COLLATE pg_catalog."C",
    since timestamp with time zone,
    until timestamp with time zone,
    CONSTRAINT term_observation_is_finite CHECK ((isfinite(observed_at) AND ((since IS NULL) OR isfinite(since)) AND ((until IS NULL) OR isfinite(until)) AND (monthly_fee <> ALL (ARRAY['NaN'::numeric, 'Infinity'::numeric, '-Infinity'::numeric])))),
    CONSTRAINT term_observation_is_of_something CHECK (((subscription_id <> ''::text) AND (number >= 1))),
    CONSTRAINT term_observation_is_whole CHECK (
CASE
    WHEN is_gone THEN (num_nonnulls(customer_id, service_id, plan, monthly_fee, currency, since, until) = 0)
    ELSE (num_nulls(customer_id, service_id, plan, monthly_fee, currency) = 0)
END)
);

COMMENT ON TABLE redress.term_observation IS 'What redress_source.present_term has shown of each subscription, a row for each time that it was different.';

COMMENT ON COLUMN redress.term_observation.subscription_id IS 'The subscription.';

COMMENT ON COLUMN redress.term_observation.number IS 'Counts the observations of the subscription from 1.';

COMMENT ON COLUMN redress.term_observation.observed_at IS 'When the observing transaction began, by the server''s clock.';

COMMENT ON COLUMN redress.term_observation.observed_by IS 'The database user who observed it.';

COMMENT ON COLUMN redress.term_observation.is_gone IS 'Whether the subscription was not shown any more. Then the columns after this one are null.';

COMMENT ON COLUMN redress.term_observation.customer_id IS 'The customer, as it was shown.';

COMMENT ON COLUMN redress.term_observation.service_id IS 'The service, as it was shown.';

COMMENT ON COLUMN redress.term_observation.plan IS 'The plan, as it was shown.';

COMMENT ON COLUMN redress.term_observation.monthly_fee IS 'The monthly fee in major units, as it was shown.';

COMMENT ON COLUMN redress.term_observation.currency IS 'The currency of the fee, as it was shown.';

COMMENT ON COLUMN redress.term_observation.since IS 'When what is shown began, as far as the source knows; else null.';

COMMENT ON COLUMN redress.term_observation.until IS 'When it is going to end, as far as the source knows; else null.';

CREATE VIEW redress.observed_term AS
 WITH shown AS (
         SELECT term_observation.subscription_id,
            term_observation.number,
            term_observation.observed_at,
            term_observation.observed_by,
            term_observation.is_gone,
            term_observation.customer_id,
            term_observation.service_id,
            term_observation.plan,
            term_observation.monthly_fee,
            term_observation.currency,
            term_observation.since,
            term_observation.until,
            max(term_observation.observed_at) OVER so_far AS seen_at,
            lag(term_observation.since) OVER so_far AS since_before,
            lag(term_observation.until) OVER so_far AS until_before,
            lag(term_observation.is_gone, 1, true) OVER so_far AS was_gone,
            ((NOT term_observation.is_gone) AND (((((term_observation.customer_id IS DISTINCT FROM lag(term_observation.customer_id) OVER so_far) OR (term_observation.service_id IS DISTINCT FROM lag(term_observation.service_id) OVER so_far)) OR (term_observation.plan IS DISTINCT FROM lag(term_observation.plan) OVER so_far)) OR (term_observation.monthly_fee IS DISTINCT FROM lag(term_observation.monthly_fee) OVER so_far)) OR (term_observation.currency IS DISTINCT FROM lag(term_observation.currency) OVER so_far))) AS is_first
           FROM redress.term_observation
          WINDOW so_far AS (PARTITION BY term_observation.subscription_id ORDER BY term_observation.number)
        ), numbered AS (
         SELECT shown.subscription_id,
            shown.number,
            shown.observed_at,
            shown.observed_by,
            shown.is_gone,
            shown.customer_id,
            shown.service_id,
            shown.plan,
            shown.monthly_fee,
            shown.currency,
            shown.since,
            shown.until,
            shown.seen_at,
            shown.since_before,
            shown.until_before,
            shown.was_gone,
            shown.is_first,
            count(*) FILTER (WHERE shown.is_first) OVER (PARTITION BY shown.subscription_id ORDER BY shown.number) AS term,
                CASE
                    WHEN shown.is_gone THEN LEAST(shown.until_before, shown.seen_at)
                    ELSE shown.until
                END AS ends
           FROM shown
        ), ended AS (
         SELECT numbered.subscription_id,
            numbered.number,
            numbered.observed_at,
            numbered.observed_by,
            numbered.is_gone,
            numbered.customer_id,
            numbered.service_id,
            numbered.plan,
            numbered.monthly_fee,
            numbered.currency,
            numbered.since,
            numbered.until,
            numbered.seen_at,
            numbered.since_before,
            numbered.until_before,
            numbered.was_gone,
            numbered.is_first,
            numbered.term,
            numbered.ends,
            first_value(numbered.ends) OVER newest_first AS term_ends,
            first_value(numbered.is_gone) OVER newest_first AS term_is_gone,
                CASE
                    WHEN (numbered.was_gone OR (numbered.since > numbered.since_before)) THEN COALESCE(numbered.since, numbered.seen_at)
                    ELSE numbered.seen_at
                END AS begins
           FROM numbered
          WINDOW newest_first AS (PARTITION BY numbered.subscription_id, numbered.term ORDER BY numbered.number DESC)
        ), begun AS (
         SELECT ended.subscription_id,
            ended.number,
            ended.observed_at,
            ended.observed_by,
            ended.is_gone,
            ended.customer_id,
            ended.service_id,
            ended.plan,
            ended.monthly_fee,
            ended.currency,
            ended.since,
            ended.until,
            ended.seen_at,
            ended.since_before,
            ended.until_before,
            ended.was_gone,
            ended.is_first,
            ended.term,
            ended.ends,
            ended.term_ends,
            ended.term_is_gone,
            ended.begins,
            GREATEST(ended.begins, max(
                CASE
                    WHEN ended.term_is_gone THEN ended.term_ends
                    ELSE ended.begins
                END) OVER (PARTITION BY ended.subscription_id ORDER BY ended.term ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) AS valid_from
           FROM ended
          WHERE ended.is_first
        ), bounded AS (
         SELECT begun.subscription_id,
            begun.number,
            begun.observed_at,
            begun.observed_by,
            begun.is_gone,
            begun.customer_id,
            begun.service_id,
            begun.plan,
            begun.monthly_fee,
            begun.currency,
            begun.since,
            begun.until,
            begun.seen_at,
            begun.since_before,
            begun.until_before,
            begun.was_gone,
            begun.is_first,
            begun.term,
            begun.ends,
            begun.term_ends,
            begun.term_is_gone,
            begun.begins,
            begun.valid_from,
            LEAST(begun.term_ends, lead(begun.valid_from) OVER (PARTITION BY begun.subscription_id ORDER BY begun.term)) AS valid_to
           FROM begun
        )
 SELECT bounded.subscription_id,
    bounded.customer_id,
    bounded.service_id,
    bounded.plan,
    bounded.monthly_fee,
    bounded.currency,
    bounded.valid_from,
    bounded.valid_to
   FROM bounded
  WHERE ((bounded.valid_to IS NULL) OR (bounded.valid_from < bounded.valid_to));

COMMENT ON VIEW redress.observed_term IS 'The observed terms in the columns of redress_source.subscription_term. The terms of a subscription do not overlap.';

COMMENT ON COLUMN redress.observed_term.subscription_id IS 'The subscription.';

COMMENT ON COLUMN redress.observed_term.customer_id IS 'Its customer during the term.';

COMMENT ON COLUMN redress.observed_term.service_id IS 'The service that it is for.';

COMMENT ON COLUMN redress.observed_term.plan IS 'Its plan during the term.';

COMMENT ON COLUMN redress.observed_term.monthly_fee IS 'Its monthly fee in major units.';

COMMENT ON COLUMN redress.observed_term.currency IS 'The currency of the fee.';

COMMENT ON COLUMN redress.observed_term.valid_from IS 'When the term began, as far as the source said it; else when it was seen.';

COMMENT ON COLUMN redress.observed_term.valid_to IS 'When it ended or is going to; null for no end.';

CREATE VIEW redress.open_credit AS
 SELECT entitlement.customer_id,
    entitlement.currency,
    sum((entitlement.open_minor)::numeric) AS open_minor,
    sum(redress.recorded_units(entitlement.open_minor, entitlement.currency)) AS amount,
    count(*) AS credits
   FROM redress.entitlement
  WHERE (entitlement.open_minor > 0)
  GROUP BY entitlement.customer_id, entitlement.currency;

COMMENT ON VIEW redress.open_credit IS 'What the next invoice will get, by customer and currency, if it is large enough.';

COMMENT ON COLUMN redress.open_credit.customer_id IS 'The customer.';

COMMENT ON COLUMN redress.open_credit.currency IS 'ISO 4217 code; an invoice takes credits of its own currency only.';

COMMENT ON COLUMN redress.open_credit.open_minor IS 'Sum of what is open of each credit, in minor units; more than 0.';

COMMENT ON COLUMN redress.open_credit.amount IS 'The same in major units, with the currency''s decimals.';

COMMENT ON COLUMN redress.open_credit.credits IS 'How many credits are open.';

CREATE TABLE redress.placement (
    customer_id text NOT NULL COLLATE pg_catalog."C",
    invoice_id text NOT NULL COLLATE pg_catalog."C",
    currency text NOT NULL COLLATE pg_catalog."C",
    number integer NOT NULL,
    placed_at timestamp with time zone NOT NULL,
    placed_by text NOT NULL,
    amount_due numeric,
    lines bigint NOT NULL,
    lines_checksum numeric NOT NULL,
    digest bytea NOT NULL,
    CONSTRAINT placement_adds_lines CHECK (((lines >= 1) AND (number >= 1))),
    CONSTRAINT placement_digest_is_sha256 CHECK ((octet_length(digest) = 32)),
    CONSTRAINT placement_ids_are_not_empty CHECK (((customer_id <> ''::text) AND (invoice_id <> ''::text))),
    CONSTRAINT placement_is_no_balance CHECK ((NOT starts_with(invoice_id, 'balance:'::text))),
    CONSTRAINT placement_is_not_set_off CHECK ((invoice_id <> 'set-off'::text))
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

CREATE TABLE redress.policy_adoption (
    number bigint NOT NULL,
    policy_digest bytea NOT NULL,
    after_run bigint NOT NULL,
    restate_from date,
    note text NOT NULL,
    adopted_at timestamp with time zone DEFAULT now() NOT NULL,
    adopted_by text DEFAULT SESSION_USER NOT NULL,
    digest bytea NOT NULL,
    CONSTRAINT policy_adoption_digests_are_sha256 CHECK (((octet_length(policy_digest) = 32) AND (octet_length(digest) = 32))),
    CONSTRAINT policy_adoption_has_note CHECK ((note <> ''::text)),
    CONSTRAINT policy_adoption_numbered_from_1 CHECK (((number >= 1) AND (after_run >= 0))),
    CONSTRAINT policy_adoption_restates_from_first CHECK (((restate_from IS NULL) OR (((date_part('day'::text, restate_from) = (1)::double precision) AND (restate_from < '10000-01-01'::date)) IS TRUE)))
);

COMMENT ON TABLE redress.policy_adoption IS 'Every policy file that was adopted. The one with the highest number is in force; without any it is the built-in policy.';

COMMENT ON COLUMN redress.policy_adoption.number IS 'Counts the adoptions from 1, without gaps.';

COMMENT ON COLUMN redress.policy_adoption.policy_digest IS 'SHA-256 of the file; its content is in policy_file.';

COMMENT ON COLUMN redress.policy_adoption.after_run IS 'The newest run at that time, 0 before the first. Every later run used this policy, up to the next adoption.';

COMMENT ON COLUMN redress.policy_adoption.restate_from IS 'First day of the month from which months that were recorded already may be decided anew under this policy; null if none may.';

COMMENT ON COLUMN redress.policy_adoption.note IS 'Why, in the words of whoever adopted it.';

COMMENT ON COLUMN redress.policy_adoption.adopted_at IS 'When the adoption''s transaction began.';

COMMENT ON COLUMN redress.policy_adoption.adopted_by IS 'The database user who adopted it.';

COMMENT ON COLUMN redress.policy_adoption.digest IS 'SHA-256 of the row, the ledger''s id and the digest of the adoption before, so that they make a chain; `redress verify` knows how.';

CREATE TABLE redress.policy_file (
    digest bytea NOT NULL,
    content bytea NOT NULL,
    CONSTRAINT policy_file_digest_is_sha256 CHECK ((octet_length(digest) = 32))
);

COMMENT ON TABLE redress.policy_file IS 'Every policy file that a run has read, byte for byte, stored once for each content.';

COMMENT ON COLUMN redress.policy_file.digest IS 'SHA-256 of content; run.policy_digest points here.';

COMMENT ON COLUMN redress.policy_file.content IS 'The file, in UTF-8: convert_from(content, ''UTF8'').';

CREATE TABLE redress.policy_version (
    version text NOT NULL COLLATE pg_catalog."C",
    digest bytea NOT NULL,
    content text NOT NULL,
    effective_from date NOT NULL,
    time_zone text NOT NULL COLLATE pg_catalog."C",
    first_run_id bigint NOT NULL,
    CONSTRAINT policy_version_digest_is_sha256 CHECK ((octet_length(digest) = 32))
);

COMMENT ON TABLE redress.policy_version IS 'Every policy version that a run has used, whole. Frozen: the same version with other content is refused.';

COMMENT ON COLUMN redress.policy_version.version IS 'The version''s name in the policy file.';

COMMENT ON COLUMN redress.policy_version.digest IS 'SHA-256 of content, in UTF-8.';

COMMENT ON COLUMN redress.policy_version.content IS 'The version in canonical form, with everything that it inherits written out.';

COMMENT ON COLUMN redress.policy_version.effective_from IS 'In force from midnight of this day in time_zone.';

COMMENT ON COLUMN redress.policy_version.time_zone IS 'IANA name; also the zone of customers who have none.';

COMMENT ON COLUMN redress.policy_version.first_run_id IS 'The first run that used the version.';

CREATE TABLE redress.proposal (
    digest bytea NOT NULL,
    as_of timestamp with time zone NOT NULL,
    month_from date NOT NULL,
    month_through date NOT NULL,
    policy_digest bytea NOT NULL,
    credits_digest bytea NOT NULL,
    findings_digest bytea NOT NULL,
    revisions bigint NOT NULL,
    invoice_lines bigint NOT NULL,
    findings bigint NOT NULL,
    amounts jsonb NOT NULL,
    limits jsonb NOT NULL,
    program_version text NOT NULL COLLATE pg_catalog."C",
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    run_by text DEFAULT SESSION_USER NOT NULL COLLATE pg_catalog."C",
    row_digest bytea NOT NULL,
    CONSTRAINT proposal_amounts_by_currency CHECK ((jsonb_typeof(amounts) = 'object'::text)),
    CONSTRAINT proposal_counts_not_negative CHECK (((revisions >= 0) AND (invoice_lines >= 0) AND (findings >= 0))),
    CONSTRAINT proposal_digests_are_sha256 CHECK (((octet_length(digest) = 32) AND (octet_length(policy_digest) = 32) AND (octet_length(credits_digest) = 32) AND (octet_length(findings_digest) = 32) AND (octet_length(row_digest) = 32))),
    CONSTRAINT proposal_limits_are_a_list CHECK ((jsonb_typeof(limits) = 'array'::text)),
    CONSTRAINT proposal_months_are_firsts_in_order CHECK ((((month_from <= month_through) AND (date_part('day'::text, month_from) = (1)::double precision) AND (date_part('day'::text, month_through) = (1)::double precision)) IS TRUE))
);

COMMENT ON TABLE redress.proposal IS 'What runs came to that were held, once for each content. Nothing of it is in the ledger.';

COMMENT ON COLUMN redress.proposal.digest IS 'SHA-256 of what would be committed, whatever the run''s number and the clock: policy, months, the two CSVs without the run''s number, and the rows.';

COMMENT ON COLUMN redress.proposal.as_of IS 'The instant that the run took for now; an approved run takes the same.';

COMMENT ON COLUMN redress.proposal.month_from IS 'First billing month that was reconciled, as its first day.';

COMMENT ON COLUMN redress.proposal.month_through IS 'Last billing month that was reconciled, as its first day; included.';

COMMENT ON COLUMN redress.proposal.policy_digest IS 'SHA-256 of the policy file, which is in policy_file.';

COMMENT ON COLUMN redress.proposal.credits_digest IS 'SHA-256 of the CSV of credits that was to be read.';

COMMENT ON COLUMN redress.proposal.findings_digest IS 'SHA-256 of the CSV of findings that was to be read.';

COMMENT ON COLUMN redress.proposal.revisions IS 'Rows that the run would have appended to credit.';

COMMENT ON COLUMN redress.proposal.invoice_lines IS 'Rows that the run would have appended to invoice_adjustment.';

COMMENT ON COLUMN redress.proposal.findings IS 'Rows that the run would have appended to finding.';

COMMENT ON COLUMN redress.proposal.amounts IS 'What the run would have granted and taken back, by currency, in major units: {"USD": {"granted": "120.00", "taken_back": "0.00"}}.';

COMMENT ON COLUMN redress.proposal.limits IS 'The limits that were passed, a sentence each; empty where an approved run came to something else.';

COMMENT ON COLUMN redress.proposal.program_version IS 'The version of redress that made it.';

COMMENT ON COLUMN redress.proposal.recorded_at IS 'When it was first recorded.';

COMMENT ON COLUMN redress.proposal.run_by IS 'The database user whose run it was.';

COMMENT ON COLUMN redress.proposal.row_digest IS 'SHA-256 of everything else in the row: proposal_digest().';

CREATE TABLE redress.run (
    run_id bigint NOT NULL,
    started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone NOT NULL,
    as_of timestamp with time zone NOT NULL,
    month_from date NOT NULL,
    month_through date NOT NULL,
    policy_digest bytea NOT NULL,
    evidence_digest bytea NOT NULL,
    program_version text NOT NULL,
    run_by text DEFAULT SESSION_USER NOT NULL,
    limits_approved boolean NOT NULL,
    revisions bigint NOT NULL,
    invoice_lines bigint NOT NULL,
    findings bigint NOT NULL,
    customers bigint NOT NULL,
    subscriptions bigint NOT NULL,
    monthly_fees jsonb NOT NULL,
    schema_version integer NOT NULL,
    credits_digest bytea NOT NULL,
    findings_digest bytea NOT NULL,
    credits_checksum bigint NOT NULL,
    lines_checksum bigint NOT NULL,
    carried_before date NOT NULL,
    carried_by bigint NOT NULL,
    carried bigint NOT NULL,
    carried_checksum bigint NOT NULL,
    posted_on date NOT NULL,
    closed_through date,
    acceptances integer,
    invoice_lines_digest bytea,
    byte_order_mark boolean,
    limit_fees jsonb,
    CONSTRAINT run_closed_through_is_a_first CHECK (((closed_through IS NULL) OR ((date_part('day'::text, closed_through) = (1)::double precision) IS TRUE))),
    CONSTRAINT run_counts_not_negative CHECK (((revisions >= 0) AND (invoice_lines >= 0) AND (findings >= 0) AND (customers >= 0) AND (subscriptions >= 0))),
    CONSTRAINT run_digests_are_sha256 CHECK (((octet_length(policy_digest) = 32) AND (octet_length(evidence_digest) = 32))),
    CONSTRAINT run_finished_after_it_started CHECK (((started_at <= finished_at) AND isfinite(as_of))),
    CONSTRAINT run_invoice_lines_digest_is_sha256 CHECK ((octet_length(invoice_lines_digest) = 32)),
    CONSTRAINT run_limit_fees_by_currency CHECK ((jsonb_typeof(limit_fees) = 'object'::text)),
    CONSTRAINT run_monthly_fees_by_currency CHECK ((jsonb_typeof(monthly_fees) = 'object'::text)),
    CONSTRAINT run_months_are_firsts_in_order CHECK ((((month_from <= month_through) AND (date_part('day'::text, month_from) = (1)::double precision) AND (date_part('day'::text, month_through) = (1)::double precision)) IS TRUE)),
    CONSTRAINT run_posted_in_an_open_month CHECK (((closed_through IS NULL) OR (posted_on >= (closed_through + '1 mon'::interval)))),
    CONSTRAINT run_posted_on_is_finite CHECK (isfinite(posted_on)),
    CONSTRAINT run_report_digests_are_sha256 CHECK (((octet_length(credits_digest) = 32) AND (octet_length(findings_digest) = 32)))
);

COMMENT ON TABLE redress.run IS 'One row for each committed run.';

COMMENT ON COLUMN redress.run.run_id IS 'Counts the committed runs from 1, without gaps.';

COMMENT ON COLUMN redress.run.started_at IS 'When the run''s transaction began.';

COMMENT ON COLUMN redress.run.finished_at IS 'When the last row was written, just before COMMIT.';

COMMENT ON COLUMN redress.run.as_of IS 'The instant that the run took for now; an incident resolved later counted as open.';

COMMENT ON COLUMN redress.run.month_from IS 'First billing month that was reconciled, as its first day.';

COMMENT ON COLUMN redress.run.month_through IS 'Last billing month that was reconciled, as its first day; included.';

COMMENT ON COLUMN redress.run.policy_digest IS 'SHA-256 of the policy file, or of the built-in policy''s text.';

COMMENT ON COLUMN redress.run.evidence_digest IS 'SHA-256 of the evidence that all customers of this run share; in incident_evidence under customer_id ''''.';

COMMENT ON COLUMN redress.run.program_version IS 'The version of redress that made the run.';

COMMENT ON COLUMN redress.run.run_by IS 'The database user who made the run.';

COMMENT ON COLUMN redress.run.limits_approved IS 'Whether a person let the run through past the policy''s limits; approval says who, and what they had read.';

COMMENT ON COLUMN redress.run.revisions IS 'Rows that the run appended to credit.';

COMMENT ON COLUMN redress.run.invoice_lines IS 'Rows that the run appended to invoice_adjustment.';

COMMENT ON COLUMN redress.run.findings IS 'Rows that the run appended to finding.';

COMMENT ON COLUMN redress.run.customers IS 'Customers that the run read from the source.';

COMMENT ON COLUMN redress.run.subscriptions IS 'Subscriptions that the run read from the source.';

COMMENT ON COLUMN redress.run.monthly_fees IS 'Monthly fees in force at as_of, by currency, in major units as decimal strings: {"USD": "123.450000"}.';

COMMENT ON COLUMN redress.run.schema_version IS 'Number of the last migration that had been applied when the run was made.';

COMMENT ON COLUMN redress.run.credits_digest IS 'SHA-256 of the CSV of credits that the run wrote, which can be made again from the ledger.';

COMMENT ON COLUMN redress.run.findings_digest IS 'SHA-256 of the CSV of findings that the run wrote.';

COMMENT ON COLUMN redress.run.credits_checksum IS 'Sum, modulo 2 to the power of 64, of a checksum of each row that the run appended to credit_revision, with its decision; `redress verify` knows how.';

COMMENT ON COLUMN redress.run.lines_checksum IS 'Sum, modulo 2 to the power of 64, of a checksum of each row that the run appended to invoice_line; `redress verify` knows how.';

COMMENT ON COLUMN redress.run.carried_before IS 'Of credits in months before this one, the run carried forward what was not settled; the next run reads all that are later.';

COMMENT ON COLUMN redress.run.carried_by IS 'The run whose rows of carried_forward these are: this one, or an earlier one that carried the same forward.';

COMMENT ON COLUMN redress.run.carried IS 'How many credits were carried forward.';

COMMENT ON COLUMN redress.run.carried_checksum IS 'Sum, modulo 2 to the power of 64, of a checksum of each of their keys; `redress verify` knows how.';

COMMENT ON COLUMN redress.run.posted_on IS 'The day on which the run''s revisions and lines are posted: the day of as_of in UTC; where that day''s month was closed, the first day of the first month after it that was not.';

COMMENT ON COLUMN redress.run.closed_through IS 'The last month that was closed for the run, as its first day; null where none was.';

COMMENT ON COLUMN redress.run.acceptances IS 'How many rows finding_acceptance had when the run read it; null for a run from before there were any.';

COMMENT ON COLUMN redress.run.invoice_lines_digest IS 'SHA-256 of the CSV of invoice lines that the run wrote; null of a run from before there was one.';

COMMENT ON COLUMN redress.run.byte_order_mark IS 'True where the CSVs of the run begin with a byte order mark (--csv-bom); else null.';

COMMENT ON COLUMN redress.run.limit_fees IS 'What the share of the monthly fees was taken of, by currency, in the form of monthly_fees: the larger of the fees in force at as_of and at the beginning of the earliest month with a changed credit. Null in runs from before it was recorded.';

CREATE TABLE redress.run_digest (
    run_id bigint NOT NULL,
    digest bytea NOT NULL,
    CONSTRAINT run_digest_is_sha256 CHECK ((octet_length(digest) = 32))
);

COMMENT ON TABLE redress.run_digest IS 'The digest of the record of each run. Each record holds the digest of the one before, so that they make a chain.';

COMMENT ON COLUMN redress.run_digest.run_id IS 'The run.';

COMMENT ON COLUMN redress.run_digest.digest IS 'SHA-256 of run_record(run_id), in UTF-8; in the totals of the run as sha256.record.';

CREATE TABLE redress.schema_migration (
    number integer NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    digest bytea NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL,
    applied_by text DEFAULT SESSION_USER NOT NULL,
    CONSTRAINT schema_migration_digest_is_sha256 CHECK ((octet_length(digest) = 32))
);

COMMENT ON TABLE redress.schema_migration IS 'The migrations that made this schema, one row each.';

COMMENT ON COLUMN redress.schema_migration.number IS 'The number that the file name starts with; migrations run in this order.';

COMMENT ON COLUMN redress.schema_migration.name IS 'The rest of the file name, without its ending.';

COMMENT ON COLUMN redress.schema_migration.digest IS 'SHA-256 of the file''s bytes as they were applied.';

COMMENT ON COLUMN redress.schema_migration.applied_at IS 'When the migration''s transaction began.';

COMMENT ON COLUMN redress.schema_migration.applied_by IS 'The database user who applied it.';

CREATE UNLOGGED TABLE redress.staged_carried_forward (
    customer_id text NOT NULL COLLATE pg_catalog."C",
    subscription_id text NOT NULL COLLATE pg_catalog."C",
    incident_id text NOT NULL COLLATE pg_catalog."C",
    billing_month date NOT NULL,
    currency text NOT NULL COLLATE pg_catalog."C",
    run_id bigint NOT NULL,
    part xid8 DEFAULT pg_current_xact_id() NOT NULL
);

COMMENT ON TABLE redress.staged_carried_forward IS 'What the parts of a run that goes on carry forward.';

COMMENT ON COLUMN redress.staged_carried_forward.customer_id IS 'Key of the credit: customer.';

COMMENT ON COLUMN redress.staged_carried_forward.subscription_id IS 'Key of the credit: subscription.';

COMMENT ON COLUMN redress.staged_carried_forward.incident_id IS 'Key of the credit: incident.';

COMMENT ON COLUMN redress.staged_carried_forward.billing_month IS 'Key of the credit: billing month, as its first day.';

COMMENT ON COLUMN redress.staged_carried_forward.currency IS 'Key of the credit: ISO 4217 code.';

COMMENT ON COLUMN redress.staged_carried_forward.run_id IS 'The run that carried the credit forward.';

COMMENT ON COLUMN redress.staged_carried_forward.part IS 'The transaction of the part that wrote the row.';

CREATE UNLOGGED TABLE redress.staged_credit_revision (
    run_id bigint NOT NULL,
    amount_minor bigint NOT NULL,
    outage_started_at timestamp with time zone,
    decision integer NOT NULL,
    percent_bp integer,
    revision integer NOT NULL,
    lines_through integer NOT NULL,
    billing_month date NOT NULL,
    customer_id text NOT NULL COLLATE pg_catalog."C",
    subscription_id text NOT NULL COLLATE pg_catalog."C",
    incident_id text NOT NULL COLLATE pg_catalog."C",
    currency text NOT NULL COLLATE pg_catalog."C",
    customer_name text NOT NULL,
    customer_tier text NOT NULL,
    monthly_fee numeric,
    month_minor bigint,
    quarter_minor bigint,
    billed_fee numeric,
    invoice_id text COLLATE pg_catalog."C",
    reason text COLLATE pg_catalog."C",
    terms json,
    customer_evidence bytea,
    part xid8 DEFAULT pg_current_xact_id() NOT NULL
);

COMMENT ON TABLE redress.staged_credit_revision IS 'Revisions of a run that goes on, by part. decision is the number that the part gave.';

COMMENT ON COLUMN redress.staged_credit_revision.run_id IS 'The run that appended this revision.';

COMMENT ON COLUMN redress.staged_credit_revision.amount_minor IS 'What this revision adds or takes back, in minor units; positive for grant and increase, negative for decrease.';

COMMENT ON COLUMN redress.staged_credit_revision.outage_started_at IS 'First creditable instant that belongs to the incident for this subscription; null where all was taken back.';

COMMENT ON COLUMN redress.staged_credit_revision.decision IS 'The number of the run''s decision, in decision.';

COMMENT ON COLUMN redress.staged_credit_revision.percent_bp IS 'Percentage granted after the cap, in basis points; 0 where all was taken back, null where it is no whole number of basis points.';

COMMENT ON COLUMN redress.staged_credit_revision.revision IS 'Counts the revisions of this key from 1, without gaps.';

COMMENT ON COLUMN redress.staged_credit_revision.lines_through IS 'How many lines of this key invoice_adjustment held when the run had finished; 0 is none. A report made later counts these lines only.';

COMMENT ON COLUMN redress.staged_credit_revision.billing_month IS 'The month that the credit belongs to, as its first day: the month of the first creditable instant in time_zone.';

COMMENT ON COLUMN redress.staged_credit_revision.customer_id IS 'Who gets the credit.';

COMMENT ON COLUMN redress.staged_credit_revision.subscription_id IS 'The subscription that the fee was paid for.';

COMMENT ON COLUMN redress.staged_credit_revision.incident_id IS 'The incident that caused it.';

COMMENT ON COLUMN redress.staged_credit_revision.currency IS 'ISO 4217 code of every amount in this row.';

COMMENT ON COLUMN redress.staged_credit_revision.customer_name IS 'The customer''s name that night.';

COMMENT ON COLUMN redress.staged_credit_revision.customer_tier IS 'The customer''s tier that night, as the source writes it.';

COMMENT ON COLUMN redress.staged_credit_revision.monthly_fee IS 'Monthly fee of the term in force at outage_started_at, in major units, exact.';

COMMENT ON COLUMN redress.staged_credit_revision.month_minor IS 'What of the whole entitlement is for a measure of the month, in minor units; null for none.';

COMMENT ON COLUMN redress.staged_credit_revision.quarter_minor IS 'What of the whole entitlement is for a measure of the quarter, in minor units; null for none.';

COMMENT ON COLUMN redress.staged_credit_revision.billed_fee IS 'What the terms are billed for the period, in major units, cut to six decimals, where that is the base; null where monthly_fee is.';

COMMENT ON COLUMN redress.staged_credit_revision.invoice_id IS 'The invoice that the run put all of this revision on, as its only new line of the key; that line''s number is lines_through. Null where the run did otherwise: its lines are in invoice_line.';

COMMENT ON COLUMN redress.staged_credit_revision.reason IS 'Why a decrease: void, not_earned, moved and the like; null for what speaks for itself.';

COMMENT ON COLUMN redress.staged_credit_revision.terms IS 'The subscription''s terms that night, where one term did not cover the whole outage.';

COMMENT ON COLUMN redress.staged_credit_revision.customer_evidence IS 'SHA-256 of the evidence that concerns this customer alone, in incident_evidence; null where there is none.';

COMMENT ON COLUMN redress.staged_credit_revision.part IS 'The transaction of the part that wrote the row.';

CREATE UNLOGGED TABLE redress.staged_decision (
    run_id bigint NOT NULL,
    number integer NOT NULL,
    percent_before_cap_bp integer,
    counted_microseconds bigint NOT NULL,
    outage_ended_at timestamp with time zone,
    tier_longer_than_microseconds bigint,
    clause text COLLATE pg_catalog."C",
    downtime_microseconds bigint,
    period_microseconds bigint,
    severity text COLLATE pg_catalog."C",
    policy_version text COLLATE pg_catalog."C",
    service_id text COLLATE pg_catalog."C",
    plan text COLLATE pg_catalog."C",
    time_zone text COLLATE pg_catalog."C",
    part xid8 DEFAULT pg_current_xact_id() NOT NULL
);

COMMENT ON TABLE redress.staged_decision IS 'Decisions of a run that goes on, by part. number is the number that the part gave.';

COMMENT ON COLUMN redress.staged_decision.run_id IS 'The run that decided.';

COMMENT ON COLUMN redress.staged_decision.number IS 'Counts the decisions of the run.';

COMMENT ON COLUMN redress.staged_decision.percent_before_cap_bp IS 'Percentage of the tier or rule before the cap, in basis points; null where it is no whole number of them.';

COMMENT ON COLUMN redress.staged_decision.counted_microseconds IS 'Time counted at severity or worse, in microseconds.';

COMMENT ON COLUMN redress.staged_decision.outage_ended_at IS 'End of the last creditable time that belongs to the incident; null where all was taken back.';

COMMENT ON COLUMN redress.staged_decision.tier_longer_than_microseconds IS 'Threshold of the tier that won, in microseconds; counted time was strictly longer.';

COMMENT ON COLUMN redress.staged_decision.clause IS 'The rule that won, with the one step or unit that did, in one line of the policy language; null where a tier won, or no rule pays.';

COMMENT ON COLUMN redress.staged_decision.downtime_microseconds IS 'Of a rule that measures a period: the time down in it of the incidents up to this one, in whole microseconds.';

COMMENT ON COLUMN redress.staged_decision.period_microseconds IS 'Of a rule that measures a period: its length by the calendar, in microseconds.';

COMMENT ON COLUMN redress.staged_decision.severity IS 'Severity of the tier that won, P0 to P3.';

COMMENT ON COLUMN redress.staged_decision.policy_version IS 'The policy version that decided, in policy_version.';

COMMENT ON COLUMN redress.staged_decision.service_id IS 'Service of the term in force at outage_started_at.';

COMMENT ON COLUMN redress.staged_decision.plan IS 'Plan of the term in force at outage_started_at.';

COMMENT ON COLUMN redress.staged_decision.time_zone IS 'The zone that decided billing_month: the customer''s, else the policy''s.';

COMMENT ON COLUMN redress.staged_decision.part IS 'The transaction of the part that wrote the row.';

CREATE UNLOGGED TABLE redress.staged_evidence (
    customer_id text NOT NULL COLLATE pg_catalog."C",
    digest bytea NOT NULL,
    content text NOT NULL,
    part xid8 DEFAULT pg_current_xact_id() NOT NULL
);

COMMENT ON TABLE redress.staged_evidence IS 'Frozen source rows of single customers of a run that goes on, by part.';

COMMENT ON COLUMN redress.staged_evidence.customer_id IS 'The customer whom the rows concern; empty for what all customers share.';

COMMENT ON COLUMN redress.staged_evidence.digest IS 'SHA-256 of content, in UTF-8.';

COMMENT ON COLUMN redress.staged_evidence.content IS 'The frozen source rows.';

COMMENT ON COLUMN redress.staged_evidence.part IS 'The transaction of the part that wrote the row.';

CREATE UNLOGGED TABLE redress.staged_invoice_line (
    amount_minor bigint NOT NULL,
    run_id bigint,
    placed_at timestamp with time zone,
    line integer NOT NULL,
    billing_month date NOT NULL,
    customer_id text NOT NULL COLLATE pg_catalog."C",
    subscription_id text NOT NULL COLLATE pg_catalog."C",
    incident_id text NOT NULL COLLATE pg_catalog."C",
    currency text NOT NULL COLLATE pg_catalog."C",
    invoice_id text NOT NULL COLLATE pg_catalog."C",
    part xid8 DEFAULT pg_current_xact_id() NOT NULL
);

COMMENT ON TABLE redress.staged_invoice_line IS 'Invoice lines of a run that goes on, by part.';

COMMENT ON COLUMN redress.staged_invoice_line.amount_minor IS 'Minor units; negative reduces the invoice, positive gives the credit back.';

COMMENT ON COLUMN redress.staged_invoice_line.run_id IS 'The run that wrote the line; null where the invoicing system did.';

COMMENT ON COLUMN redress.staged_invoice_line.placed_at IS 'When place_on_invoice or release_invoice wrote the line; null where a run did.';

COMMENT ON COLUMN redress.staged_invoice_line.line IS 'Counts the lines of this credit from 1, without gaps, over all invoices.';

COMMENT ON COLUMN redress.staged_invoice_line.billing_month IS 'Key of the credit: billing month, as its first day.';

COMMENT ON COLUMN redress.staged_invoice_line.customer_id IS 'Key of the credit: customer.';

COMMENT ON COLUMN redress.staged_invoice_line.subscription_id IS 'Key of the credit: subscription.';

COMMENT ON COLUMN redress.staged_invoice_line.incident_id IS 'Key of the credit: incident.';

COMMENT ON COLUMN redress.staged_invoice_line.currency IS 'Key of the credit: ISO 4217 code, also the invoice''s currency.';

COMMENT ON COLUMN redress.staged_invoice_line.invoice_id IS 'The invoice that the line is on.';

COMMENT ON COLUMN redress.staged_invoice_line.part IS 'The transaction of the part that wrote the row.';

CREATE TABLE redress.visible_run (
    run_id bigint NOT NULL
);

COMMENT ON TABLE redress.visible_run IS 'Runs of which every row can be seen, so that nobody has to count them again.';

COMMENT ON COLUMN redress.visible_run.run_id IS 'The run.';

CREATE TABLE redress_source.action_item (
    incident_id text NOT NULL COLLATE pg_catalog."C",
    title text NOT NULL,
    completed_at timestamp with time zone
);

COMMENT ON TABLE redress_source.action_item IS 'What a post-mortem decided to do.';

COMMENT ON COLUMN redress_source.action_item.incident_id IS 'The incident.';

COMMENT ON COLUMN redress_source.action_item.title IS 'What is to be done.';

COMMENT ON COLUMN redress_source.action_item.completed_at IS 'When it was done; null while it is not.';

CREATE TABLE redress_source.claim (
    customer_id text NOT NULL COLLATE pg_catalog."C",
    incident_id text COLLATE pg_catalog."C",
    billing_month date,
    claimed_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE redress_source.claim IS 'What customers ask credits for. Only policies that speak of claims read it.';

COMMENT ON COLUMN redress_source.claim.customer_id IS 'Who asks.';

COMMENT ON COLUMN redress_source.claim.incident_id IS 'The incident that is claimed for; null: a whole month.';

COMMENT ON COLUMN redress_source.claim.billing_month IS 'First day of the month that is claimed for; null where an incident is.';

COMMENT ON COLUMN redress_source.claim.claimed_at IS 'When the claim arrived.';

CREATE TABLE redress_source.customer (
    customer_id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    tier text NOT NULL,
    time_zone text,
    email text
);

COMMENT ON TABLE redress_source.customer IS 'Who buys subscriptions.';

COMMENT ON COLUMN redress_source.customer.customer_id IS 'The customer''s id, compared as bytes.';

COMMENT ON COLUMN redress_source.customer.name IS 'What the customer is called in reports and messages.';

COMMENT ON COLUMN redress_source.customer.tier IS 'Free text; enterprise in any case is the Enterprise tier.';

COMMENT ON COLUMN redress_source.customer.time_zone IS 'IANA name of the zone that decides billing months; null: the policy''s.';

COMMENT ON COLUMN redress_source.customer.email IS 'Where messages go.';

CREATE TABLE redress_source.exclusion (
    exclusion_id text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    service_id text COLLATE pg_catalog."C",
    customer_id text COLLATE pg_catalog."C",
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone NOT NULL,
    announced_at timestamp with time zone
);

COMMENT ON TABLE redress_source.exclusion IS 'Time that does not count.';

COMMENT ON COLUMN redress_source.exclusion.exclusion_id IS 'The exclusion''s id.';

COMMENT ON COLUMN redress_source.exclusion.kind IS 'scheduled_maintenance, customer_fault or force_majeure.';

COMMENT ON COLUMN redress_source.exclusion.service_id IS 'The service it is for; null: all.';

COMMENT ON COLUMN redress_source.exclusion.customer_id IS 'The customer it is for; null: all.';

COMMENT ON COLUMN redress_source.exclusion.started_at IS 'First instant.';

COMMENT ON COLUMN redress_source.exclusion.ended_at IS 'First instant after it.';

COMMENT ON COLUMN redress_source.exclusion.announced_at IS 'When customers were told; null: never.';

CREATE TABLE redress_source.incident (
    incident_id text NOT NULL COLLATE pg_catalog."C",
    title text NOT NULL,
    severity text NOT NULL COLLATE pg_catalog."C",
    status text NOT NULL COLLATE pg_catalog."C",
    started_at timestamp with time zone NOT NULL,
    acknowledged_at timestamp with time zone,
    resolved_at timestamp with time zone,
    root_cause text,
    widespread boolean DEFAULT false NOT NULL,
    security boolean DEFAULT false NOT NULL,
    revenue_impact boolean DEFAULT false NOT NULL
);

COMMENT ON TABLE redress_source.incident IS 'What went wrong, whatever it touched.';

COMMENT ON COLUMN redress_source.incident.incident_id IS 'The incident''s id.';

COMMENT ON COLUMN redress_source.incident.title IS 'What the incident is called in reports and messages.';

COMMENT ON COLUMN redress_source.incident.severity IS 'P0 to P3, the severity it has now.';

COMMENT ON COLUMN redress_source.incident.status IS 'open, resolved or void.';

COMMENT ON COLUMN redress_source.incident.started_at IS 'When it began.';

COMMENT ON COLUMN redress_source.incident.acknowledged_at IS 'When somebody took it up; null while nobody has.';

COMMENT ON COLUMN redress_source.incident.resolved_at IS 'When it was over; null while it is not.';

COMMENT ON COLUMN redress_source.incident.root_cause IS 'What caused it, as customers are told.';

COMMENT ON COLUMN redress_source.incident.widespread IS 'Whether it is widespread, so that social media are a channel.';

COMMENT ON COLUMN redress_source.incident.security IS 'Whether it has security implications.';

COMMENT ON COLUMN redress_source.incident.revenue_impact IS 'Whether customers lost revenue by it.';

CREATE TABLE redress_source.incident_event (
    incident_id text NOT NULL COLLATE pg_catalog."C",
    occurred_at timestamp with time zone NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    customer_id text COLLATE pg_catalog."C",
    level integer,
    note text
);

COMMENT ON TABLE redress_source.incident_event IS 'What was done about an incident.';

COMMENT ON COLUMN redress_source.incident_event.incident_id IS 'The incident.';

COMMENT ON COLUMN redress_source.incident_event.occurred_at IS 'When it was done.';

COMMENT ON COLUMN redress_source.incident_event.kind IS 'response_team_assembled, root_cause_investigation, status_page_update, customer_notified, in_app_banner, social_media, escalated, post_mortem_requested or post_mortem_shared.';

COMMENT ON COLUMN redress_source.incident_event.customer_id IS 'The customer concerned, where it is one.';

COMMENT ON COLUMN redress_source.incident_event.level IS 'The level reached, of an escalation.';

COMMENT ON COLUMN redress_source.incident_event.note IS 'Free text.';

CREATE TABLE redress_source.invoice (
    invoice_id text NOT NULL COLLATE pg_catalog."C",
    customer_id text NOT NULL COLLATE pg_catalog."C",
    currency text NOT NULL COLLATE pg_catalog."C",
    status text NOT NULL COLLATE pg_catalog."C",
    issue_on date NOT NULL,
    amount_due numeric NOT NULL
);

COMMENT ON TABLE redress_source.invoice IS 'Invoices that credits can be placed on, and those that carry some.';

COMMENT ON COLUMN redress_source.invoice.invoice_id IS 'The invoice''s id.';

COMMENT ON COLUMN redress_source.invoice.customer_id IS 'Who pays it.';

COMMENT ON COLUMN redress_source.invoice.currency IS 'ISO 4217 code of amount_due.';

COMMENT ON COLUMN redress_source.invoice.status IS 'draft, finalized or void.';

COMMENT ON COLUMN redress_source.invoice.issue_on IS 'The day on which it goes out.';

COMMENT ON COLUMN redress_source.invoice.amount_due IS 'Major units, before any credit of ours.';

CREATE TABLE redress_source.outage (
    incident_id text NOT NULL COLLATE pg_catalog."C",
    severity text NOT NULL COLLATE pg_catalog."C",
    service_id text COLLATE pg_catalog."C",
    customer_id text COLLATE pg_catalog."C",
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone
);

COMMENT ON TABLE redress_source.outage IS 'Stretches of time in which an incident touched a scope at a severity.';

COMMENT ON COLUMN redress_source.outage.incident_id IS 'The incident.';

COMMENT ON COLUMN redress_source.outage.severity IS 'P0 to P3, in this stretch.';

COMMENT ON COLUMN redress_source.outage.service_id IS 'The service touched; null: all.';

COMMENT ON COLUMN redress_source.outage.customer_id IS 'The customer touched; null: all.';

COMMENT ON COLUMN redress_source.outage.started_at IS 'First instant.';

COMMENT ON COLUMN redress_source.outage.ended_at IS 'First instant after it; null while it goes on.';

CREATE TABLE redress_source.post_mortem (
    incident_id text NOT NULL COLLATE pg_catalog."C",
    completed_at timestamp with time zone
);

COMMENT ON TABLE redress_source.post_mortem IS 'Post-mortems, begun or completed.';

COMMENT ON COLUMN redress_source.post_mortem.incident_id IS 'The incident.';

COMMENT ON COLUMN redress_source.post_mortem.completed_at IS 'When it was completed; null while it is not.';

CREATE TABLE redress_source.service (
    service_id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL
);

COMMENT ON TABLE redress_source.service IS 'What is sold and can be out of order.';

COMMENT ON COLUMN redress_source.service.service_id IS 'The service''s id.';

COMMENT ON COLUMN redress_source.service.name IS 'What the service is called in reports and messages.';

CREATE TABLE redress_source.subscription_term (
    subscription_id text NOT NULL COLLATE pg_catalog."C",
    customer_id text NOT NULL COLLATE pg_catalog."C",
    service_id text NOT NULL COLLATE pg_catalog."C",
    plan text NOT NULL COLLATE pg_catalog."C",
    monthly_fee numeric NOT NULL,
    currency text NOT NULL COLLATE pg_catalog."C",
    valid_from timestamp with time zone NOT NULL,
    valid_to timestamp with time zone
);

COMMENT ON TABLE redress_source.subscription_term IS 'Subscriptions, one row for each stretch of time with one plan and fee.';

COMMENT ON COLUMN redress_source.subscription_term.subscription_id IS 'The subscription''s id, the same for all its terms.';

COMMENT ON COLUMN redress_source.subscription_term.customer_id IS 'Who pays.';

COMMENT ON COLUMN redress_source.subscription_term.service_id IS 'What is paid for.';

COMMENT ON COLUMN redress_source.subscription_term.plan IS 'The plan''s name, as the policy file writes it.';

COMMENT ON COLUMN redress_source.subscription_term.monthly_fee IS 'The fee of a whole month, in major units, up to six decimals.';

COMMENT ON COLUMN redress_source.subscription_term.currency IS 'ISO 4217 code of the fee.';

COMMENT ON COLUMN redress_source.subscription_term.valid_from IS 'First instant of the term.';

COMMENT ON COLUMN redress_source.subscription_term.valid_to IS 'First instant after the term; null while it goes on.';

ALTER TABLE ONLY redress.approval
    ADD CONSTRAINT approval_is_used_once UNIQUE (proposal);

ALTER TABLE ONLY redress.approval
    ADD CONSTRAINT approval_pkey PRIMARY KEY (run_id);

ALTER TABLE ONLY redress.carried_forward
    ADD CONSTRAINT carried_forward_pkey PRIMARY KEY (run_id, customer_id, subscription_id, incident_id, billing_month, currency);

ALTER TABLE ONLY redress.credit_revision
    ADD CONSTRAINT credit_revision_pkey PRIMARY KEY (billing_month, customer_id, subscription_id, incident_id, currency, revision);

ALTER TABLE ONLY redress.decision
    ADD CONSTRAINT decision_pkey PRIMARY KEY (run_id, number);

ALTER TABLE ONLY redress.finding_acceptance
    ADD CONSTRAINT finding_acceptance_pkey PRIMARY KEY (number);

ALTER TABLE ONLY redress.finding
    ADD CONSTRAINT finding_pkey PRIMARY KEY (run_id, ordinal);

ALTER TABLE ONLY redress.handover
    ADD CONSTRAINT handover_pkey PRIMARY KEY (customer_id, message_key, entry);

ALTER TABLE ONLY redress.incident_evidence
    ADD CONSTRAINT incident_evidence_pkey PRIMARY KEY (customer_id, digest);

ALTER TABLE ONLY redress.invoice_line
    ADD CONSTRAINT invoice_line_pkey PRIMARY KEY (billing_month, customer_id, subscription_id, incident_id, currency, line);

ALTER TABLE ONLY redress.ledger
    ADD CONSTRAINT ledger_pkey PRIMARY KEY (is_only_row);

ALTER TABLE ONLY redress.month_closing
    ADD CONSTRAINT month_closing_pkey PRIMARY KEY (number);

ALTER TABLE ONLY redress.placement
    ADD CONSTRAINT placement_pkey PRIMARY KEY (customer_id, invoice_id, currency, number);

ALTER TABLE ONLY redress.policy_adoption
    ADD CONSTRAINT policy_adoption_pkey PRIMARY KEY (number);

ALTER TABLE ONLY redress.policy_file
    ADD CONSTRAINT policy_file_pkey PRIMARY KEY (digest);

ALTER TABLE ONLY redress.policy_version
    ADD CONSTRAINT policy_version_pkey PRIMARY KEY (version);

ALTER TABLE ONLY redress.proposal
    ADD CONSTRAINT proposal_pkey PRIMARY KEY (digest);

ALTER TABLE ONLY redress.recorded_month
    ADD CONSTRAINT recorded_month_pkey PRIMARY KEY (incident_id, billing_month);

ALTER TABLE ONLY redress.run_digest
    ADD CONSTRAINT run_digest_pkey PRIMARY KEY (run_id);

ALTER TABLE ONLY redress.run
    ADD CONSTRAINT run_pkey PRIMARY KEY (run_id);

ALTER TABLE ONLY redress.schema_migration
    ADD CONSTRAINT schema_migration_pkey PRIMARY KEY (number);

ALTER TABLE ONLY redress.severity_observation
    ADD CONSTRAINT severity_observation_pkey PRIMARY KEY (incident_id, service_id, customer_id, number);

ALTER TABLE ONLY redress.term_observation
    ADD CONSTRAINT term_observation_pkey PRIMARY KEY (subscription_id, number);

ALTER TABLE ONLY redress.visible_run
    ADD CONSTRAINT visible_run_pkey PRIMARY KEY (run_id);

ALTER TABLE ONLY redress_source.customer
    ADD CONSTRAINT customer_pkey PRIMARY KEY (customer_id);

ALTER TABLE ONLY redress_source.exclusion
    ADD CONSTRAINT exclusion_pkey PRIMARY KEY (exclusion_id);

ALTER TABLE ONLY redress_source.incident
    ADD CONSTRAINT incident_pkey PRIMARY KEY (incident_id);

ALTER TABLE ONLY redress_source.invoice
    ADD CONSTRAINT invoice_pkey PRIMARY KEY (customer_id, invoice_id);

ALTER TABLE ONLY redress_source.post_mortem
    ADD CONSTRAINT post_mortem_pkey PRIMARY KEY (incident_id);

ALTER TABLE ONLY redress_source.service
    ADD CONSTRAINT service_pkey PRIMARY KEY (service_id);

CREATE INDEX credit_revision_invoice_id_idx ON redress.credit_revision USING btree (invoice_id, billing_month) WHERE (invoice_id IS NOT NULL);

CREATE INDEX credit_revision_run_id_brin ON redress.credit_revision USING brin (run_id);

CREATE INDEX finding_acceptance_key_idx ON redress.finding_acceptance USING btree (hashtextextended(key, (0)::bigint));

CREATE INDEX finding_key_idx ON redress.finding USING btree (run_id, code, hashtextextended(key, (0)::bigint));

CREATE INDEX handover_invoice_id_idx ON redress.handover USING btree (invoice_id);

CREATE UNIQUE INDEX handover_sent_once ON redress.handover USING btree (customer_id, message_key) WHERE (answer = 'sent'::text);

CREATE INDEX invoice_line_invoice_id_idx ON redress.invoice_line USING btree (invoice_id, billing_month);

CREATE INDEX invoice_line_released_idx ON redress.invoice_line USING btree (customer_id, subscription_id, incident_id, billing_month, currency) WHERE ((run_id IS NULL) AND (amount_minor > 0));

CREATE INDEX invoice_line_run_id_brin ON redress.invoice_line USING brin (run_id);

CREATE INDEX recorded_month_billing_month_idx ON redress.recorded_month USING btree (billing_month);

CREATE INDEX action_item_incident_id_idx ON redress_source.action_item USING btree (incident_id);

CREATE INDEX claim_customer_id_claimed_at_idx ON redress_source.claim USING btree (customer_id, claimed_at);

CREATE INDEX exclusion_customer_id_idx ON redress_source.exclusion USING btree (customer_id) WHERE (customer_id IS NOT NULL);

CREATE INDEX incident_event_incident_id_occurred_at_idx ON redress_source.incident_event USING btree (incident_id, occurred_at);

CREATE INDEX invoice_invoice_id_idx ON redress_source.invoice USING btree (invoice_id);

CREATE INDEX invoice_unfinished_idx ON redress_source.invoice USING btree (customer_id, issue_on, invoice_id) WHERE ((status COLLATE "C") IS DISTINCT FROM 'finalized'::text);

CREATE INDEX outage_customer_id_idx ON redress_source.outage USING btree (customer_id) WHERE (customer_id IS NOT NULL);

CREATE INDEX outage_incident_id_idx ON redress_source.outage USING btree (incident_id);

CREATE INDEX subscription_term_customer_id_subscription_id_valid_from_idx ON redress_source.subscription_term USING btree (customer_id, subscription_id, valid_from);

CREATE INDEX subscription_term_subscription_id_customer_id_idx ON redress_source.subscription_term USING btree (subscription_id, customer_id);

GRANT USAGE ON SCHEMA redress TO redress_job;
GRANT USAGE ON SCHEMA redress TO redress_invoicing;
GRANT USAGE ON SCHEMA redress TO redress_reader;
GRANT USAGE ON SCHEMA redress TO redress_controller;

GRANT USAGE ON SCHEMA redress_source TO redress_job;

REVOKE ALL ON FUNCTION redress.acceptance_digest(number integer, action text, code text, relation text, key text, problem text, reason text, until_date date, run_id bigint, noted_at timestamp with time zone, noted_by text, before bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION redress.acceptance_digest(number integer, action text, code text, relation text, key text, problem text, reason text, until_date date, run_id bigint, noted_at timestamp with time zone, noted_by text, before bytea) TO redress_job;
GRANT ALL ON FUNCTION redress.acceptance_digest(number integer, action text, code text, relation text, key text, problem text, reason text, until_date date, run_id bigint, noted_at timestamp with time zone, noted_by text, before bytea) TO redress_invoicing;
GRANT ALL ON FUNCTION redress.acceptance_digest(number integer, action text, code text, relation text, key text, problem text, reason text, until_date date, run_id bigint, noted_at timestamp with time zone, noted_by text, before bytea) TO redress_reader;
GRANT ALL ON FUNCTION redress.acceptance_digest(number integer, action text, code text, relation text, key text, problem text, reason text, until_date date, run_id bigint, noted_at timestamp with time zone, noted_by text, before bytea) TO redress_controller;

REVOKE ALL ON FUNCTION redress.add_placement(customer_id text, invoice_id text, currency text, amount_due numeric, subscriptions text[], incidents text[], months date[], line_numbers integer[], amounts bigint[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION redress.approval_digest(run_id bigint, kind text, proposal bytea, approved_by text, reason text, approved_at timestamp with time zone, database_user text) FROM PUBLIC;
GRANT ALL ON FUNCTION redress.approval_digest(run_id bigint, kind text, proposal bytea, approved_by text, reason text, approved_at timestamp with time zone, database_user text) TO redress_job;
GRANT ALL ON FUNCTION redress.approval_digest(run_id bigint, kind text, proposal bytea, approved_by text, reason text, approved_at timestamp with time zone, database_user text) TO redress_invoicing;
GRANT ALL ON FUNCTION redress.approval_digest(run_id bigint, kind text, proposal bytea, approved_by text, reason text, approved_at timestamp with time zone, database_user text) TO redress_reader;
GRANT ALL ON FUNCTION redress.approval_digest(run_id bigint, kind text, proposal bytea, approved_by text, reason text, approved_at timestamp with time zone, database_user text) TO redress_controller;

REVOKE ALL ON FUNCTION redress.begin_invoicing() FROM PUBLIC;

REVOKE ALL ON FUNCTION redress.currency_decimals(currency text) FROM PUBLIC;
GRANT ALL ON FUNCTION redress.currency_decimals(currency text) TO redress_job;
GRANT ALL ON FUNCTION redress.currency_decimals(currency text) TO redress_invoicing;
GRANT ALL ON FUNCTION redress.currency_decimals(currency text) TO redress_reader;
GRANT ALL ON FUNCTION redress.currency_decimals(currency text) TO redress_controller;

REVOKE ALL ON FUNCTION redress.handover_digest(customer_id text, message_key text, entry integer, attempt integer, answer text, system text, invoice_id text, currency text, subscription_id text, incident_id text, billing_month date, line integer, amount_minor bigint, said text, remote_id text, message text, noted_at timestamp with time zone, noted_by text) FROM PUBLIC;
GRANT ALL ON FUNCTION redress.handover_digest(customer_id text, message_key text, entry integer, attempt integer, answer text, system text, invoice_id text, currency text, subscription_id text, incident_id text, billing_month date, line integer, amount_minor bigint, said text, remote_id text, message text, noted_at timestamp with time zone, noted_by text) TO redress_job;
GRANT ALL ON FUNCTION redress.handover_digest(customer_id text, message_key text, entry integer, attempt integer, answer text, system text, invoice_id text, currency text, subscription_id text, incident_id text, billing_month date, line integer, amount_minor bigint, said text, remote_id text, message text, noted_at timestamp with time zone, noted_by text) TO redress_invoicing;
GRANT ALL ON FUNCTION redress.handover_digest(customer_id text, message_key text, entry integer, attempt integer, answer text, system text, invoice_id text, currency text, subscription_id text, incident_id text, billing_month date, line integer, amount_minor bigint, said text, remote_id text, message text, noted_at timestamp with time zone, noted_by text) TO redress_reader;
GRANT ALL ON FUNCTION redress.handover_digest(customer_id text, message_key text, entry integer, attempt integer, answer text, system text, invoice_id text, currency text, subscription_id text, incident_id text, billing_month date, line integer, amount_minor bigint, said text, remote_id text, message text, noted_at timestamp with time zone, noted_by text) TO redress_controller;

REVOKE ALL ON FUNCTION redress.hidden_run() FROM PUBLIC;
GRANT ALL ON FUNCTION redress.hidden_run() TO redress_job;
GRANT ALL ON FUNCTION redress.hidden_run() TO redress_invoicing;
GRANT ALL ON FUNCTION redress.hidden_run() TO redress_reader;
GRANT ALL ON FUNCTION redress.hidden_run() TO redress_controller;

REVOKE ALL ON FUNCTION redress.instant(epoch numeric, unit text) FROM PUBLIC;
GRANT ALL ON FUNCTION redress.instant(epoch numeric, unit text) TO redress_job;
GRANT ALL ON FUNCTION redress.instant(epoch numeric, unit text) TO redress_invoicing;
GRANT ALL ON FUNCTION redress.instant(epoch numeric, unit text) TO redress_reader;
GRANT ALL ON FUNCTION redress.instant(epoch numeric, unit text) TO redress_controller;

REVOKE ALL ON FUNCTION redress.keep_invoicing_out() FROM PUBLIC;
GRANT ALL ON FUNCTION redress.keep_invoicing_out() TO redress_job;
GRANT ALL ON FUNCTION redress.keep_invoicing_out() TO redress_controller;

REVOKE ALL ON FUNCTION redress.line_checksum(subscription_id text, incident_id text, billing_month date, line integer, amount_minor bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION redress.line_checksum(subscription_id text, incident_id text, billing_month date, line integer, amount_minor bigint) TO redress_job;
GRANT ALL ON FUNCTION redress.line_checksum(subscription_id text, incident_id text, billing_month date, line integer, amount_minor bigint) TO redress_invoicing;
GRANT ALL ON FUNCTION redress.line_checksum(subscription_id text, incident_id text, billing_month date, line integer, amount_minor bigint) TO redress_reader;
GRANT ALL ON FUNCTION redress.line_checksum(subscription_id text, incident_id text, billing_month date, line integer, amount_minor bigint) TO redress_controller;

REVOKE ALL ON FUNCTION redress.major_units(amount numeric, currency text, convention text) FROM PUBLIC;
GRANT ALL ON FUNCTION redress.major_units(amount numeric, currency text, convention text) TO redress_job;
GRANT ALL ON FUNCTION redress.major_units(amount numeric, currency text, convention text) TO redress_invoicing;
GRANT ALL ON FUNCTION redress.major_units(amount numeric, currency text, convention text) TO redress_reader;
GRANT ALL ON FUNCTION redress.major_units(amount numeric, currency text, convention text) TO redress_controller;

REVOKE ALL ON FUNCTION redress.month_closing_digest(number bigint, action text, month date, reason text, decided_at timestamp with time zone, decided_by text, after_run bigint, before bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION redress.month_closing_digest(number bigint, action text, month date, reason text, decided_at timestamp with time zone, decided_by text, after_run bigint, before bytea) TO redress_job;
GRANT ALL ON FUNCTION redress.month_closing_digest(number bigint, action text, month date, reason text, decided_at timestamp with time zone, decided_by text, after_run bigint, before bytea) TO redress_invoicing;
GRANT ALL ON FUNCTION redress.month_closing_digest(number bigint, action text, month date, reason text, decided_at timestamp with time zone, decided_by text, after_run bigint, before bytea) TO redress_reader;
GRANT ALL ON FUNCTION redress.month_closing_digest(number bigint, action text, month date, reason text, decided_at timestamp with time zone, decided_by text, after_run bigint, before bytea) TO redress_controller;

REVOKE ALL ON FUNCTION redress.month_start(zone text, month date) FROM PUBLIC;
GRANT ALL ON FUNCTION redress.month_start(zone text, month date) TO redress_job;
GRANT ALL ON FUNCTION redress.month_start(zone text, month date) TO redress_invoicing;
GRANT ALL ON FUNCTION redress.month_start(zone text, month date) TO redress_reader;
GRANT ALL ON FUNCTION redress.month_start(zone text, month date) TO redress_controller;

REVOKE ALL ON FUNCTION redress.month_starts(zone text, month_from date, month_through date) FROM PUBLIC;
GRANT ALL ON FUNCTION redress.month_starts(zone text, month_from date, month_through date) TO redress_job;
GRANT ALL ON FUNCTION redress.month_starts(zone text, month_from date, month_through date) TO redress_invoicing;
GRANT ALL ON FUNCTION redress.month_starts(zone text, month_from date, month_through date) TO redress_reader;
GRANT ALL ON FUNCTION redress.month_starts(zone text, month_from date, month_through date) TO redress_controller;

REVOKE ALL ON FUNCTION redress.monthly_fee(amount numeric, period text, count integer) FROM PUBLIC;
GRANT ALL ON FUNCTION redress.monthly_fee(amount numeric, period text, count integer) TO redress_job;
GRANT ALL ON FUNCTION redress.monthly_fee(amount numeric, period text, count integer) TO redress_invoicing;
GRANT ALL ON FUNCTION redress.monthly_fee(amount numeric, period text, count integer) TO redress_reader;
GRANT ALL ON FUNCTION redress.monthly_fee(amount numeric, period text, count integer) TO redress_controller;

GRANT SELECT,INSERT ON TABLE redress.credit_revision TO redress_job;
GRANT SELECT ON TABLE redress.credit_revision TO redress_invoicing;
GRANT SELECT ON TABLE redress.credit_revision TO redress_reader;
GRANT SELECT ON TABLE redress.credit_revision TO redress_controller;

GRANT SELECT,INSERT ON TABLE redress.invoice_line TO redress_job;
GRANT SELECT ON TABLE redress.invoice_line TO redress_invoicing;
GRANT SELECT ON TABLE redress.invoice_line TO redress_reader;
GRANT SELECT ON TABLE redress.invoice_line TO redress_controller;

GRANT SELECT ON TABLE redress.invoice_adjustment TO redress_job;
GRANT SELECT ON TABLE redress.invoice_adjustment TO redress_invoicing;
GRANT SELECT ON TABLE redress.invoice_adjustment TO redress_reader;
GRANT SELECT ON TABLE redress.invoice_adjustment TO redress_controller;

REVOKE ALL ON FUNCTION redress.place_on_invoice(invoice_id text, customer_id text, currency text, amount_due numeric) FROM PUBLIC;
GRANT ALL ON FUNCTION redress.place_on_invoice(invoice_id text, customer_id text, currency text, amount_due numeric) TO redress_invoicing;

REVOKE ALL ON FUNCTION redress.placement_digest(customer_id text, invoice_id text, currency text, number integer, placed_at timestamp with time zone, placed_by text, amount_due numeric, lines bigint, lines_checksum numeric) FROM PUBLIC;
GRANT ALL ON FUNCTION redress.placement_digest(customer_id text, invoice_id text, currency text, number integer, placed_at timestamp with time zone, placed_by text, amount_due numeric, lines bigint, lines_checksum numeric) TO redress_job;
GRANT ALL ON FUNCTION redress.placement_digest(customer_id text, invoice_id text, currency text, number integer, placed_at timestamp with time zone, placed_by text, amount_due numeric, lines bigint, lines_checksum numeric) TO redress_invoicing;
GRANT ALL ON FUNCTION redress.placement_digest(customer_id text, invoice_id text, currency text, number integer, placed_at timestamp with time zone, placed_by text, amount_due numeric, lines bigint, lines_checksum numeric) TO redress_reader;
GRANT ALL ON FUNCTION redress.placement_digest(customer_id text, invoice_id text, currency text, number integer, placed_at timestamp with time zone, placed_by text, amount_due numeric, lines bigint, lines_checksum numeric) TO redress_controller;

REVOKE ALL ON FUNCTION redress.proposal_digest(digest bytea, as_of timestamp with time zone, month_from date, month_through date, policy_digest bytea, credits_digest bytea, findings_digest bytea, revisions bigint, invoice_lines bigint, findings bigint, amounts jsonb, limits jsonb, program_version text, recorded_at timestamp with time zone, run_by text) FROM PUBLIC;
GRANT ALL ON FUNCTION redress.proposal_digest(digest bytea, as_of timestamp with time zone, month_from date, month_through date, policy_digest bytea, credits_digest bytea, findings_digest bytea, revisions bigint, invoice_lines bigint, findings bigint, amounts jsonb, limits jsonb, program_version text, recorded_at timestamp with time zone, run_by text) TO redress_job;
GRANT ALL ON FUNCTION redress.proposal_digest(digest bytea, as_of timestamp with time zone, month_from date, month_through date, policy_digest bytea, credits_digest bytea, findings_digest bytea, revisions bigint, invoice_lines bigint, findings bigint, amounts jsonb, limits jsonb, program_version text, recorded_at timestamp with time zone, run_by text) TO redress_invoicing;
GRANT ALL ON FUNCTION redress.proposal_digest(digest bytea, as_of timestamp with time zone, month_from date, month_through date, policy_digest bytea, credits_digest bytea, findings_digest bytea, revisions bigint, invoice_lines bigint, findings bigint, amounts jsonb, limits jsonb, program_version text, recorded_at timestamp with time zone, run_by text) TO redress_reader;
GRANT ALL ON FUNCTION redress.proposal_digest(digest bytea, as_of timestamp with time zone, month_from date, month_through date, policy_digest bytea, credits_digest bytea, findings_digest bytea, revisions bigint, invoice_lines bigint, findings bigint, amounts jsonb, limits jsonb, program_version text, recorded_at timestamp with time zone, run_by text) TO redress_controller;

REVOKE ALL ON FUNCTION redress.recorded_units(amount_minor bigint, currency text) FROM PUBLIC;
GRANT ALL ON FUNCTION redress.recorded_units(amount_minor bigint, currency text) TO redress_job;
GRANT ALL ON FUNCTION redress.recorded_units(amount_minor bigint, currency text) TO redress_invoicing;
GRANT ALL ON FUNCTION redress.recorded_units(amount_minor bigint, currency text) TO redress_reader;
GRANT ALL ON FUNCTION redress.recorded_units(amount_minor bigint, currency text) TO redress_controller;

REVOKE ALL ON FUNCTION redress.release_invoice(invoice_id text) FROM PUBLIC;
GRANT ALL ON FUNCTION redress.release_invoice(invoice_id text) TO redress_invoicing;

REVOKE ALL ON FUNCTION redress.require_current_snapshot(customer_id text) FROM PUBLIC;

REVOKE ALL ON FUNCTION redress.run_record(run_id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION redress.run_record(run_id bigint) TO redress_job;
GRANT ALL ON FUNCTION redress.run_record(run_id bigint) TO redress_invoicing;
GRANT ALL ON FUNCTION redress.run_record(run_id bigint) TO redress_reader;
GRANT ALL ON FUNCTION redress.run_record(run_id bigint) TO redress_controller;

REVOKE ALL ON FUNCTION redress.settle_finding(action text, code text, relation text, key text, problem text, reason text, until_date date) FROM PUBLIC;
GRANT ALL ON FUNCTION redress.settle_finding(action text, code text, relation text, key text, problem text, reason text, until_date date) TO redress_controller;

REVOKE ALL ON FUNCTION redress.time_zone(given text) FROM PUBLIC;
GRANT ALL ON FUNCTION redress.time_zone(given text) TO redress_job;
GRANT ALL ON FUNCTION redress.time_zone(given text) TO redress_invoicing;
GRANT ALL ON FUNCTION redress.time_zone(given text) TO redress_reader;
GRANT ALL ON FUNCTION redress.time_zone(given text) TO redress_controller;

REVOKE ALL ON FUNCTION redress.try_run_lock() FROM PUBLIC;
GRANT ALL ON FUNCTION redress.try_run_lock() TO redress_job;
GRANT ALL ON FUNCTION redress.try_run_lock() TO redress_controller;

GRANT SELECT ON TABLE redress.approval TO redress_job;
GRANT SELECT ON TABLE redress.approval TO redress_invoicing;
GRANT SELECT ON TABLE redress.approval TO redress_reader;
GRANT SELECT ON TABLE redress.approval TO redress_controller;

GRANT INSERT(run_id) ON TABLE redress.approval TO redress_controller;

GRANT INSERT(kind) ON TABLE redress.approval TO redress_controller;

GRANT INSERT(proposal) ON TABLE redress.approval TO redress_controller;

GRANT INSERT(approved_by) ON TABLE redress.approval TO redress_controller;

GRANT INSERT(reason) ON TABLE redress.approval TO redress_controller;

GRANT INSERT(row_digest) ON TABLE redress.approval TO redress_controller;

GRANT SELECT,INSERT ON TABLE redress.carried_forward TO redress_job;
GRANT SELECT ON TABLE redress.carried_forward TO redress_invoicing;
GRANT SELECT ON TABLE redress.carried_forward TO redress_reader;
GRANT SELECT ON TABLE redress.carried_forward TO redress_controller;

GRANT SELECT,INSERT ON TABLE redress.decision TO redress_job;
GRANT SELECT ON TABLE redress.decision TO redress_invoicing;
GRANT SELECT ON TABLE redress.decision TO redress_reader;
GRANT SELECT ON TABLE redress.decision TO redress_controller;

GRANT SELECT ON TABLE redress.credit TO redress_job;
GRANT SELECT ON TABLE redress.credit TO redress_invoicing;
GRANT SELECT ON TABLE redress.credit TO redress_reader;
GRANT SELECT ON TABLE redress.credit TO redress_controller;

GRANT SELECT,INSERT ON TABLE redress.recorded_month TO redress_job;
GRANT SELECT ON TABLE redress.recorded_month TO redress_invoicing;
GRANT SELECT ON TABLE redress.recorded_month TO redress_reader;
GRANT SELECT ON TABLE redress.recorded_month TO redress_controller;

GRANT SELECT ON TABLE redress.credited_month TO redress_job;
GRANT SELECT ON TABLE redress.credited_month TO redress_invoicing;
GRANT SELECT ON TABLE redress.credited_month TO redress_reader;
GRANT SELECT ON TABLE redress.credited_month TO redress_controller;

GRANT SELECT ON TABLE redress.entitlement TO redress_job;
GRANT SELECT ON TABLE redress.entitlement TO redress_invoicing;
GRANT SELECT ON TABLE redress.entitlement TO redress_reader;
GRANT SELECT ON TABLE redress.entitlement TO redress_controller;

GRANT SELECT,INSERT ON TABLE redress.finding TO redress_job;
GRANT SELECT ON TABLE redress.finding TO redress_invoicing;
GRANT SELECT ON TABLE redress.finding TO redress_reader;
GRANT SELECT ON TABLE redress.finding TO redress_controller;

GRANT SELECT ON TABLE redress.finding_acceptance TO redress_job;
GRANT SELECT ON TABLE redress.finding_acceptance TO redress_invoicing;
GRANT SELECT ON TABLE redress.finding_acceptance TO redress_reader;
GRANT SELECT ON TABLE redress.finding_acceptance TO redress_controller;

GRANT SELECT ON TABLE redress.handover TO redress_job;
GRANT SELECT ON TABLE redress.handover TO redress_invoicing;
GRANT SELECT ON TABLE redress.handover TO redress_reader;
GRANT SELECT ON TABLE redress.handover TO redress_controller;

GRANT INSERT(customer_id) ON TABLE redress.handover TO redress_job;

GRANT INSERT(message_key) ON TABLE redress.handover TO redress_job;

GRANT INSERT(entry) ON TABLE redress.handover TO redress_job;

GRANT INSERT(attempt) ON TABLE redress.handover TO redress_job;

GRANT INSERT(answer) ON TABLE redress.handover TO redress_job;

GRANT INSERT(system) ON TABLE redress.handover TO redress_job;

GRANT INSERT(invoice_id) ON TABLE redress.handover TO redress_job;

GRANT INSERT(currency) ON TABLE redress.handover TO redress_job;

GRANT INSERT(subscription_id) ON TABLE redress.handover TO redress_job;

GRANT INSERT(incident_id) ON TABLE redress.handover TO redress_job;

GRANT INSERT(billing_month) ON TABLE redress.handover TO redress_job;

GRANT INSERT(line) ON TABLE redress.handover TO redress_job;

GRANT INSERT(amount_minor) ON TABLE redress.handover TO redress_job;

GRANT INSERT(said) ON TABLE redress.handover TO redress_job;

GRANT INSERT(remote_id) ON TABLE redress.handover TO redress_job;

GRANT INSERT(message) ON TABLE redress.handover TO redress_job;

GRANT INSERT(digest) ON TABLE redress.handover TO redress_job;

GRANT SELECT,INSERT ON TABLE redress.incident_evidence TO redress_job;
GRANT SELECT ON TABLE redress.incident_evidence TO redress_invoicing;
GRANT SELECT ON TABLE redress.incident_evidence TO redress_reader;
GRANT SELECT ON TABLE redress.incident_evidence TO redress_controller;

GRANT SELECT ON TABLE redress.ledger TO redress_job;
GRANT SELECT ON TABLE redress.ledger TO redress_invoicing;
GRANT SELECT ON TABLE redress.ledger TO redress_reader;
GRANT SELECT ON TABLE redress.ledger TO redress_controller;

GRANT SELECT ON TABLE redress.month_closing TO redress_job;
GRANT SELECT ON TABLE redress.month_closing TO redress_invoicing;
GRANT SELECT ON TABLE redress.month_closing TO redress_reader;
GRANT SELECT ON TABLE redress.month_closing TO redress_controller;

GRANT INSERT(number) ON TABLE redress.month_closing TO redress_controller;

GRANT INSERT(action) ON TABLE redress.month_closing TO redress_controller;

GRANT INSERT(month) ON TABLE redress.month_closing TO redress_controller;

GRANT INSERT(reason) ON TABLE redress.month_closing TO redress_controller;

GRANT INSERT(after_run) ON TABLE redress.month_closing TO redress_controller;

GRANT INSERT(digest) ON TABLE redress.month_closing TO redress_controller;

GRANT SELECT ON TABLE redress.severity_observation TO redress_job;
GRANT SELECT ON TABLE redress.severity_observation TO redress_invoicing;
GRANT SELECT ON TABLE redress.severity_observation TO redress_reader;
GRANT SELECT ON TABLE redress.severity_observation TO redress_controller;

GRANT INSERT(incident_id) ON TABLE redress.severity_observation TO redress_job;

GRANT INSERT(service_id) ON TABLE redress.severity_observation TO redress_job;

GRANT INSERT(customer_id) ON TABLE redress.severity_observation TO redress_job;

GRANT INSERT(number) ON TABLE redress.severity_observation TO redress_job;

GRANT INSERT(is_gone) ON TABLE redress.severity_observation TO redress_job;

GRANT INSERT(severity) ON TABLE redress.severity_observation TO redress_job;

GRANT INSERT(since) ON TABLE redress.severity_observation TO redress_job;

GRANT SELECT ON TABLE redress.observed_severity TO redress_job;
GRANT SELECT ON TABLE redress.observed_severity TO redress_invoicing;
GRANT SELECT ON TABLE redress.observed_severity TO redress_reader;
GRANT SELECT ON TABLE redress.observed_severity TO redress_controller;

GRANT SELECT ON TABLE redress.term_observation TO redress_job;
GRANT SELECT ON TABLE redress.term_observation TO redress_invoicing;
GRANT SELECT ON TABLE redress.term_observation TO redress_reader;
GRANT SELECT ON TABLE redress.term_observation TO redress_controller;

GRANT INSERT(subscription_id) ON TABLE redress.term_observation TO redress_job;

GRANT INSERT(number) ON TABLE redress.term_observation TO redress_job;

GRANT INSERT(is_gone) ON TABLE redress.term_observation TO redress_job;

GRANT INSERT(customer_id) ON TABLE redress.term_observation TO redress_job;

GRANT INSERT(service_id) ON TABLE redress.term_observation TO redress_job;

GRANT INSERT(plan) ON TABLE redress.term_observation TO redress_job;

GRANT INSERT(monthly_fee) ON TABLE redress.term_observation TO redress_job;

GRANT INSERT(currency) ON TABLE redress.term_observation TO redress_job;

GRANT INSERT(since) ON TABLE redress.term_observation TO redress_job;

GRANT INSERT(until) ON TABLE redress.term_observation TO redress_job;

GRANT SELECT ON TABLE redress.observed_term TO redress_job;
GRANT SELECT ON TABLE redress.observed_term TO redress_invoicing;
GRANT SELECT ON TABLE redress.observed_term TO redress_reader;
GRANT SELECT ON TABLE redress.observed_term TO redress_controller;

GRANT SELECT ON TABLE redress.open_credit TO redress_job;
GRANT SELECT ON TABLE redress.open_credit TO redress_invoicing;
GRANT SELECT ON TABLE redress.open_credit TO redress_reader;
GRANT SELECT ON TABLE redress.open_credit TO redress_controller;

GRANT SELECT ON TABLE redress.placement TO redress_job;
GRANT SELECT ON TABLE redress.placement TO redress_invoicing;
GRANT SELECT ON TABLE redress.placement TO redress_reader;
GRANT SELECT ON TABLE redress.placement TO redress_controller;

GRANT SELECT ON TABLE redress.policy_adoption TO redress_job;
GRANT SELECT ON TABLE redress.policy_adoption TO redress_invoicing;
GRANT SELECT ON TABLE redress.policy_adoption TO redress_reader;
GRANT SELECT ON TABLE redress.policy_adoption TO redress_controller;

GRANT INSERT(number) ON TABLE redress.policy_adoption TO redress_controller;

GRANT INSERT(policy_digest) ON TABLE redress.policy_adoption TO redress_controller;

GRANT INSERT(after_run) ON TABLE redress.policy_adoption TO redress_controller;

GRANT INSERT(restate_from) ON TABLE redress.policy_adoption TO redress_controller;

GRANT INSERT(note) ON TABLE redress.policy_adoption TO redress_controller;

GRANT INSERT(digest) ON TABLE redress.policy_adoption TO redress_controller;

GRANT SELECT,INSERT ON TABLE redress.policy_file TO redress_job;
GRANT SELECT ON TABLE redress.policy_file TO redress_invoicing;
GRANT SELECT ON TABLE redress.policy_file TO redress_reader;
GRANT SELECT,INSERT ON TABLE redress.policy_file TO redress_controller;

GRANT SELECT,INSERT ON TABLE redress.policy_version TO redress_job;
GRANT SELECT ON TABLE redress.policy_version TO redress_invoicing;
GRANT SELECT ON TABLE redress.policy_version TO redress_reader;
GRANT SELECT ON TABLE redress.policy_version TO redress_controller;

GRANT SELECT ON TABLE redress.proposal TO redress_job;
GRANT SELECT ON TABLE redress.proposal TO redress_invoicing;
GRANT SELECT ON TABLE redress.proposal TO redress_reader;
GRANT SELECT ON TABLE redress.proposal TO redress_controller;

GRANT INSERT(digest) ON TABLE redress.proposal TO redress_job;

GRANT INSERT(as_of) ON TABLE redress.proposal TO redress_job;

GRANT INSERT(month_from) ON TABLE redress.proposal TO redress_job;

GRANT INSERT(month_through) ON TABLE redress.proposal TO redress_job;

GRANT INSERT(policy_digest) ON TABLE redress.proposal TO redress_job;

GRANT INSERT(credits_digest) ON TABLE redress.proposal TO redress_job;

GRANT INSERT(findings_digest) ON TABLE redress.proposal TO redress_job;

GRANT INSERT(revisions) ON TABLE redress.proposal TO redress_job;

GRANT INSERT(invoice_lines) ON TABLE redress.proposal TO redress_job;

GRANT INSERT(findings) ON TABLE redress.proposal TO redress_job;

GRANT INSERT(amounts) ON TABLE redress.proposal TO redress_job;

GRANT INSERT(limits) ON TABLE redress.proposal TO redress_job;

GRANT INSERT(program_version) ON TABLE redress.proposal TO redress_job;

GRANT INSERT(row_digest) ON TABLE redress.proposal TO redress_job;

GRANT SELECT,INSERT ON TABLE redress.run TO redress_job;
GRANT SELECT ON TABLE redress.run TO redress_invoicing;
GRANT SELECT ON TABLE redress.run TO redress_reader;
GRANT SELECT ON TABLE redress.run TO redress_controller;

GRANT SELECT,INSERT ON TABLE redress.run_digest TO redress_job;
GRANT SELECT ON TABLE redress.run_digest TO redress_invoicing;
GRANT SELECT ON TABLE redress.run_digest TO redress_reader;
GRANT SELECT ON TABLE redress.run_digest TO redress_controller;

GRANT SELECT ON TABLE redress.schema_migration TO redress_job;
GRANT SELECT ON TABLE redress.schema_migration TO redress_invoicing;
GRANT SELECT ON TABLE redress.schema_migration TO redress_reader;
GRANT SELECT ON TABLE redress.schema_migration TO redress_controller;

GRANT SELECT,INSERT,DELETE ON TABLE redress.staged_carried_forward TO redress_job;

GRANT SELECT,INSERT,DELETE ON TABLE redress.staged_credit_revision TO redress_job;

GRANT SELECT,INSERT,DELETE ON TABLE redress.staged_decision TO redress_job;

GRANT SELECT,INSERT,DELETE ON TABLE redress.staged_evidence TO redress_job;

GRANT SELECT,INSERT,DELETE ON TABLE redress.staged_invoice_line TO redress_job;

GRANT SELECT,INSERT ON TABLE redress.visible_run TO redress_job;
GRANT SELECT ON TABLE redress.visible_run TO redress_invoicing;
GRANT SELECT ON TABLE redress.visible_run TO redress_reader;
GRANT SELECT ON TABLE redress.visible_run TO redress_controller;

GRANT SELECT ON TABLE redress_source.action_item TO redress_job;

GRANT SELECT ON TABLE redress_source.claim TO redress_job;

GRANT SELECT ON TABLE redress_source.customer TO redress_job;

GRANT SELECT ON TABLE redress_source.exclusion TO redress_job;

GRANT SELECT ON TABLE redress_source.incident TO redress_job;

GRANT SELECT ON TABLE redress_source.incident_event TO redress_job;

GRANT SELECT ON TABLE redress_source.invoice TO redress_job;

GRANT SELECT ON TABLE redress_source.outage TO redress_job;

GRANT SELECT ON TABLE redress_source.post_mortem TO redress_job;

GRANT SELECT ON TABLE redress_source.service TO redress_job;

GRANT SELECT ON TABLE redress_source.subscription_term TO redress_job;

ALTER DEFAULT PRIVILEGES IN SCHEMA redress_source GRANT SELECT ON TABLES  TO redress_job;
