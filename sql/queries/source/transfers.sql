-- The recorded subscriptions that the source has no longer under the recorded customer, but under another: they have
-- moved, where one that is nowhere is missing.
-- Returns: customer_id (as recorded), subscription_id. Order: none.
SELECT DISTINCT c.customer_id COLLATE "C" AS customer_id, c.subscription_id COLLATE "C" AS subscription_id
  FROM redress.credit AS c
 WHERE NOT EXISTS (SELECT FROM redress_source.subscription_term AS t
                    WHERE t.subscription_id COLLATE "C" = c.subscription_id COLLATE "C"
                      AND t.customer_id COLLATE "C" = c.customer_id COLLATE "C")
   AND EXISTS (SELECT FROM redress_source.subscription_term AS t
                WHERE t.subscription_id COLLATE "C" = c.subscription_id COLLATE "C")
