-- The subscriptions with a recorded credit of a customer who has no term of them any more, for an
-- incident that is not settled. Such a credit still uses a part of the cap, whoever has the
-- subscription now.
-- Parameters: the incidents that are settled, that is counted or void; the customer who has the subscription now, or null
-- for all; the earliest month that matters. Returns: subscription_id. Order: none.
SELECT DISTINCT c.subscription_id COLLATE "C" AS subscription_id
  FROM redress.credit AS c
 WHERE c.percent_bp > 0
   AND c.billing_month >= $3
   AND c.incident_id COLLATE "C" NOT IN (SELECT s.incident_id FROM unnest($1::text[]) AS s (incident_id))
   AND NOT EXISTS (SELECT FROM redress_source.subscription_term AS t
                    WHERE t.subscription_id COLLATE "C" = c.subscription_id COLLATE "C"
                      AND t.customer_id COLLATE "C" = c.customer_id COLLATE "C")
   AND ($2::text IS NULL
        OR c.subscription_id COLLATE "C" IN (SELECT t.subscription_id
                                               FROM redress_source.subscription_term AS t
                                              WHERE t.customer_id COLLATE "C" = $2))
