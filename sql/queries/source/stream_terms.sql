-- Returns: customer_id, subscription_id, service_id, plan, monthly_fee, currency, valid_from, valid_to.
-- Order: customer_id, subscription_id, valid_from, byte order.
SELECT customer_id, subscription_id, service_id, plan, monthly_fee, currency, valid_from, valid_to
  FROM redress_source.subscription_term
 ORDER BY customer_id COLLATE "C", subscription_id COLLATE "C", valid_from
