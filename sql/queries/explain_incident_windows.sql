-- The outage windows of one incident, those of single customers counted together.
-- Parameter: incident_id. Returns: severity, service_name (null for every service), customers (0 for everybody),
-- started_at, ended_at. Order: started_at, severity, service_name.
SELECT o.severity, max(coalesce(s.name, o.service_id)) AS service_name, count(DISTINCT o.customer_id) AS customers,
       o.started_at, o.ended_at
  FROM redress_source.outage AS o
  LEFT JOIN redress_source.service AS s ON s.service_id = o.service_id
 WHERE o.incident_id = $1
 GROUP BY o.severity, o.service_id, o.customer_id IS NULL, o.started_at, o.ended_at
 ORDER BY o.started_at, o.severity, 2, 3
