-- What runs before one granted and took back on the same day in UTC without anybody's approval, by currency: of each
-- run and credit, what it gained or lost over all months.
-- Parameters: the run; an instant of the day. Returns: currency, granted and taken_back in minor units as text.
-- Order: currency.
SELECT currency, sum(greatest(net, 0))::text AS granted, sum(greatest(-net, 0))::text AS taken_back
  FROM (SELECT currency, sum(amount_minor) AS net
          FROM redress.credit_revision
         WHERE run_id = ANY (ARRAY(SELECT run_id
                                     FROM redress.run
                                    WHERE run_id < $1::bigint
                                      AND NOT limits_approved
                                      AND (started_at AT TIME ZONE 'UTC')::date = ($2::timestamptz AT TIME ZONE 'UTC')::date))
         GROUP BY run_id, currency, customer_id, subscription_id, incident_id) AS credit
 GROUP BY currency
 ORDER BY currency
