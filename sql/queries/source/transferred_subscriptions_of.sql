-- The subscriptions of one customer that also have terms of another customer, or of none.
-- Parameter: customer_id. Returns: subscription_id. Order: none.
SELECT DISTINCT t.subscription_id COLLATE "C" AS subscription_id
  FROM redress_source.subscription_term AS t
  JOIN redress_source.subscription_term AS other
    ON other.subscription_id COLLATE "C" = t.subscription_id COLLATE "C"
   AND other.customer_id COLLATE "C" IS DISTINCT FROM t.customer_id COLLATE "C"
 WHERE t.customer_id COLLATE "C" = $1
