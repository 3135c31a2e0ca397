-- OneUptime's incidents and scheduled maintenance. An incident that was opened again has a window for each time.

-- The states of an incident in order. The first one begins with the impact, where that is noted, or else with the declaration.
CREATE OR REPLACE VIEW redress_mapping.oneuptime_change AS
SELECT
  incident._id AS incident_id,
  timeline.state_id,
  timeline.meaning,
  CASE WHEN timeline.number = 1 THEN COALESCE(incident."impactStartedAt", incident."declaredAt", incident."createdAt")
    ELSE timeline.starts_at END AS starts_at,
  timeline.number
FROM {{vendor}}."Incident" AS incident
JOIN (
  SELECT
    entry."incidentId" AS incident_id, entry."incidentStateId" AS state_id, decided.meaning,
    COALESCE(entry."startsAt", entry."createdAt") AS starts_at,
    row_number() OVER (
      PARTITION BY entry."incidentId" ORDER BY COALESCE(entry."startsAt", entry."createdAt"), entry."createdAt", entry._id) AS number
  FROM {{vendor}}."IncidentStateTimeline" AS entry
  LEFT JOIN redress_mapping.oneuptime_state AS decided ON decided.state_id = entry."incidentStateId"
  WHERE entry."deletedAt" IS NULL
) AS timeline ON timeline.incident_id = incident._id;
COMMENT ON VIEW redress_mapping.oneuptime_change IS 'The states of each incident of OneUptime, numbered in order.';

-- From each state in which the incident is open to the next in which it is not.
CREATE OR REPLACE VIEW redress_mapping.oneuptime_window AS
SELECT edge.incident_id, edge.starts_at, edge.ends_at
FROM (
  SELECT
    turn.incident_id, turn.is_open, turn.starts_at,
    lead(turn.starts_at) OVER (PARTITION BY turn.incident_id ORDER BY turn.number) AS ends_at
  FROM (
    SELECT
      change.incident_id, change.number, change.starts_at, change.meaning = 'open' AS is_open,
      lag(change.meaning = 'open') OVER (PARTITION BY change.incident_id ORDER BY change.number) AS before
    FROM redress_mapping.oneuptime_change AS change
  ) AS turn
  WHERE turn.is_open IS DISTINCT FROM turn.before
) AS edge
WHERE edge.is_open;
COMMENT ON VIEW redress_mapping.oneuptime_window IS 'The stretches of time in which each incident of OneUptime was open.';

-- OneUptime keeps the severities that an incident had in the texts of its feed only, by their names.
CREATE OR REPLACE VIEW redress_mapping.oneuptime_severity_note AS
SELECT
  feed."incidentId" AS incident_id,
  feed."incidentFeedEventType" COLLATE "C" = 'IncidentCreated' AS is_first,
  CASE WHEN feed."incidentFeedEventType" COLLATE "C" = 'IncidentCreated' THEN '-infinity'
    ELSE COALESCE(feed."postedAt", feed."createdAt") END AS at,
  btrim(noted.parts[1]) AS name
FROM {{vendor}}."IncidentFeed" AS feed
CROSS JOIN LATERAL (
  SELECT CASE feed."incidentFeedEventType" COLLATE "C"
    WHEN 'IncidentCreated' THEN regexp_match(feed."feedInfoInMarkdown", '(?:^|\n)[^*\n]{1,3} \*\*Severity\*\*:[ \t]*([^\n]*)')
    WHEN 'IncidentUpdated' THEN regexp_match(feed."feedInfoInMarkdown", '(?:^|\n)\*\*[^*\n]{1,3} Incident Severity\*\*:\s*([^\n]*)')
  END AS parts
) AS noted
WHERE feed."deletedAt" IS NULL AND noted.parts IS NOT NULL;
COMMENT ON VIEW redress_mapping.oneuptime_severity_note IS 'What the feed of an incident of OneUptime says about its severity.';

CREATE OR REPLACE VIEW redress_mapping.oneuptime_severity_stretch AS
SELECT
  step.incident_id, step.severity, step.at AS starts_at,
  lead(step.at) OVER (PARTITION BY step.incident_id ORDER BY step.at) AS ends_at
FROM (
  SELECT note.incident_id, note.at, COALESCE(named.severity, 'undecided: severity ' || note.name || ' of the feed') AS severity
  FROM redress_mapping.oneuptime_severity_note AS note
  JOIN {{vendor}}."Incident" AS incident ON incident._id = note.incident_id
  LEFT JOIN (
    SELECT listed."projectId" AS project_id, listed.name, min(decided.severity) AS severity
    FROM {{vendor}}."IncidentSeverity" AS listed
    LEFT JOIN redress_mapping.oneuptime_severity AS decided ON decided.severity_id = listed._id
    GROUP BY listed."projectId", listed.name
    HAVING count(DISTINCT decided.severity) = 1 AND count(*) = count(decided.severity)
  ) AS named ON named.project_id = incident."projectId" AND named.name = note.name
  WHERE note.incident_id IN (
    SELECT later.incident_id FROM redress_mapping.oneuptime_severity_note AS later WHERE NOT later.is_first)
  UNION ALL
  -- The notes begin too late.
  SELECT note.incident_id, '-infinity', 'undecided: severity before the first note of the feed'
  FROM redress_mapping.oneuptime_severity_note AS note
  GROUP BY note.incident_id
  HAVING NOT bool_or(note.is_first)
  UNION ALL
  -- It was never changed.
  SELECT incident._id, '-infinity', COALESCE(present.severity, 'undecided: oneuptime_severity ' || COALESCE(present.name, 'null'))
  FROM {{vendor}}."Incident" AS incident
  LEFT JOIN redress_mapping.oneuptime_severity AS present ON present.severity_id = incident."incidentSeverityId"
  WHERE incident._id NOT IN (
    SELECT later.incident_id FROM redress_mapping.oneuptime_severity_note AS later
    WHERE NOT later.is_first AND later.incident_id IS NOT NULL)
) AS step;
COMMENT ON VIEW redress_mapping.oneuptime_severity_stretch IS 'The severities that each incident of OneUptime had, and when.';

CREATE OR REPLACE VIEW redress_source.incident AS
SELECT
  incident._id::text AS incident_id,
  incident.title::text AS title,
  CASE
    WHEN present.severity IS NULL THEN 'undecided: oneuptime_severity ' || COALESCE(present.name, 'null')
    WHEN last.severity IS DISTINCT FROM present.severity THEN
      'undecided: it is ' || present.severity || ' and the feed ends with ' || last.severity
    ELSE present.severity
  END AS severity,
  CASE
    WHEN incident."deletedAt" IS NOT NULL THEN 'void'
    WHEN state.meaning IS NULL THEN 'undecided: oneuptime_state ' || COALESCE(state.name, incident."currentIncidentStateId"::text)
    WHEN state.meaning = 'void' THEN 'void'
    WHEN history.undecided IS NOT NULL THEN 'undecided: oneuptime_state ' || history.undecided
    WHEN scope.nothing_sold THEN 'void'
    ELSE state.meaning
  END AS status,
  COALESCE(incident."impactStartedAt", incident."declaredAt", incident."createdAt") AS started_at,
  history.acknowledged_at AS acknowledged_at,
  CASE WHEN state.meaning = 'resolved' THEN opened.resolved_at END AS resolved_at,
  incident."rootCause"::text AS root_cause,
  false AS widespread,
  false AS security,
  false AS revenue_impact
FROM {{vendor}}."Incident" AS incident
JOIN redress_mapping.oneuptime_project AS project ON project.project_id = incident."projectId" AND project.is_ours
LEFT JOIN redress_mapping.oneuptime_severity AS present ON present.severity_id = incident."incidentSeverityId"
LEFT JOIN redress_mapping.oneuptime_severity_stretch AS last ON last.incident_id = incident._id AND last.ends_at IS NULL
LEFT JOIN redress_mapping.oneuptime_state AS state ON state.state_id = incident."currentIncidentStateId"
LEFT JOIN (
  SELECT
    change.incident_id,
    min(COALESCE(decided.name, change.state_id::text)) FILTER (WHERE change.meaning IS NULL) AS undecided,
    min(change.starts_at) FILTER (WHERE listed."isAcknowledgedState") AS acknowledged_at
  FROM redress_mapping.oneuptime_change AS change
  LEFT JOIN redress_mapping.oneuptime_state AS decided ON decided.state_id = change.state_id
  LEFT JOIN {{vendor}}."IncidentState" AS listed ON listed._id = change.state_id
  GROUP BY change.incident_id
) AS history ON history.incident_id = incident._id
LEFT JOIN (
  -- Null while the last window goes on.
  SELECT stretch.incident_id, NULLIF(max(COALESCE(stretch.ends_at, 'infinity')), 'infinity') AS resolved_at
  FROM redress_mapping.oneuptime_window AS stretch
  GROUP BY stretch.incident_id
) AS opened ON opened.incident_id = incident._id
LEFT JOIN (
  SELECT link."incidentId" AS incident_id, bool_and(decided.service_id IS NOT DISTINCT FROM '-') AS nothing_sold
  FROM {{vendor}}."IncidentMonitor" AS link
  LEFT JOIN redress_mapping.oneuptime_monitor AS decided ON decided.monitor_id = link."monitorId"
  GROUP BY link."incidentId"
) AS scope ON scope.incident_id = incident._id
UNION ALL
-- What is decided about all incidents at once is asked for once, as an incident that no run can take.
SELECT
  'undecided: ' || open.decision || ' ' || open.subject, 'redress_mapping.' || open.decision || ': ' || open.answer,
  'P3', 'undecided',
  '1970-01-01 00:00:00+00', NULL, NULL, NULL, false, false, false
FROM redress_mapping.oneuptime_undecided AS open
WHERE open.decision = 'oneuptime_project'
UNION ALL
SELECT
  'undecided: oneuptime_project ' || project._id,
  'redress_mapping.oneuptime_project has no row for it: redress map apply oneuptime adds one',
  'P3', 'undecided', '1970-01-01 00:00:00+00', NULL, NULL, NULL, false, false, false
FROM {{vendor}}."Project" AS project
WHERE NOT EXISTS (SELECT 1 FROM redress_mapping.oneuptime_project WHERE oneuptime_project.project_id = project._id LIMIT 1);

-- What a window and a severity have in common.
CREATE OR REPLACE VIEW redress_source.outage AS
SELECT DISTINCT
  incident._id::text AS incident_id,
  severity.severity AS severity,
  NULLIF(scope.service_id, '*') AS service_id,
  NULL::text AS customer_id,
  GREATEST(opened.starts_at, severity.starts_at) AS started_at,
  LEAST(opened.ends_at, severity.ends_at) AS ended_at
FROM {{vendor}}."Incident" AS incident
JOIN redress_mapping.oneuptime_project AS project ON project.project_id = incident."projectId" AND project.is_ours
JOIN redress_mapping.oneuptime_window AS opened ON opened.incident_id = incident._id
JOIN redress_mapping.oneuptime_severity_stretch AS severity
  ON severity.incident_id = incident._id
  AND (severity.starts_at < opened.ends_at OR opened.ends_at IS NULL)
  AND (severity.ends_at > opened.starts_at OR severity.ends_at IS NULL)
JOIN (
  SELECT
    link."incidentId" AS incident_id,
    COALESCE(decided.service_id, 'undecided: oneuptime_monitor ' || COALESCE(decided.name, link."monitorId"::text)) AS service_id
  FROM {{vendor}}."IncidentMonitor" AS link
  LEFT JOIN redress_mapping.oneuptime_monitor AS decided ON decided.monitor_id = link."monitorId"
) AS scope ON scope.incident_id = incident._id AND scope.service_id <> '-';

CREATE OR REPLACE VIEW redress_source.exclusion AS
SELECT DISTINCT
  concat_ws('/', maintenance._id, link."monitorId")::text AS exclusion_id,
  CASE WHEN state.takes_place THEN 'scheduled_maintenance'
    ELSE 'undecided: oneuptime_maintenance_state ' || COALESCE(state.name, maintenance."currentScheduledMaintenanceStateId"::text)
  END AS kind,
  NULLIF(
    COALESCE(decided.service_id, 'undecided: oneuptime_monitor ' || COALESCE(decided.name, link."monitorId"::text)), '*') AS service_id,
  NULL::text AS customer_id,
  maintenance."startsAt" AS started_at,
  maintenance."endsAt" AS ended_at,
  maintenance."createdAt" AS announced_at
FROM {{vendor}}."ScheduledMaintenance" AS maintenance
JOIN redress_mapping.oneuptime_project AS project ON project.project_id = maintenance."projectId" AND project.is_ours
JOIN {{vendor}}."ScheduledMaintenanceMonitor" AS link ON link."scheduledMaintenanceId" = maintenance._id
LEFT JOIN redress_mapping.oneuptime_monitor AS decided ON decided.monitor_id = link."monitorId"
LEFT JOIN redress_mapping.oneuptime_maintenance_state AS state ON state.state_id = maintenance."currentScheduledMaintenanceStateId"
WHERE maintenance."deletedAt" IS NULL AND state.takes_place IS NOT FALSE AND decided.service_id IS DISTINCT FROM '-';

CREATE OR REPLACE VIEW redress_source.incident_event AS
SELECT
  note."incidentId"::text AS incident_id,
  COALESCE(note."postedAt", note."createdAt") AS occurred_at,
  'status_page_update'::text AS kind,
  NULL::text AS customer_id,
  NULL::integer AS level,
  NULL::text AS note
FROM {{vendor}}."IncidentPublicNote" AS note
JOIN {{vendor}}."Incident" AS incident ON incident._id = note."incidentId"
JOIN redress_mapping.oneuptime_project AS project ON project.project_id = incident."projectId" AND project.is_ours
WHERE note."deletedAt" IS NULL;

CREATE OR REPLACE VIEW redress_source.post_mortem AS
SELECT incident._id::text AS incident_id, incident."postmortemPostedAt" AS completed_at
FROM {{vendor}}."Incident" AS incident
JOIN redress_mapping.oneuptime_project AS project ON project.project_id = incident."projectId" AND project.is_ours
WHERE incident."postmortemPostedAt" IS NOT NULL OR NULLIF(incident."postmortemNote", '') IS NOT NULL;

CREATE OR REPLACE VIEW redress_source.action_item AS
SELECT NULL::text AS incident_id, NULL::text AS title, NULL::timestamptz AS completed_at
WHERE false;
