-- The terms of the Enterprise customers, without their fees. Who was affected does not depend on
-- the fee, and a bad fee must not hide a customer.
-- Returns: customer_id, subscription_id, service_id, plan, monthly_fee (0), currency (USD), valid_from, valid_to.
-- Order: customer_id, subscription_id, valid_from, byte order.
SELECT t.customer_id, t.subscription_id, t.service_id, t.plan, 0::numeric AS monthly_fee, 'USD' AS currency,
       t.valid_from, t.valid_to
  FROM redress_source.subscription_term AS t
 WHERE t.customer_id COLLATE "C" IN (SELECT c.customer_id
                                     FROM redress_source.customer AS c
                                    WHERE lower(btrim(c.tier) COLLATE "C") = 'enterprise')
 ORDER BY t.customer_id COLLATE "C", t.subscription_id COLLATE "C", t.valid_from
