-- Subscriptions that a run has granted something for the first time under a customer who has none of their terms now, and
-- that are under another: they were moved while the run read its source, which a distributed database does not show as of
-- one moment. Parameter: run_id. Returns: subscription_id. Order: none.
WITH granted AS MATERIALIZED (
  SELECT DISTINCT c.customer_id COLLATE "C" AS customer_id, c.subscription_id COLLATE "C" AS subscription_id
    FROM redress.credit_revision AS c
   WHERE c.run_id = $1 AND c.revision = 1
)
SELECT g.subscription_id COLLATE "C" AS subscription_id
  FROM granted AS g
  JOIN redress_source.subscription_term AS t ON t.subscription_id COLLATE "C" = g.subscription_id COLLATE "C"
 GROUP BY g.customer_id COLLATE "C", g.subscription_id COLLATE "C"
HAVING count(*) FILTER (WHERE t.customer_id COLLATE "C" = g.customer_id COLLATE "C") = 0
