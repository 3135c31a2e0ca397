-- The recorded subscriptions that the source has no longer under the recorded customer, but under another: they have
-- moved, where one that is nowhere is missing.
-- Returns: customer_id (as recorded), subscription_id. Order: none.
SELECT DISTINCT c.customer_id, c.subscription_id
  FROM redress.credit AS c
 WHERE NOT EXISTS (SELECT FROM redress_source.subscription_term AS t
                    WHERE t.subscription_id = c.subscription_id AND t.customer_id = c.customer_id)
   AND EXISTS (SELECT FROM redress_source.subscription_term AS t WHERE t.subscription_id = c.subscription_id)
