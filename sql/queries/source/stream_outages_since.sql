-- The outage windows of single customers that had not ended before an instant.
-- Parameter: the instant.
-- Returns: customer_id, incident_id, severity, service_id, started_at, ended_at, share (as text,
-- null where the relation has no such column).
-- Order: customer_id, then every other column, byte order.
SELECT customer_id, incident_id, severity, service_id, started_at, ended_at, to_jsonb(o) ->> 'share' AS share
  FROM redress_source.outage AS o
 WHERE customer_id IS NOT NULL
   AND (started_at < $1::timestamptz AND ended_at < $1::timestamptz) IS NOT TRUE
 ORDER BY customer_id COLLATE "C", incident_id COLLATE "C", started_at, severity COLLATE "C",
          service_id COLLATE "C", ended_at
