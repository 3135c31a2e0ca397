-- What GoAlert cannot know. A row of each kind for everything that GoAlert has now, undecided; answers stay as they are.

CREATE TABLE IF NOT EXISTS redress_mapping.goalert_severity_key (
  is_the_row boolean NOT NULL DEFAULT true,
  key text,
  CONSTRAINT goalert_severity_key_pkey PRIMARY KEY (is_the_row),
  CONSTRAINT goalert_severity_key_is_one_row CHECK (is_the_row)
);
COMMENT ON TABLE redress_mapping.goalert_severity_key IS
  'Where the severity of an alert stands: GoAlert has none. Whoever runs GoAlert decides: the key of the alert''s metadata that has it, and where an alert has no such key, of a label of its service.';
COMMENT ON COLUMN redress_mapping.goalert_severity_key.key IS 'One key for both, such as severity.';

CREATE TABLE IF NOT EXISTS redress_mapping.goalert_severity (
  value text NOT NULL,
  severity text,
  CONSTRAINT goalert_severity_pkey PRIMARY KEY (value),
  CONSTRAINT goalert_severity_is_one CHECK (severity IN ('P0', 'P1', 'P2', 'P3', '-'))
);
COMMENT ON TABLE redress_mapping.goalert_severity IS
  'What the values under that key mean. Whoever answers for incident response decides. The empty value is an alert without one.';
COMMENT ON COLUMN redress_mapping.goalert_severity.severity IS 'P0 to P3, or - for what is no outage.';

CREATE TABLE IF NOT EXISTS redress_mapping.goalert_service (
  goalert_id uuid NOT NULL,
  name text,
  service_id text,
  CONSTRAINT goalert_service_pkey PRIMARY KEY (goalert_id)
);
COMMENT ON TABLE redress_mapping.goalert_service IS
  'Which service that is sold is out of order when a service of GoAlert has an alert. Product and operations decide together.';
COMMENT ON COLUMN redress_mapping.goalert_service.service_id IS
  'A service_id of redress_mapping.service, * for all of them, or - for what no customer pays for.';

CREATE TABLE IF NOT EXISTS redress_mapping.goalert_noise (
  noise_reason text NOT NULL,
  is_false_alarm boolean,
  CONSTRAINT goalert_noise_pkey PRIMARY KEY (noise_reason)
);
COMMENT ON TABLE redress_mapping.goalert_noise IS
  'Which reasons for marking an alert as noise say that nothing was out of order. Whoever answers for incident response decides.';
COMMENT ON COLUMN redress_mapping.goalert_noise.is_false_alarm IS 'True: the alert earns nothing. False: it counts as an outage.';

INSERT INTO redress_mapping.goalert_severity_key (key) VALUES (NULL) ON CONFLICT DO NOTHING;

INSERT INTO redress_mapping.goalert_severity (value)
SELECT DISTINCT given.value
FROM redress_mapping.goalert_severity_key
CROSS JOIN LATERAL (
  SELECT alert_data.metadata -> 'AlertMetaV1' ->> goalert_severity_key.key AS value FROM {{vendor}}.alert_data
  UNION
  SELECT labels.value FROM {{vendor}}.labels WHERE labels.key = goalert_severity_key.key
  UNION
  SELECT ''
) AS given
WHERE given.value IS NOT NULL
ON CONFLICT DO NOTHING;

INSERT INTO redress_mapping.goalert_service (goalert_id, name)
SELECT services.id, services.name FROM {{vendor}}.services
ON CONFLICT DO NOTHING;

INSERT INTO redress_mapping.goalert_noise (noise_reason)
SELECT DISTINCT alert_feedback.noise_reason FROM {{vendor}}.alert_feedback
ON CONFLICT DO NOTHING;

CREATE OR REPLACE VIEW redress_mapping.goalert_undecided AS
SELECT
  'goalert_severity_key'::text AS decision, 'the one row'::text AS subject,
  'key: such as severity; then redress map apply goalert lists its values'::text AS answer
FROM redress_mapping.goalert_severity_key
WHERE goalert_severity_key.key IS NULL
UNION ALL
SELECT 'goalert_severity', goalert_severity.value, 'severity: P0, P1, P2, P3 or -'
FROM redress_mapping.goalert_severity
WHERE goalert_severity.severity IS NULL
UNION ALL
SELECT
  'goalert_service', concat_ws(' ', goalert_service.goalert_id, goalert_service.name),
  'service_id: one of redress_mapping.service, * or -'
FROM redress_mapping.goalert_service
WHERE goalert_service.service_id IS NULL
UNION ALL
SELECT 'goalert_noise', goalert_noise.noise_reason, 'is_false_alarm: true or false'
FROM redress_mapping.goalert_noise
WHERE goalert_noise.is_false_alarm IS NULL;
COMMENT ON VIEW redress_mapping.goalert_undecided IS 'Decisions about GoAlert that are still to be made.';
