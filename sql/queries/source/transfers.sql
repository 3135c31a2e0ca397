-- The recorded subscriptions that have no term of the recorded customer which has not ended: their
-- terms have all ended, or they were transferred to another customer. A subscription without any
-- term is missing instead. The ledger is read first, because a distributed database joins two
-- relations only by what both are distributed by.
-- Parameters: the instant before which terms have ended; a month before which nothing is recorded that matters; the
-- customer of the records, or null for all; the first customer, and the one before which they end, each an empty text
-- for no such bound.
-- Returns: customer_id (as recorded), subscription_id, has_ended (whether the recorded customer has terms of it).
-- Order: none.
WITH recorded AS MATERIALIZED (
  SELECT DISTINCT c.customer_id COLLATE "C" AS customer_id, c.subscription_id COLLATE "C" AS subscription_id
    FROM redress.credited_month AS m
    JOIN redress.credit_revision AS c ON c.billing_month = m.billing_month
   WHERE m.billing_month >= $2::date
     AND ($3::text IS NULL OR c.customer_id = $3)
     AND ($4::text = '' OR c.customer_id >= $4)
     AND ($5::text = '' OR c.customer_id < $5)
), gone AS MATERIALIZED (
  SELECT r.customer_id COLLATE "C" AS customer_id, r.subscription_id COLLATE "C" AS subscription_id
    FROM recorded AS r
    LEFT JOIN redress_source.subscription_term AS t
      ON t.subscription_id COLLATE "C" = r.subscription_id COLLATE "C"
     AND t.customer_id COLLATE "C" = r.customer_id COLLATE "C"
     AND (t.valid_from <= $1::timestamptz AND t.valid_to <= $1::timestamptz AND isfinite(t.valid_from)
          AND isfinite(t.valid_to)) IS NOT TRUE
   WHERE t.customer_id IS NULL
)
SELECT g.customer_id COLLATE "C" AS customer_id, g.subscription_id COLLATE "C" AS subscription_id,
       coalesce(bool_or(t.customer_id COLLATE "C" = g.customer_id COLLATE "C"), false) AS has_ended
  FROM gone AS g
  JOIN redress_source.subscription_term AS t ON t.subscription_id COLLATE "C" = g.subscription_id COLLATE "C"
 GROUP BY g.customer_id COLLATE "C", g.subscription_id COLLATE "C"
