-- What OneUptime cannot know. A row of each kind for everything that OneUptime has now; answers stay as they are. What its own
-- flags say is answered, the rest is undecided.

CREATE TABLE IF NOT EXISTS redress_mapping.oneuptime_project (
  project_id uuid NOT NULL,
  name text,
  is_ours boolean,
  CONSTRAINT oneuptime_project_pkey PRIMARY KEY (project_id)
);
COMMENT ON TABLE redress_mapping.oneuptime_project IS
  'Whose incidents earn credits: several projects share the tables of OneUptime, and one may be for tests. Operations decides.';
COMMENT ON COLUMN redress_mapping.oneuptime_project.is_ours IS 'Whether the incidents of this project are outages of what is sold.';

CREATE TABLE IF NOT EXISTS redress_mapping.oneuptime_severity (
  severity_id uuid NOT NULL,
  name text,
  severity text,
  CONSTRAINT oneuptime_severity_pkey PRIMARY KEY (severity_id),
  CONSTRAINT oneuptime_severity_is_one CHECK (severity IN ('P0', 'P1', 'P2', 'P3'))
);
COMMENT ON TABLE redress_mapping.oneuptime_severity IS
  'What the severities mean: each project names its own. Whoever answers for incident response decides.';
COMMENT ON COLUMN redress_mapping.oneuptime_severity.severity IS 'P0 to P3.';

CREATE TABLE IF NOT EXISTS redress_mapping.oneuptime_state (
  state_id uuid NOT NULL,
  name text,
  meaning text,
  CONSTRAINT oneuptime_state_pkey PRIMARY KEY (state_id),
  CONSTRAINT oneuptime_state_means_one CHECK (meaning IN ('open', 'resolved', 'void'))
);
COMMENT ON TABLE redress_mapping.oneuptime_state IS
  'Whether the outage goes on in a state of an incident. Whoever answers for incident response decides, for the states that the project has added.';
COMMENT ON COLUMN redress_mapping.oneuptime_state.meaning IS 'open: it goes on. resolved: it is over. void: it was none, a false alarm or a duplicate.';

CREATE TABLE IF NOT EXISTS redress_mapping.oneuptime_monitor (
  monitor_id uuid NOT NULL,
  name text,
  service_id text,
  CONSTRAINT oneuptime_monitor_pkey PRIMARY KEY (monitor_id)
);
COMMENT ON TABLE redress_mapping.oneuptime_monitor IS
  'Which service that is sold is out of order when a monitor is. Product and operations decide together.';
COMMENT ON COLUMN redress_mapping.oneuptime_monitor.service_id IS
  'A service_id of redress_mapping.service, * for all of them, or - for what no customer pays for.';

CREATE TABLE IF NOT EXISTS redress_mapping.oneuptime_maintenance_state (
  state_id uuid NOT NULL,
  name text,
  takes_place boolean,
  CONSTRAINT oneuptime_maintenance_state_pkey PRIMARY KEY (state_id)
);
COMMENT ON TABLE redress_mapping.oneuptime_maintenance_state IS
  'Whether a scheduled maintenance in a state takes place, and so does not count as an outage. Operations decides, for the states that no flag explains, such as cancelled.';
COMMENT ON COLUMN redress_mapping.oneuptime_maintenance_state.takes_place IS 'True: its time is excluded. False: it is not.';

INSERT INTO redress_mapping.oneuptime_project (project_id, name)
SELECT "Project"._id, "Project".name FROM {{vendor}}."Project"
ON CONFLICT DO NOTHING;

INSERT INTO redress_mapping.oneuptime_severity (severity_id, name)
SELECT "IncidentSeverity"._id, "IncidentSeverity".name FROM {{vendor}}."IncidentSeverity"
ON CONFLICT DO NOTHING;

INSERT INTO redress_mapping.oneuptime_state (state_id, name, meaning)
SELECT
  "IncidentState"._id, "IncidentState".name,
  CASE WHEN "IncidentState"."isResolvedState" THEN 'resolved'
    WHEN "IncidentState"."isCreatedState" OR "IncidentState"."isAcknowledgedState" THEN 'open' END
FROM {{vendor}}."IncidentState"
ON CONFLICT DO NOTHING;

INSERT INTO redress_mapping.oneuptime_monitor (monitor_id, name)
SELECT "Monitor"._id, "Monitor".name FROM {{vendor}}."Monitor"
ON CONFLICT DO NOTHING;

INSERT INTO redress_mapping.oneuptime_maintenance_state (state_id, name, takes_place)
SELECT
  "ScheduledMaintenanceState"._id, "ScheduledMaintenanceState".name,
  CASE WHEN "ScheduledMaintenanceState"."isOngoingState" OR "ScheduledMaintenanceState"."isEndedState"
    OR "ScheduledMaintenanceState"."isResolvedState" THEN true END
FROM {{vendor}}."ScheduledMaintenanceState"
ON CONFLICT DO NOTHING;

CREATE OR REPLACE VIEW redress_mapping.oneuptime_undecided AS
SELECT 'oneuptime_project'::text AS decision, concat_ws(' ', oneuptime_project.project_id, oneuptime_project.name) AS subject,
  'is_ours: true or false'::text AS answer
FROM redress_mapping.oneuptime_project
WHERE oneuptime_project.is_ours IS NULL
UNION ALL
SELECT 'oneuptime_severity', concat_ws(' ', oneuptime_severity.severity_id, oneuptime_severity.name), 'severity: P0, P1, P2 or P3'
FROM redress_mapping.oneuptime_severity
WHERE oneuptime_severity.severity IS NULL
UNION ALL
SELECT 'oneuptime_state', concat_ws(' ', oneuptime_state.state_id, oneuptime_state.name), 'meaning: open, resolved or void'
FROM redress_mapping.oneuptime_state
WHERE oneuptime_state.meaning IS NULL
UNION ALL
SELECT
  'oneuptime_monitor', concat_ws(' ', oneuptime_monitor.monitor_id, oneuptime_monitor.name),
  'service_id: one of redress_mapping.service, * or -'
FROM redress_mapping.oneuptime_monitor
WHERE oneuptime_monitor.service_id IS NULL
UNION ALL
SELECT 'oneuptime_maintenance_state', concat_ws(' ', oneuptime_maintenance_state.state_id, oneuptime_maintenance_state.name),
  'takes_place: true or false'
FROM redress_mapping.oneuptime_maintenance_state
WHERE oneuptime_maintenance_state.takes_place IS NULL;
COMMENT ON VIEW redress_mapping.oneuptime_undecided IS 'Decisions about OneUptime that are still to be made.';
