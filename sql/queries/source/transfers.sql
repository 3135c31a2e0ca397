-- The recorded subscriptions that have no term of the recorded customer any more, but a term of
-- another customer. They have moved. A subscription without any term is missing instead.
-- Returns: customer_id (as recorded), subscription_id. Order: none.
SELECT DISTINCT c.customer_id COLLATE "C" AS customer_id, c.subscription_id COLLATE "C" AS subscription_id
  FROM redress.credit AS c
 WHERE NOT EXISTS (SELECT FROM redress_source.subscription_term AS t
                    WHERE t.subscription_id COLLATE "C" = c.subscription_id COLLATE "C"
                      AND t.customer_id COLLATE "C" = c.customer_id COLLATE "C")
   AND EXISTS (SELECT FROM redress_source.subscription_term AS t
                WHERE t.subscription_id COLLATE "C" = c.subscription_id COLLATE "C")
