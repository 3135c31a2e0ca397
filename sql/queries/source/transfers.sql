-- The recorded subscriptions that the source has no longer under the recorded customer, but under another: they have
-- moved, where one that is nowhere is missing. The ledger is read first, because a distributed database joins two
-- relations only by what both are distributed by.
-- Parameter: the customer whom they are recorded for, or null for all. Returns: customer_id (as recorded),
-- subscription_id. Order: none.
WITH recorded AS MATERIALIZED (
  SELECT c.customer_id COLLATE "C" AS customer_id, c.subscription_id COLLATE "C" AS subscription_id
    FROM redress.credit AS c
   WHERE $1::text IS NULL OR c.customer_id = $1
), gone AS MATERIALIZED (
  SELECT DISTINCT r.customer_id COLLATE "C" AS customer_id, r.subscription_id COLLATE "C" AS subscription_id
    FROM recorded AS r
    LEFT JOIN redress_source.subscription_term AS t
      ON t.subscription_id COLLATE "C" = r.subscription_id COLLATE "C"
     AND t.customer_id COLLATE "C" = r.customer_id COLLATE "C"
   WHERE t.customer_id IS NULL
)
SELECT g.customer_id COLLATE "C" AS customer_id, g.subscription_id COLLATE "C" AS subscription_id
  FROM gone AS g
 WHERE g.subscription_id COLLATE "C" IN (SELECT t.subscription_id
                                           FROM redress_source.subscription_term AS t
                                          WHERE t.subscription_id COLLATE "C" IN (SELECT o.subscription_id FROM gone AS o))
