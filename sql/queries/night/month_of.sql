-- The calendar month of an instant in a time zone.
-- Parameters: instant, zone. Returns: first day of the month.
SELECT date_trunc('month', $1::timestamptz AT TIME ZONE $2)::date AS month
