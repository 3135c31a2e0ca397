-- The customers by tier, and what they have.
-- Parameter: the as-of instant.
-- Returns: tier, customers, without_subscription, subscriptions, in_force (subscriptions with a term in force).
-- Order: customers, the most first, then tier, byte order.
WITH owned AS MATERIALIZED (
  SELECT t.customer_id COLLATE "C" AS customer_id, count(DISTINCT t.subscription_id COLLATE "C") AS subscriptions,
         count(DISTINCT t.subscription_id COLLATE "C") FILTER (
           WHERE t.valid_from <= $1::timestamptz AND (t.valid_to IS NULL OR t.valid_to > $1::timestamptz)) AS in_force
    FROM redress_source.subscription_term AS t
   GROUP BY t.customer_id COLLATE "C"
), customers AS MATERIALIZED (
  SELECT c.customer_id COLLATE "C" AS customer_id, min(c.tier COLLATE "C") AS tier
    FROM redress_source.customer AS c
   GROUP BY c.customer_id COLLATE "C"
)
SELECT c.tier COLLATE "C" AS tier, count(*) AS customers, count(*) FILTER (WHERE o.customer_id IS NULL) AS without_subscription,
       coalesce(sum(o.subscriptions), 0)::bigint AS subscriptions, coalesce(sum(o.in_force), 0)::bigint AS in_force
  FROM customers AS c
  LEFT JOIN owned AS o ON o.customer_id COLLATE "C" = c.customer_id COLLATE "C"
 GROUP BY c.tier COLLATE "C"
 ORDER BY customers DESC, c.tier COLLATE "C"
