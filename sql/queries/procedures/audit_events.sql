-- The recorded actions on given incidents. Parameter: incident ids.
-- Returns: incident_id, occurred_at, kind, customer_id, level. Order: incident_id, byte order, then every other column.
SELECT e.incident_id, e.occurred_at, e.kind, e.customer_id, e.level
  FROM redress_source.incident_event AS e
 WHERE e.incident_id COLLATE "C" = ANY ($1)
 ORDER BY e.incident_id COLLATE "C", e.occurred_at, e.kind COLLATE "C", e.customer_id COLLATE "C", e.level
