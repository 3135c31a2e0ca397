-- The terms of given subscriptions, of all customers. Parameter: subscription ids.
-- Returns: subscription_id, service_id, plan, monthly_fee, currency, valid_from, valid_to, customer_id, time_zone,
-- knows_customer. Order: subscription_id, valid_from, customer_id, byte order.
SELECT t.subscription_id, t.service_id, t.plan, t.monthly_fee, t.currency, t.valid_from, t.valid_to, t.customer_id,
       c.time_zone, c.customer_id IS NOT NULL AS knows_customer
  FROM redress_source.subscription_term AS t
  LEFT JOIN redress_source.customer AS c ON c.customer_id COLLATE "C" = t.customer_id COLLATE "C"
 WHERE t.subscription_id COLLATE "C" = ANY ($1)
 ORDER BY t.subscription_id COLLATE "C", t.valid_from, t.customer_id COLLATE "C"
