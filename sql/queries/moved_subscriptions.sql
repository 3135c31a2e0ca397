-- The subscriptions that the source has under more than one customer. An index on (subscription_id, customer_id), which
-- the plain source tables have, makes this a walk through that index.
-- Returns: subscription_id. Order: none.
SELECT subscription_id
  FROM redress_source.subscription_term
 GROUP BY subscription_id
HAVING min(customer_id COLLATE "C") <> max(customer_id COLLATE "C")
