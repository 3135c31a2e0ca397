-- What the incidents that are not void touched, by service.
-- Returns: service_id (null: all services), service_name, incidents, stretches, unended (without an end), microseconds (of
-- those with one, as text), for_all (stretches that touch all customers), customers (named ones), first_start, last_start.
-- Order: service_id, byte order; all services last.
WITH counted AS MATERIALIZED (
  SELECT i.incident_id COLLATE "C" AS incident_id
    FROM redress_source.incident AS i
   WHERE i.status COLLATE "C" IS DISTINCT FROM 'void'
   GROUP BY i.incident_id COLLATE "C"
), named AS MATERIALIZED (
  SELECT s.service_id COLLATE "C" AS service_id, min(s.name COLLATE "C") AS name
    FROM redress_source.service AS s
   GROUP BY s.service_id COLLATE "C"
), touched AS MATERIALIZED (
  SELECT o.service_id COLLATE "C" AS service_id, count(DISTINCT o.incident_id COLLATE "C") AS incidents,
         count(*) AS stretches, count(*) FILTER (WHERE isfinite(o.ended_at) IS NOT TRUE) AS unended,
         coalesce(sum(extract(epoch FROM o.ended_at - o.started_at)::numeric * 1000000) FILTER (
           WHERE isfinite(o.ended_at) AND isfinite(o.started_at) AND o.ended_at > o.started_at), 0) AS microseconds,
         count(*) FILTER (WHERE o.customer_id IS NULL) AS for_all,
         count(DISTINCT o.customer_id COLLATE "C") AS customers,
         min(o.started_at) FILTER (WHERE isfinite(o.started_at)) AS first_start,
         max(o.started_at) FILTER (WHERE isfinite(o.started_at)) AS last_start
    FROM redress_source.outage AS o
    JOIN counted AS c ON c.incident_id COLLATE "C" = o.incident_id COLLATE "C"
   GROUP BY o.service_id COLLATE "C"
)
SELECT t.service_id, n.name, t.incidents, t.stretches, t.unended, trunc(t.microseconds)::text AS microseconds,
       t.for_all, t.customers, t.first_start, t.last_start
  FROM touched AS t
  LEFT JOIN named AS n ON n.service_id COLLATE "C" = t.service_id COLLATE "C"
 ORDER BY t.service_id COLLATE "C"
