-- What notices say about incidents, from the source as it is now.
-- Parameter: incident ids. Returns: incident_id, title, severity, status, started_at, resolved_at, root_cause, done
-- (JSON list of the action items completed), under_way (JSON list of the others). Order: incident_id.
SELECT i.incident_id, i.title, i.severity, i.status, i.started_at, i.resolved_at, i.root_cause,
       (SELECT json_agg(a.title ORDER BY a.completed_at, a.title COLLATE "C")::text
          FROM redress_source.action_item AS a
         WHERE a.incident_id COLLATE "C" = i.incident_id AND a.completed_at IS NOT NULL) AS done,
       (SELECT json_agg(a.title ORDER BY a.title COLLATE "C")::text
          FROM redress_source.action_item AS a
         WHERE a.incident_id COLLATE "C" = i.incident_id AND a.completed_at IS NULL) AS under_way
  FROM (SELECT incident_id COLLATE "C" AS incident_id, min(title COLLATE "C") AS title,
               min(severity COLLATE "C") AS severity, min(status COLLATE "C") AS status,
               min(started_at) AS started_at, max(resolved_at) AS resolved_at,
               min(root_cause COLLATE "C") AS root_cause
          FROM redress_source.incident
         WHERE incident_id COLLATE "C" = ANY ($1::text[])
         GROUP BY incident_id COLLATE "C") AS i
 ORDER BY i.incident_id COLLATE "C"
