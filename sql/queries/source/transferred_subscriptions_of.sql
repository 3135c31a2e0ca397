-- The subscriptions of one customer that also have terms of another customer, or of none.
-- Parameter: customer_id. Returns: subscription_id. Order: none.
SELECT t.subscription_id COLLATE "C" AS subscription_id
  FROM redress_source.subscription_term AS t
 WHERE t.subscription_id COLLATE "C" IN (SELECT own.subscription_id COLLATE "C"
                                           FROM redress_source.subscription_term AS own
                                          WHERE own.customer_id COLLATE "C" = $1)
 GROUP BY t.subscription_id COLLATE "C"
HAVING count(*) FILTER (WHERE t.customer_id COLLATE "C" = $1) < count(*)
