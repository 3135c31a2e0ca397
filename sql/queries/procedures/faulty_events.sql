-- The bad rows of incident_event, and whether the source has the incident and the customer that
-- they name. The customers are joined, because an index on their ids may have another collation.
-- Returns: incident_id, occurred_at, kind, customer_id, level, then started_at of the incident, knows_incident,
-- knows_customer (true where the row names none). Order: incident_id, byte order, then every other column.
WITH known AS (
  SELECT i.incident_id COLLATE "C" AS incident_id, min(i.started_at) AS started_at
    FROM redress_source.incident AS i
   GROUP BY i.incident_id COLLATE "C"
), somebody AS (
  SELECT c.customer_id COLLATE "C" AS customer_id
    FROM redress_source.customer AS c
   WHERE c.customer_id COLLATE "C" IN (SELECT e.customer_id FROM redress_source.incident_event AS e)
   GROUP BY c.customer_id COLLATE "C"
)
SELECT e.incident_id, e.occurred_at, e.kind, e.customer_id, e.level, known.started_at,
       known.incident_id IS NOT NULL AS knows_incident,
       e.customer_id IS NULL OR somebody.customer_id IS NOT NULL AS knows_customer
  FROM redress_source.incident_event AS e
  LEFT JOIN known ON known.incident_id COLLATE "C" = e.incident_id COLLATE "C"
  LEFT JOIN somebody ON somebody.customer_id COLLATE "C" = e.customer_id COLLATE "C"
 WHERE known.incident_id IS NULL
    OR e.incident_id COLLATE "C" = ''
    OR e.occurred_at IS NULL
    OR NOT isfinite(e.occurred_at)
    OR e.occurred_at < '1970-01-01 00:00:00+00'
    OR e.occurred_at > '2200-01-01 00:00:00+00'
    OR e.occurred_at < known.started_at
    OR e.kind IS NULL
    OR e.kind COLLATE "C" NOT IN (
         'response_team_assembled', 'root_cause_investigation', 'status_page_update', 'customer_notified',
         'in_app_banner', 'social_media', 'escalated', 'post_mortem_requested', 'post_mortem_shared')
    OR (e.customer_id IS NOT NULL AND somebody.customer_id IS NULL)
    OR e.customer_id COLLATE "C" = ''
    OR (e.customer_id IS NULL AND e.kind COLLATE "C" IN ('post_mortem_requested', 'post_mortem_shared'))
    OR (e.kind COLLATE "C" = 'escalated' AND (e.level IS NULL OR e.level NOT BETWEEN 1 AND 4))
 ORDER BY e.incident_id COLLATE "C", e.occurred_at, e.kind COLLATE "C", e.customer_id COLLATE "C", e.level
