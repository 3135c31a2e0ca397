-- What Dispatch cannot know. A row of each kind for everything that Dispatch has now, undecided; answers stay as they are.

CREATE TABLE IF NOT EXISTS redress_mapping.dispatch_project (
  project_id integer NOT NULL,
  name text,
  is_ours boolean,
  CONSTRAINT dispatch_project_pkey PRIMARY KEY (project_id)
);
COMMENT ON TABLE redress_mapping.dispatch_project IS
  'Whose incidents earn credits: several projects share the tables of Dispatch, and one may be for tests. Operations decides.';
COMMENT ON COLUMN redress_mapping.dispatch_project.is_ours IS 'Whether the incidents of this project are outages of what is sold.';

CREATE TABLE IF NOT EXISTS redress_mapping.dispatch_type (
  incident_type_id integer NOT NULL,
  name text,
  is_outage boolean,
  CONSTRAINT dispatch_type_pkey PRIMARY KEY (incident_type_id)
);
COMMENT ON TABLE redress_mapping.dispatch_type IS
  'Which types of incident are outages, and not drills or false alarms. Whoever answers for incident response decides.';
COMMENT ON COLUMN redress_mapping.dispatch_type.is_outage IS 'True: it counts. False: it earns nothing.';

CREATE TABLE IF NOT EXISTS redress_mapping.dispatch_severity (
  severity_id integer NOT NULL,
  name text,
  severity text,
  CONSTRAINT dispatch_severity_pkey PRIMARY KEY (severity_id),
  CONSTRAINT dispatch_severity_is_one CHECK (severity IN ('P0', 'P1', 'P2', 'P3'))
);
COMMENT ON TABLE redress_mapping.dispatch_severity IS
  'What the severities mean: each project names its own. Whoever answers for incident response decides.';
COMMENT ON COLUMN redress_mapping.dispatch_severity.severity IS 'P0 to P3.';

CREATE TABLE IF NOT EXISTS redress_mapping.dispatch_status (
  status text NOT NULL,
  meaning text,
  CONSTRAINT dispatch_status_pkey PRIMARY KEY (status),
  CONSTRAINT dispatch_status_means_one CHECK (meaning IN ('open', 'resolved'))
);
COMMENT ON TABLE redress_mapping.dispatch_status IS
  'Whether the outage goes on while an incident has a status. Whoever answers for incident response decides of Stable: in some houses it ends the outage, in others the incident has to be closed.';
COMMENT ON COLUMN redress_mapping.dispatch_status.meaning IS 'open: it goes on. resolved: it is over.';

CREATE TABLE IF NOT EXISTS redress_mapping.dispatch_tag (
  tag_id integer NOT NULL,
  name text,
  service_id text,
  CONSTRAINT dispatch_tag_pkey PRIMARY KEY (tag_id)
);
COMMENT ON TABLE redress_mapping.dispatch_tag IS
  'Which service that is sold is out of order in an incident with this tag. Product and operations decide together. Dispatch has no other way to say what an incident touched.';
COMMENT ON COLUMN redress_mapping.dispatch_tag.service_id IS
  'A service_id of redress_mapping.service, * for all of them, or - for a tag that says nothing about services.';

INSERT INTO redress_mapping.dispatch_project (project_id, name)
SELECT project.id, project.name FROM {{vendor}}.project
ON CONFLICT DO NOTHING;

INSERT INTO redress_mapping.dispatch_type (incident_type_id, name)
SELECT incident_type.id, incident_type.name FROM {{vendor}}.incident_type
ON CONFLICT DO NOTHING;

INSERT INTO redress_mapping.dispatch_severity (severity_id, name)
SELECT incident_severity.id, incident_severity.name FROM {{vendor}}.incident_severity
ON CONFLICT DO NOTHING;

INSERT INTO redress_mapping.dispatch_status (status, meaning)
VALUES ('Active', 'open'), ('Stable', NULL), ('Closed', 'resolved')
ON CONFLICT DO NOTHING;

INSERT INTO redress_mapping.dispatch_tag (tag_id, name)
SELECT DISTINCT tag.id, tag.name
FROM {{vendor}}.tag
JOIN {{vendor}}.assoc_incident_tags ON assoc_incident_tags.tag_id = tag.id
ON CONFLICT DO NOTHING;

CREATE OR REPLACE VIEW redress_mapping.dispatch_undecided AS
SELECT 'dispatch_project'::text AS decision, concat_ws(' ', dispatch_project.project_id, dispatch_project.name) AS subject,
  'is_ours: true or false'::text AS answer
FROM redress_mapping.dispatch_project
WHERE dispatch_project.is_ours IS NULL
UNION ALL
SELECT 'dispatch_type', concat_ws(' ', dispatch_type.incident_type_id, dispatch_type.name), 'is_outage: true or false'
FROM redress_mapping.dispatch_type
WHERE dispatch_type.is_outage IS NULL
UNION ALL
SELECT 'dispatch_severity', concat_ws(' ', dispatch_severity.severity_id, dispatch_severity.name), 'severity: P0, P1, P2 or P3'
FROM redress_mapping.dispatch_severity
WHERE dispatch_severity.severity IS NULL
UNION ALL
SELECT 'dispatch_status', dispatch_status.status, 'meaning: open or resolved'
FROM redress_mapping.dispatch_status
WHERE dispatch_status.meaning IS NULL
UNION ALL
SELECT 'dispatch_tag', concat_ws(' ', dispatch_tag.tag_id, dispatch_tag.name), 'service_id: one of redress_mapping.service, * or -'
FROM redress_mapping.dispatch_tag
WHERE dispatch_tag.service_id IS NULL;
COMMENT ON VIEW redress_mapping.dispatch_undecided IS 'Decisions about Dispatch that are still to be made.';
