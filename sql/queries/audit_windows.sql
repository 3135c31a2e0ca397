-- Every stretch of time in which an incident touched a service at a severity, whoever was touched.
-- Returns: incident_id, started_at, severity, service_id, ended_at, each once. Order: incident_id, byte order, started_at.
SELECT DISTINCT o.incident_id COLLATE "C" AS incident_id, o.started_at, o.severity COLLATE "C" AS severity,
       o.service_id COLLATE "C" AS service_id, o.ended_at
  FROM redress_source.outage AS o
 ORDER BY incident_id, o.started_at, severity, service_id, o.ended_at
