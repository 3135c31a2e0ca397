-- The outage windows of given customers. Parameter: customer ids.
-- Returns: customer_id, incident_id, severity, service_id, started_at, ended_at, share (as text,
-- null where the relation has no such column). Order: customer_id, incident_id,
-- started_at, byte order.
SELECT customer_id, incident_id, severity, service_id, started_at, ended_at, to_jsonb(o) ->> 'share' AS share
  FROM redress_source.outage AS o
 WHERE customer_id COLLATE "C" = ANY ($1)
 ORDER BY customer_id COLLATE "C", incident_id COLLATE "C", started_at
