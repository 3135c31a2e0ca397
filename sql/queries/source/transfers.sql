-- The recorded subscriptions that have no term of the recorded customer any more, but a term of
-- another customer, and those whose terms of the recorded customer have all ended. The first have
-- been transferred. A subscription without any term is missing instead.
-- Parameters: the instant before which terms have ended; a month before which nothing is recorded that matters.
-- Returns: customer_id (as recorded), subscription_id, has_ended. Order: none.
WITH recorded AS MATERIALIZED (
  SELECT DISTINCT c.customer_id, c.subscription_id
    FROM redress.credit AS c
   WHERE c.billing_month >= $2
), held AS (
  SELECT t.subscription_id COLLATE "C" AS subscription_id, t.customer_id COLLATE "C" AS customer_id,
         bool_and((t.valid_from <= $1 AND t.valid_to <= $1 AND isfinite(t.valid_from) AND isfinite(t.valid_to)) IS TRUE)
           AS has_ended
    FROM redress_source.subscription_term AS t
   WHERE t.subscription_id COLLATE "C" IN (SELECT r.subscription_id COLLATE "C" FROM recorded AS r)
   GROUP BY t.subscription_id COLLATE "C", t.customer_id COLLATE "C"
)
SELECT r.customer_id COLLATE "C" AS customer_id, r.subscription_id COLLATE "C" AS subscription_id,
       own.subscription_id IS NOT NULL AS has_ended
  FROM recorded AS r
  LEFT JOIN held AS own
    ON own.subscription_id COLLATE "C" = r.subscription_id COLLATE "C"
   AND own.customer_id COLLATE "C" = r.customer_id COLLATE "C"
 WHERE own.has_ended
    OR (own.subscription_id IS NULL
        AND r.subscription_id COLLATE "C" IN (SELECT h.subscription_id FROM held AS h))
