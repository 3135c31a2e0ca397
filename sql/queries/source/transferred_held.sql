-- The subscriptions with a recorded credit of a customer who has no term of them any more, for an
-- incident that is not settled. Such a credit still uses a part of the cap, whoever has the
-- subscription now. Ledger and source are read one after the other, because a distributed database
-- cannot join what is not distributed alike.
-- Parameters: the incidents that are settled, that is counted or void; the customer who has the subscription now, or null
-- for all; the earliest month that matters. Returns: subscription_id. Order: none.
WITH held AS MATERIALIZED (
  SELECT c.customer_id COLLATE "C" AS customer_id, c.subscription_id COLLATE "C" AS subscription_id
    FROM redress.recorded_month AS m
    JOIN redress.credit_revision AS c ON c.billing_month = m.billing_month AND c.incident_id = m.incident_id
   WHERE m.billing_month >= $3::date
     AND m.incident_id NOT IN (SELECT s.incident_id COLLATE "C" FROM unnest($1::text[]) AS s (incident_id))
     AND c.percent_bp IS DISTINCT FROM 0
)
SELECT DISTINCT h.subscription_id COLLATE "C" AS subscription_id
  FROM held AS h
  LEFT JOIN redress_source.subscription_term AS t
    ON t.subscription_id COLLATE "C" = h.subscription_id COLLATE "C"
   AND t.customer_id COLLATE "C" = h.customer_id COLLATE "C"
 WHERE t.customer_id IS NULL
   AND ($2::text IS NULL
        OR h.subscription_id COLLATE "C" IN (SELECT n.subscription_id
                                               FROM redress_source.subscription_term AS n
                                              WHERE n.customer_id COLLATE "C" = $2))
