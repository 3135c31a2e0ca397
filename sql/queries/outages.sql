-- The outage windows that are not a single customer's, and of those that are, the ones with something wrong: what
-- parks an incident must be known before the first customer is calculated.
-- Returns: incident_id, severity, service_id, customer_id, started_at, ended_at, knows_customer.
-- Order: incident_id, started_at, then every other column, byte order.
SELECT o.incident_id, o.severity, o.service_id, o.customer_id, o.started_at, o.ended_at,
       o.customer_id IS NULL OR EXISTS (SELECT FROM redress_source.customer AS c
                                         WHERE c.customer_id = o.customer_id) AS knows_customer
  FROM redress_source.outage AS o
 WHERE o.customer_id IS NULL
    OR o.severity IS NULL
    OR o.severity NOT IN ('P0', 'P1', 'P2', 'P3')
    OR o.started_at IS NULL
    OR o.ended_at IS NULL
    OR o.ended_at < o.started_at
    OR NOT isfinite(o.started_at)
    OR NOT isfinite(o.ended_at)
    OR NOT EXISTS (SELECT FROM redress_source.customer AS c WHERE c.customer_id = o.customer_id)
    OR (o.service_id IS NOT NULL
        AND NOT EXISTS (SELECT FROM redress_source.service AS s WHERE s.service_id = o.service_id))
 ORDER BY o.incident_id COLLATE "C", o.started_at, o.severity COLLATE "C", o.service_id COLLATE "C",
          o.customer_id COLLATE "C", o.ended_at
