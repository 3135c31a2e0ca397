-- The outage windows of one incident. Windows of single customers that are otherwise the same are
-- counted together.
-- Parameter: incident_id. Returns: severity, service_name (null for every service), customers (0 for everybody),
-- started_at, ended_at. Order: started_at, severity, service_name.
SELECT o.severity COLLATE "C" AS severity, max(coalesce(s.name, o.service_id) COLLATE "C") AS service_name,
       count(DISTINCT o.customer_id COLLATE "C") AS customers, o.started_at, o.ended_at
  FROM redress_source.outage AS o
  LEFT JOIN redress_source.service AS s ON s.service_id COLLATE "C" = o.service_id COLLATE "C"
 WHERE o.incident_id COLLATE "C" = $1
 GROUP BY o.severity COLLATE "C", o.service_id COLLATE "C", o.customer_id IS NULL, o.started_at, o.ended_at
 ORDER BY o.started_at, 1, 2, 3
