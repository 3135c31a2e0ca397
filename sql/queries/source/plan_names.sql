-- The plans of all terms. Returns: plan. Order: byte order.
SELECT t.plan COLLATE "C" AS plan
  FROM redress_source.subscription_term AS t
 WHERE t.plan IS NOT NULL
 GROUP BY t.plan COLLATE "C"
 ORDER BY t.plan COLLATE "C"
