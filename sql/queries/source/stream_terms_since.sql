-- The terms that had not ended before an instant. Terms with an infinite or a missing time are
-- among them, and those without a customer or a subscription: what they park must be reported.
-- Parameter: the instant.
-- Returns: customer_id, subscription_id, service_id, plan, monthly_fee, currency, valid_from, valid_to.
-- Order: customer_id, subscription_id, valid_from, byte order.
SELECT customer_id, subscription_id, service_id, plan, monthly_fee, currency, valid_from, valid_to
  FROM redress_source.subscription_term
 WHERE (valid_from <= $1::timestamptz AND valid_to <= $1::timestamptz AND isfinite(valid_from) AND isfinite(valid_to))
         IS NOT TRUE
    OR customer_id IS NULL
    OR customer_id COLLATE "C" = ''
    OR subscription_id IS NULL
    OR subscription_id COLLATE "C" = ''
 ORDER BY customer_id COLLATE "C", subscription_id COLLATE "C", valid_from
