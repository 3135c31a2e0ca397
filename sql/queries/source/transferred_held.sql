-- Subscriptions of which the ledger has something under a customer who has none of their terms any more, for an incident
-- that is not settled: what is recorded there still takes its share of the cap, wherever the subscription is now. Ledger
-- and source are read one after the other, because a distributed database cannot join what is not distributed alike.
-- Parameters: the incidents that are settled, that is counted or void; the customer who has the subscription now, or null
-- for all. Returns: subscription_id. Order: none.
WITH held AS MATERIALIZED (
  SELECT c.customer_id COLLATE "C" AS customer_id, c.subscription_id COLLATE "C" AS subscription_id
    FROM redress.credit AS c
   WHERE c.percent_bp > 0
     AND c.incident_id COLLATE "C" NOT IN (SELECT s.incident_id FROM unnest($1::text[]) AS s (incident_id))
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
