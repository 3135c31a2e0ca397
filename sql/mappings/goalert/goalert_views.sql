-- GoAlert's alerts as incidents, one window each: an alert is never opened again. What is compared with a word is compared
-- under a collation of its own, so that it is never sent to a server where the column has a type of its own.

CREATE OR REPLACE VIEW redress_mapping.goalert_alert AS
SELECT
  alerts.id, alerts.summary, alerts.created_at,
  CASE
    WHEN asked.key IS NULL THEN 'undecided: goalert_severity_key'
    ELSE COALESCE(decided.severity, 'undecided: goalert_severity ' || quote_literal(given.value))
  END AS severity,
  CASE alerts.status::text COLLATE "C" WHEN 'closed' THEN 'resolved' WHEN 'active' THEN 'open' WHEN 'triggered' THEN 'open'
    ELSE alerts.status::text END AS status,
  noise.noise_reason, reason.is_false_alarm,
  CASE WHEN alerts.status::text COLLATE "C" = 'closed' THEN COALESCE(log.closed_at, alert_metrics.closed_at) END AS closed_at,
  log.acknowledged_at,
  CASE WHEN service.service_id IS NULL THEN 'undecided: goalert_service ' || COALESCE(services.name, 'null') ELSE service.service_id
    END AS service_id
FROM {{vendor}}.alerts
LEFT JOIN redress_mapping.goalert_severity_key AS asked ON true
LEFT JOIN {{vendor}}.services ON services.id = alerts.service_id
LEFT JOIN redress_mapping.goalert_service AS service ON service.goalert_id = alerts.service_id
LEFT JOIN {{vendor}}.alert_data ON alert_data.alert_id = alerts.id
LEFT JOIN {{vendor}}.alert_metrics ON alert_metrics.alert_id = alerts.id
LEFT JOIN {{vendor}}.alert_feedback AS noise ON noise.alert_id = alerts.id
LEFT JOIN redress_mapping.goalert_noise AS reason ON reason.noise_reason = noise.noise_reason
LEFT JOIN (
  SELECT
    alert_logs.alert_id,
    min(alert_logs.timestamp) FILTER (WHERE alert_logs.event::text COLLATE "C" = 'acknowledged') AS acknowledged_at,
    max(alert_logs.timestamp) FILTER (WHERE alert_logs.event::text COLLATE "C" = 'closed') AS closed_at
  FROM {{vendor}}.alert_logs
  GROUP BY alert_logs.alert_id
) AS log ON log.alert_id = alerts.id
CROSS JOIN LATERAL (
  SELECT COALESCE(
    alert_data.metadata -> 'AlertMetaV1' ->> asked.key,
    (SELECT min(labels.value) FROM {{vendor}}.labels WHERE labels.tgt_service_id = alerts.service_id AND labels.key = asked.key),
    '') AS value
) AS given
LEFT JOIN redress_mapping.goalert_severity AS decided ON decided.value = given.value;
COMMENT ON VIEW redress_mapping.goalert_alert IS 'The alerts of GoAlert with what was decided about them.';

CREATE OR REPLACE VIEW redress_source.incident AS
SELECT
  alert.id::text AS incident_id,
  alert.summary AS title,
  -- No outage of anything that is sold: void, whatever its severity.
  CASE alert.severity WHEN '-' THEN 'P3' ELSE alert.severity END AS severity,
  CASE
    WHEN alert.noise_reason IS NOT NULL AND alert.is_false_alarm IS NULL THEN 'undecided: goalert_noise ' || alert.noise_reason
    WHEN alert.is_false_alarm OR alert.severity = '-' OR alert.service_id = '-' THEN 'void'
    ELSE alert.status
  END AS status,
  alert.created_at AS started_at,
  alert.acknowledged_at AS acknowledged_at,
  alert.closed_at AS resolved_at,
  NULL::text AS root_cause,
  false AS widespread,
  false AS security,
  false AS revenue_impact
FROM redress_mapping.goalert_alert AS alert
UNION ALL
SELECT
  'undecided: ' || open.decision || ' ' || open.subject, 'redress_mapping.' || open.decision || ': ' || open.answer,
  'P3', 'undecided',
  '1970-01-01 00:00:00+00', NULL, NULL, NULL, false, false, false
FROM redress_mapping.goalert_undecided AS open
WHERE open.decision = 'goalert_severity_key';

CREATE OR REPLACE VIEW redress_source.outage AS
SELECT
  alert.id::text AS incident_id,
  CASE alert.severity WHEN '-' THEN 'P3' ELSE alert.severity END AS severity,
  NULLIF(alert.service_id, '*') AS service_id,
  NULL::text AS customer_id,
  alert.created_at AS started_at,
  alert.closed_at AS ended_at
FROM redress_mapping.goalert_alert AS alert
WHERE alert.service_id <> '-';

-- GoAlert notes an escalation without the level that was reached, which an event needs.
CREATE OR REPLACE VIEW redress_source.incident_event AS
SELECT
  NULL::text AS incident_id, NULL::timestamptz AS occurred_at, NULL::text AS kind, NULL::text AS customer_id,
  NULL::integer AS level, NULL::text AS note
WHERE false;

-- GoAlert keeps the end of a maintenance only, and forgets it afterwards.
CREATE OR REPLACE VIEW redress_source.exclusion AS
SELECT
  NULL::text AS exclusion_id, NULL::text AS kind, NULL::text AS service_id, NULL::text AS customer_id,
  NULL::timestamptz AS started_at, NULL::timestamptz AS ended_at, NULL::timestamptz AS announced_at
WHERE false;

CREATE OR REPLACE VIEW redress_source.post_mortem AS
SELECT NULL::text AS incident_id, NULL::timestamptz AS completed_at
WHERE false;

CREATE OR REPLACE VIEW redress_source.action_item AS
SELECT NULL::text AS incident_id, NULL::text AS title, NULL::timestamptz AS completed_at
WHERE false;
