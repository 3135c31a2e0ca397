-- The action items of given incidents. Parameter: incident ids.
-- Returns: incident_id, title, completed_at. Order: incident_id, title, byte order, completed_at.
SELECT a.incident_id, a.title, a.completed_at
  FROM redress_source.action_item AS a
 WHERE a.incident_id COLLATE "C" = ANY ($1)
 ORDER BY a.incident_id COLLATE "C", a.title COLLATE "C", a.completed_at
