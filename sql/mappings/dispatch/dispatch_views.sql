-- Dispatch's incidents. Times of Dispatch have no zone and are in UTC. What an incident was before it is now stands in the
-- sentences of its events only.

-- The statuses of an incident in order, by the sentence that notes a change. The first one is Active, from the report on.
CREATE OR REPLACE VIEW redress_mapping.dispatch_status_step AS
SELECT step.incident_id, step.at, step.number, step.status, decided.meaning
FROM (
  SELECT
    noted.incident_id, noted.at, noted.status,
    row_number() OVER (PARTITION BY noted.incident_id ORDER BY noted.number, noted.at, noted.id) AS number
  FROM (
    SELECT incident.id AS incident_id, COALESCE(incident.reported_at, incident.created_at) AS at, 'active' AS status, 0 AS number, 0 AS id
    FROM {{vendor}}.incident
    UNION ALL
    SELECT event.incident_id, event.started_at, sentence.parts[1], 1, event.id
    FROM {{vendor}}.event
    CROSS JOIN LATERAL (
      SELECT regexp_match(event.description, ' marked the incident as (\S.*)$') AS parts
    ) AS sentence
    WHERE event.incident_id IS NOT NULL AND sentence.parts IS NOT NULL
  ) AS noted
) AS step
LEFT JOIN redress_mapping.dispatch_status AS decided ON lower(decided.status) = lower(btrim(step.status));
COMMENT ON VIEW redress_mapping.dispatch_status_step IS 'The statuses that each incident of Dispatch had, numbered in order.';

CREATE OR REPLACE VIEW redress_mapping.dispatch_window AS
SELECT
  edge.incident_id, edge.at AS starts_at,
  -- The last end is what people may have corrected on the incident itself.
  CASE
    WHEN edge.is_last AND present.meaning = 'resolved' THEN COALESCE(present.ended_at, edge.ends_at)
    ELSE edge.ends_at
  END AS ends_at
FROM (
  SELECT
    turn.incident_id, turn.is_open, turn.at,
    lead(turn.at) OVER (PARTITION BY turn.incident_id ORDER BY turn.number) AS ends_at,
    turn.number = max(turn.number) FILTER (WHERE turn.is_open) OVER (PARTITION BY turn.incident_id) AS is_last
  FROM (
    SELECT
      step.incident_id, step.number, step.at, step.meaning = 'open' AS is_open,
      lag(step.meaning = 'open') OVER (PARTITION BY step.incident_id ORDER BY step.number) AS before
    FROM redress_mapping.dispatch_status_step AS step
  ) AS turn
  WHERE turn.is_open IS DISTINCT FROM turn.before
) AS edge
JOIN (
  SELECT
    incident.id, decided.meaning,
    CASE WHEN stable.meaning = 'resolved' THEN COALESCE(incident.stable_at, incident.closed_at) ELSE incident.closed_at END AS ended_at
  FROM {{vendor}}.incident
  LEFT JOIN redress_mapping.dispatch_status AS decided ON lower(decided.status) = lower(incident.status)
  LEFT JOIN redress_mapping.dispatch_status AS stable ON lower(stable.status) = 'stable'
) AS present ON present.id = edge.incident_id
WHERE edge.is_open;
COMMENT ON VIEW redress_mapping.dispatch_window IS 'The stretches of time in which each incident of Dispatch went on.';

CREATE OR REPLACE VIEW redress_mapping.dispatch_severity_stretch AS
SELECT
  step.incident_id, step.severity, step.at AS starts_at,
  lead(step.at) OVER (PARTITION BY step.incident_id ORDER BY step.at, step.id) AS ends_at
FROM (
  SELECT
    noted.incident_id, noted.id, noted.at,
    COALESCE(decided.severity, 'undecided: dispatch_severity ' || COALESCE(noted.name, 'null')) AS severity
  FROM (
    -- Where nobody changed it, the severity of now is that of the beginning; else that is in the event of its creation.
    SELECT
      incident.id AS incident_id, 0 AS id, '-infinity'::timestamp AS at,
      CASE WHEN changed.incident_id IS NULL THEN present.name ELSE created.name END AS name, incident.project_id
    FROM {{vendor}}.incident
    LEFT JOIN {{vendor}}.incident_severity AS present ON present.id = incident.incident_severity_id
    LEFT JOIN (
      SELECT event.incident_id FROM {{vendor}}.event
      WHERE event.description LIKE '% changed the incident severity to %'
      GROUP BY event.incident_id
    ) AS changed ON changed.incident_id = incident.id
    LEFT JOIN (
      SELECT event.incident_id, min(event.details ->> 'severity') AS name FROM {{vendor}}.event
      WHERE event.description = 'Incident created'
      GROUP BY event.incident_id
    ) AS created ON created.incident_id = incident.id
    UNION ALL
    SELECT event.incident_id, event.id, event.started_at, sentence.parts[1], incident.project_id
    FROM {{vendor}}.event
    JOIN {{vendor}}.incident ON incident.id = event.incident_id
    CROSS JOIN LATERAL (
      SELECT regexp_match(event.description, ' changed the incident severity to (\S.*)$') AS parts
    ) AS sentence
    WHERE sentence.parts IS NOT NULL
  ) AS noted
  LEFT JOIN {{vendor}}.incident_severity AS listed ON listed.project_id = noted.project_id AND listed.name = noted.name
  LEFT JOIN redress_mapping.dispatch_severity AS decided ON decided.severity_id = listed.id
) AS step;
COMMENT ON VIEW redress_mapping.dispatch_severity_stretch IS 'The severities that each incident of Dispatch had, and when, in UTC.';

CREATE OR REPLACE VIEW redress_source.incident AS
SELECT
  incident.id::text AS incident_id,
  incident.title::text AS title,
  CASE
    WHEN present.severity IS NULL THEN 'undecided: dispatch_severity ' || COALESCE(present.name, 'null')
    WHEN last.severity IS DISTINCT FROM present.severity THEN
      'undecided: it is ' || present.severity || ' and the events end with ' || last.severity
    ELSE present.severity
  END AS severity,
  CASE
    WHEN incident.duplicate_id IS NOT NULL OR type.is_outage = false THEN 'void'
    WHEN type.is_outage IS NULL THEN 'undecided: dispatch_type ' || COALESCE(type.name, incident.incident_type_id::text, 'null')
    WHEN status.meaning IS NULL THEN 'undecided: dispatch_status ' || COALESCE(incident.status, 'null')
    WHEN history.undecided IS NOT NULL THEN 'undecided: dispatch_status ' || history.undecided
    ELSE status.meaning
  END AS status,
  COALESCE(incident.reported_at, incident.created_at) AT TIME ZONE 'UTC' AS started_at,
  NULL::timestamptz AS acknowledged_at,
  CASE WHEN status.meaning = 'resolved' THEN opened.resolved_at END AT TIME ZONE 'UTC' AS resolved_at,
  incident.resolution::text AS root_cause,
  false AS widespread,
  false AS security,
  false AS revenue_impact
FROM {{vendor}}.incident
JOIN redress_mapping.dispatch_project AS project ON project.project_id = incident.project_id AND project.is_ours
LEFT JOIN redress_mapping.dispatch_type AS type ON type.incident_type_id = incident.incident_type_id
LEFT JOIN redress_mapping.dispatch_severity AS present ON present.severity_id = incident.incident_severity_id
LEFT JOIN redress_mapping.dispatch_severity_stretch AS last ON last.incident_id = incident.id AND last.ends_at IS NULL
LEFT JOIN redress_mapping.dispatch_status AS status ON lower(status.status) = lower(incident.status)
LEFT JOIN (
  SELECT step.incident_id, min(step.status) FILTER (WHERE step.meaning IS NULL) AS undecided
  FROM redress_mapping.dispatch_status_step AS step
  GROUP BY step.incident_id
) AS history ON history.incident_id = incident.id
LEFT JOIN (
  SELECT stretch.incident_id, NULLIF(max(COALESCE(stretch.ends_at, 'infinity')), 'infinity') AS resolved_at
  FROM redress_mapping.dispatch_window AS stretch
  GROUP BY stretch.incident_id
) AS opened ON opened.incident_id = incident.id
UNION ALL
-- What is decided about all incidents at once is asked for once, as an incident that no run can take.
SELECT
  'undecided: ' || open.decision || ' ' || open.subject, 'redress_mapping.' || open.decision || ': ' || open.answer,
  'P3', 'undecided',
  '1970-01-01 00:00:00+00', NULL, NULL, NULL, false, false, false
FROM redress_mapping.dispatch_undecided AS open
WHERE open.decision = 'dispatch_project'
UNION ALL
SELECT
  'undecided: dispatch_project ' || project.id,
  'redress_mapping.dispatch_project has no row for it: redress map apply dispatch adds one',
  'P3', 'undecided', '1970-01-01 00:00:00+00', NULL, NULL, NULL, false, false, false
FROM {{vendor}}.project
WHERE NOT EXISTS (SELECT 1 FROM redress_mapping.dispatch_project AS decided WHERE decided.project_id = project.id LIMIT 1);

-- What a window and a severity have in common.
CREATE OR REPLACE VIEW redress_source.outage AS
SELECT DISTINCT
  incident.id::text AS incident_id,
  severity.severity AS severity,
  NULLIF(scope.service_id, '*') AS service_id,
  NULL::text AS customer_id,
  GREATEST(opened.starts_at, severity.starts_at) AT TIME ZONE 'UTC' AS started_at,
  LEAST(opened.ends_at, severity.ends_at) AT TIME ZONE 'UTC' AS ended_at
FROM {{vendor}}.incident
JOIN redress_mapping.dispatch_project AS project ON project.project_id = incident.project_id AND project.is_ours
JOIN redress_mapping.dispatch_window AS opened ON opened.incident_id = incident.id
JOIN redress_mapping.dispatch_severity_stretch AS severity
  ON severity.incident_id = incident.id
  AND (severity.starts_at < opened.ends_at OR opened.ends_at IS NULL)
  AND (severity.ends_at > opened.starts_at OR severity.ends_at IS NULL)
JOIN (
  SELECT
    assoc_incident_tags.incident_id,
    COALESCE(decided.service_id, 'undecided: dispatch_tag ' || COALESCE(decided.name, assoc_incident_tags.tag_id::text)) AS service_id
  FROM {{vendor}}.assoc_incident_tags
  LEFT JOIN redress_mapping.dispatch_tag AS decided ON decided.tag_id = assoc_incident_tags.tag_id
) AS scope ON scope.incident_id = incident.id AND scope.service_id <> '-';

CREATE OR REPLACE VIEW redress_source.exclusion AS
SELECT
  NULL::text AS exclusion_id, NULL::text AS kind, NULL::text AS service_id, NULL::text AS customer_id,
  NULL::timestamptz AS started_at, NULL::timestamptz AS ended_at, NULL::timestamptz AS announced_at
WHERE false;

CREATE OR REPLACE VIEW redress_source.incident_event AS
SELECT
  NULL::text AS incident_id, NULL::timestamptz AS occurred_at, NULL::text AS kind, NULL::text AS customer_id,
  NULL::integer AS level, NULL::text AS note
WHERE false;

-- A review document is begun; when it is complete, Dispatch does not say.
CREATE OR REPLACE VIEW redress_source.post_mortem AS
SELECT incident.id::text AS incident_id, NULL::timestamptz AS completed_at
FROM {{vendor}}.incident
JOIN redress_mapping.dispatch_project AS project ON project.project_id = incident.project_id AND project.is_ours
WHERE incident.incident_review_document_id IS NOT NULL;

CREATE OR REPLACE VIEW redress_source.action_item AS
SELECT task.incident_id::text AS incident_id, task.description::text AS title, task.resolved_at AT TIME ZONE 'UTC' AS completed_at
FROM {{vendor}}.task
JOIN {{vendor}}.incident ON incident.id = task.incident_id
JOIN redress_mapping.dispatch_project AS project ON project.project_id = incident.project_id AND project.is_ours;
