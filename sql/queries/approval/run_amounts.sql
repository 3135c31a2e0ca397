-- What runs granted and took back, by currency: of each credit, what it gained or lost over all months.
-- Parameter: the first run. Returns: run_id, currency, granted and taken_back in minor units as text.
-- Order: run_id, currency.
SELECT run_id, currency, sum(greatest(net, 0))::text AS granted, sum(greatest(-net, 0))::text AS taken_back
  FROM (SELECT run_id, currency, sum(amount_minor) AS net
          FROM redress.credit_revision
         WHERE run_id >= $1::bigint
         GROUP BY run_id, currency, customer_id, subscription_id, incident_id) AS credit
 GROUP BY run_id, currency
 ORDER BY run_id, currency
