-- What runs have set off without taking it from other credits of the customer, or the other way round: lines on the pseudo
-- invoice that do not add up to zero within a run.
-- Returns: customer_id, currency, run_id, amount_minor (positive: too much was given back). Order: customer_id, currency, run_id.
SELECT line.customer_id, line.currency, line.run_id, sum(line.amount_minor)::text AS amount_minor
  FROM redress.invoice_adjustment AS line
 WHERE line.invoice_id = 'set-off'
 GROUP BY line.customer_id, line.currency, line.run_id
HAVING sum(line.amount_minor) <> 0
 ORDER BY line.customer_id, line.currency, line.run_id
