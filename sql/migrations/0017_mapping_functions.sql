-- Functions for the views of redress_source: what billing and incident systems write in their own way, in the form of the
-- contract. They read no table.
--
-- What has no right answer in one row comes out so that the row is reported with its key, because an error would stop
-- every other row as well. What is wrong in the view itself, such as an unknown period, is an error.

-- The ledger's own views keep the function of whole minor units. Its name is taken by one that every numeric type fits.
ALTER FUNCTION redress.major_units(bigint, text) RENAME TO recorded_units;
COMMENT ON FUNCTION redress.recorded_units(bigint, text) IS
  'An amount of the ledger in major units, with exactly the currency''s decimals: 1050 USD is 10.50. major_units() is for everything else.';

CREATE FUNCTION redress.major_units(amount numeric, currency text, convention text DEFAULT 'iso')
RETURNS numeric
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
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
COMMENT ON FUNCTION redress.major_units(numeric, text, text) IS
  'An amount of minor units in major units, exactly: 1050 USD is 10.50, also for fractions of a unit. The currency is in any case; null where there is no such currency. The convention says how many minor units a major one has: iso, or stripe (ISK and UGX 100, MGA 1).';

CREATE FUNCTION redress.monthly_fee(amount numeric, period text, count integer DEFAULT 1)
RETURNS numeric
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
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
COMMENT ON FUNCTION redress.monthly_fee(numeric, text, integer) IS
  'What an amount for count periods is for a month, in the amount''s unit, rounded once to six decimals, half up on the magnitude. A year has 12 months, 4 quarters, 52 weeks and 365 days, so a month has 52/12 weeks. The period is in any case: day, daily, week, weekly, month, monthly, quarter, quarterly, year, yearly, annual, or a plural. Null in is null out.';

CREATE FUNCTION redress.time_zone(given text)
RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
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
$$;
COMMENT ON FUNCTION redress.time_zone(text) IS
  'The name of a time zone as the database of time zones writes it. Empty is null. An offset of whole hours, as +02:00 or UTC-5, is the zone that has it: Etc/GMT-2, Etc/GMT+5, whose sign is the other way round. What is no zone, and an offset with minutes, comes back as it is and is reported with the customer''s key (unknown_time_zone); PostgreSQL itself would take +05:30 for five and a half hours behind UTC.';

CREATE FUNCTION redress.instant(epoch numeric, unit text DEFAULT 'second')
RETURNS timestamptz
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
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
COMMENT ON FUNCTION redress.instant(numeric, text) IS
  'The instant that a number of units after 1970-01-01T00:00Z stands for, exact to the microsecond: seconds, or what unit says (second, millisecond, microsecond). A number is never guessed to be of another unit. What PostgreSQL has no time for, and NaN, is infinity, so that it is reported.';

-- Views run functions with the rights of whoever reads them.
REVOKE ALL ON FUNCTION
  redress.major_units(numeric, text, text),
  redress.monthly_fee(numeric, text, integer),
  redress.time_zone(text),
  redress.instant(numeric, text)
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
  redress.major_units(numeric, text, text),
  redress.monthly_fee(numeric, text, integer),
  redress.time_zone(text),
  redress.instant(numeric, text)
TO redress_job, redress_invoicing, redress_reader, redress_controller;
