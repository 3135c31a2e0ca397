-- The outage windows of given customers. Parameter: customer ids.
-- Returns: customer_id, incident_id, severity, service_id, started_at, ended_at. Order: customer_id, incident_id,
-- started_at, byte order.
SELECT customer_id, incident_id, severity, service_id, started_at, ended_at
  FROM redress_source.outage
 WHERE customer_id COLLATE "C" = ANY ($1)
 ORDER BY customer_id COLLATE "C", incident_id COLLATE "C", started_at
