-- What each run changed in a billing month. Parameter: the month's first day.
-- Returns: run_id, as_of, currency, rows, amount_minor. Order: run_id, currency.
SELECT r.run_id, r.as_of, c.currency, c.rows, c.amount_minor
  FROM (SELECT run_id, currency, count(*) AS rows, sum(amount_minor)::bigint AS amount_minor
          FROM redress.credit
         WHERE billing_month = $1::date
         GROUP BY run_id, currency) AS c
  JOIN redress.run AS r ON r.run_id = c.run_id
 ORDER BY r.run_id, c.currency
