-- The subscriptions with terms of more than one customer, or partly of none. Fast with an index on
-- (subscription_id, customer_id), which the plain source tables have.
-- Returns: subscription_id. Order: none.
SELECT subscription_id COLLATE "C" AS subscription_id
  FROM redress_source.subscription_term
 WHERE subscription_id COLLATE "C" <> ''
 GROUP BY subscription_id COLLATE "C"
HAVING min(customer_id COLLATE "C") <> max(customer_id COLLATE "C")
    OR (count(*) <> count(customer_id) AND count(customer_id) > 0)
