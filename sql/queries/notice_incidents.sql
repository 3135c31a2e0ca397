-- What customers are told about incidents, as the source has it now.
-- Parameter: incident ids. Returns: incident_id, title, severity, status, started_at, resolved_at, root_cause, done
-- (JSON list of the action items completed), under_way (JSON list of the others). Order: incident_id.
SELECT i.incident_id, min(i.title) AS title, min(i.severity) AS severity, min(i.status) AS status,
       min(i.started_at) AS started_at, max(i.resolved_at) AS resolved_at, min(i.root_cause) AS root_cause,
       (SELECT json_agg(a.title ORDER BY a.completed_at, a.title COLLATE "C")::text
          FROM redress_source.action_item AS a
         WHERE a.incident_id = i.incident_id AND a.completed_at IS NOT NULL) AS done,
       (SELECT json_agg(a.title ORDER BY a.title COLLATE "C")::text
          FROM redress_source.action_item AS a
         WHERE a.incident_id = i.incident_id AND a.completed_at IS NULL) AS under_way
  FROM redress_source.incident AS i
 WHERE i.incident_id = ANY ($1::text[])
 GROUP BY i.incident_id
 ORDER BY i.incident_id COLLATE "C"
