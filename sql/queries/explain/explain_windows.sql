-- Every outage window that can concern one customer, as the source has it, also bad ones.
-- Parameter: customer_id.
-- Returns: incident_id, severity, service_id, is_own, started_at, ended_at. Order: incident_id, started_at, byte order.
SELECT o.incident_id, o.severity, o.service_id, o.customer_id IS NOT NULL AS is_own, o.started_at, o.ended_at
  FROM redress_source.outage AS o
 WHERE o.customer_id IS NULL OR o.customer_id COLLATE "C" = $1
 ORDER BY o.incident_id COLLATE "C", o.started_at, o.severity COLLATE "C", o.service_id COLLATE "C", o.ended_at
