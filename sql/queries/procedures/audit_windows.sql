-- The times in which each incident affected a service at a severity, for any customer.
-- Returns: incident_id, severity, service_id, started_at, ended_at, each once. Order: incident_id, byte order, started_at.
SELECT o.incident_id COLLATE "C" AS incident_id, o.severity COLLATE "C" AS severity,
       o.service_id COLLATE "C" AS service_id, o.started_at, o.ended_at
  FROM redress_source.outage AS o
 GROUP BY o.incident_id COLLATE "C", o.severity COLLATE "C", o.service_id COLLATE "C", o.started_at, o.ended_at
 ORDER BY o.incident_id COLLATE "C", o.started_at, o.severity COLLATE "C", o.service_id COLLATE "C", o.ended_at
