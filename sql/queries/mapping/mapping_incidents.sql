-- The incidents by status and severity.
-- Returns: status, severity, incidents, unresolved (those without resolved_at), first_start, last_start (null where it is
-- not finite).
-- Order: status, severity, byte order.
SELECT i.status COLLATE "C" AS status, i.severity COLLATE "C" AS severity, count(*) AS incidents,
       count(*) FILTER (WHERE i.resolved_at IS NULL) AS unresolved,
       min(i.started_at) FILTER (WHERE isfinite(i.started_at)) AS first_start,
       max(i.started_at) FILTER (WHERE isfinite(i.started_at)) AS last_start
  FROM redress_source.incident AS i
 GROUP BY i.status COLLATE "C", i.severity COLLATE "C"
 ORDER BY i.status COLLATE "C", i.severity COLLATE "C"
