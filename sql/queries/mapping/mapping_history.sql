-- Whether the source knows only the present: no subscription has several terms, and none has ended before the as-of
-- instant; or all of several begin at one instant.
-- Parameter: the as-of instant.
-- Returns: sign, total (subscriptions), then six cells: subscriptions, those with several terms, terms that have ended,
-- different first instants, the earliest, the latest. No row where the source keeps history, or has no term.
WITH subscriptions AS MATERIALIZED (
  SELECT t.subscription_id COLLATE "C" AS subscription_id, count(*) AS terms,
         count(*) FILTER (WHERE t.valid_to <= $1::timestamptz) AS ended, min(t.valid_from) AS begins_at
    FROM redress_source.subscription_term AS t
   GROUP BY t.subscription_id COLLATE "C"
), summed AS (
  SELECT count(*) AS subscriptions, count(*) FILTER (WHERE s.terms > 1) AS several, sum(s.ended)::bigint AS ended,
         count(DISTINCT s.begins_at) AS begins, min(s.begins_at) AS first, max(s.begins_at) AS last
    FROM subscriptions AS s
)
SELECT 'present_only' AS sign, s.subscriptions AS total, s.subscriptions::text AS subscriptions, s.several::text AS several,
       s.ended::text AS ended, s.begins::text AS begins,
       to_char(s.first AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') AS first,
       to_char(s.last AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') AS last
  FROM summed AS s
 WHERE s.subscriptions > 0
   AND (s.several = 0 AND s.ended = 0 OR s.subscriptions > 1 AND s.begins = 1)
