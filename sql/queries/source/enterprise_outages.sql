-- The outage windows of single customers of the Enterprise tier.
-- Returns: customer_id, incident_id, severity, service_id, started_at, ended_at, share (as text,
-- null where the relation has no such column).
-- Order: customer_id, then every other column, byte order.
SELECT o.customer_id, o.incident_id, o.severity, o.service_id, o.started_at, o.ended_at,
       to_jsonb(o) ->> 'share' AS share
  FROM redress_source.outage AS o
 WHERE o.customer_id COLLATE "C" IN (SELECT c.customer_id
                                     FROM redress_source.customer AS c
                                    WHERE lower(btrim(c.tier) COLLATE "C") = 'enterprise')
 ORDER BY o.customer_id COLLATE "C", o.incident_id COLLATE "C", o.started_at, o.severity COLLATE "C",
          o.service_id COLLATE "C", o.ended_at
