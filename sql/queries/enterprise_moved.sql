-- The subscriptions of Enterprise customers that the source has under another customer as well.
-- Returns: subscription_id. Order: none.
SELECT DISTINCT t.subscription_id
  FROM redress_source.subscription_term AS t
  JOIN redress_source.subscription_term AS other
    ON other.subscription_id = t.subscription_id AND other.customer_id <> t.customer_id
 WHERE t.customer_id IN (SELECT c.customer_id
                         FROM redress_source.customer AS c
                        WHERE lower(c.tier COLLATE "C") = 'enterprise')
