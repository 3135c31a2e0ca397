-- The terms that had not ended before an instant. Terms with an infinite or a missing time are
-- among them.
-- Parameter: the instant.
-- Returns: customer_id, subscription_id, service_id, plan, monthly_fee, currency, valid_from, valid_to.
-- Order: customer_id, subscription_id, valid_from, byte order.
SELECT customer_id, subscription_id, service_id, plan, monthly_fee, currency, valid_from, valid_to
  FROM redress_source.subscription_term
 WHERE (valid_from <= $1::timestamptz AND valid_to <= $1::timestamptz AND isfinite(valid_from) AND isfinite(valid_to))
         IS NOT TRUE
 ORDER BY customer_id COLLATE "C", subscription_id COLLATE "C", valid_from
