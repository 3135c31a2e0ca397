-- The reasons why credits were taken back, in a run or in a billing month by any run.
-- Parameters: run_id or null, the month's first day or null.
-- Returns: reason (empty where the row has none), currency, rows, amount_minor. Order: reason, currency.
SELECT coalesce(reason, '') AS reason, currency, count(*) AS rows, sum(amount_minor)::bigint AS amount_minor
  FROM redress.credit
 WHERE kind = 'decrease'
   AND ($1::bigint IS NULL OR run_id = $1::bigint)
   AND ($2::date IS NULL OR billing_month = $2::date)
 GROUP BY coalesce(reason, ''), currency
 ORDER BY coalesce(reason, ''), currency
