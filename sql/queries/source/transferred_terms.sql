-- The terms of given subscriptions, of all customers. Parameters: subscription ids; the instant
-- before which ended terms are left out, unless they have no customer.
-- Returns: subscription_id, service_id, plan, monthly_fee, currency, valid_from, valid_to, customer_id, time_zone,
-- knows_customer. Order: subscription_id, valid_from, customer_id, byte order.
SELECT t.subscription_id, t.service_id, t.plan, t.monthly_fee, t.currency, t.valid_from, t.valid_to, t.customer_id,
       c.time_zone, c.customer_id IS NOT NULL AS knows_customer
  FROM redress_source.subscription_term AS t
  LEFT JOIN redress_source.customer AS c ON c.customer_id COLLATE "C" = t.customer_id COLLATE "C"
 WHERE t.subscription_id COLLATE "C" = ANY ($1)
   AND ((t.valid_from <= $2::timestamptz AND t.valid_to <= $2::timestamptz AND isfinite(t.valid_from)
         AND isfinite(t.valid_to)) IS NOT TRUE
        OR t.customer_id IS NULL
        OR t.customer_id COLLATE "C" = '')
 ORDER BY t.subscription_id COLLATE "C", t.valid_from, t.customer_id COLLATE "C"
