-- The post-mortems of given incidents. Parameter: incident ids.
-- Returns: incident_id, completed_at. Order: incident_id, byte order, completed_at; incomplete ones
-- last.
SELECT p.incident_id, p.completed_at
  FROM redress_source.post_mortem AS p
 WHERE p.incident_id COLLATE "C" = ANY ($1)
 ORDER BY p.incident_id COLLATE "C", p.completed_at
