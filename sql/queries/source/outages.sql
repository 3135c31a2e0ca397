-- The outage windows that are not a single customer's, and of those that are, the ones with something wrong: what
-- parks an incident must be known before the first customer is calculated. What a window names is looked up in grouped
-- relations, because a distributed database runs no correlated subquery across two of them.
-- Parameters: the as-of instant, by which a resolved incident's windows must have ended; the first and the last instant
-- that a time may be. Returns: incident_id, severity, service_id, customer_id, started_at, ended_at, knows_customer,
-- share (as text, null where the relation has no such column).
-- Order: incident_id, started_at, then every other column, byte order.
SELECT o.incident_id, o.severity, o.service_id, o.customer_id, o.started_at, o.ended_at,
       o.customer_id IS NULL OR c.customer_id IS NOT NULL AS knows_customer,
       to_jsonb(o) ->> 'share' AS share
  FROM redress_source.outage AS o
  LEFT JOIN (SELECT customer_id COLLATE "C" AS customer_id
               FROM redress_source.customer
              GROUP BY customer_id COLLATE "C") AS c
    ON c.customer_id COLLATE "C" = o.customer_id COLLATE "C"
  LEFT JOIN (SELECT incident_id COLLATE "C" AS incident_id
               FROM redress_source.incident
              GROUP BY incident_id COLLATE "C") AS i
    ON i.incident_id COLLATE "C" = o.incident_id COLLATE "C"
  LEFT JOIN (SELECT service_id COLLATE "C" AS service_id
               FROM redress_source.service
              GROUP BY service_id COLLATE "C"
             HAVING count(*) = 1) AS s
    ON s.service_id COLLATE "C" = o.service_id COLLATE "C"
 WHERE o.customer_id IS NULL
    OR o.severity IS NULL
    OR o.severity COLLATE "C" NOT IN ('P0', 'P1', 'P2', 'P3')
    OR o.started_at IS NULL
    OR o.ended_at IS NULL
    OR o.ended_at < o.started_at
    OR o.ended_at > least($1::timestamptz, $3::timestamptz)
    OR o.started_at > $3::timestamptz
    OR o.started_at < $2::timestamptz
    OR i.incident_id IS NULL
    OR i.incident_id COLLATE "C" = ''
    OR c.customer_id IS NULL
    OR c.customer_id COLLATE "C" = ''
    OR to_jsonb(o) ->> 'share' !~ '^(1(\.0*)?|0?\.[0-9]{1,6}0*)$'
    OR to_jsonb(o) ->> 'share' !~ '[1-9]'
    OR (o.service_id IS NOT NULL AND (s.service_id IS NULL OR s.service_id COLLATE "C" = ''))
 ORDER BY o.incident_id COLLATE "C", o.started_at, o.severity COLLATE "C", o.service_id COLLATE "C",
          o.customer_id COLLATE "C", o.ended_at
