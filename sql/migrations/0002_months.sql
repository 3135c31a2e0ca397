-- Where billing months begin.

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
