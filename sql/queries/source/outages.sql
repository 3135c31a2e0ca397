-- The outage windows for all customers, and the bad ones of single customers: what parks an
-- incident must be known before the first customer is calculated.
-- Parameters: the as-of instant, by which a resolved incident's windows must have ended; the first and the last instant
-- that a time may be. Returns: incident_id, severity, service_id, customer_id, started_at, ended_at, knows_customer.
-- Order: incident_id, started_at, then every other column, byte order.
SELECT o.incident_id, o.severity, o.service_id, o.customer_id, o.started_at, o.ended_at,
       o.customer_id IS NULL OR EXISTS (SELECT FROM redress_source.customer AS c
                                         WHERE c.customer_id COLLATE "C" = o.customer_id COLLATE "C") AS knows_customer
  FROM redress_source.outage AS o
 WHERE o.customer_id IS NULL
    OR o.severity IS NULL
    OR o.severity COLLATE "C" NOT IN ('P0', 'P1', 'P2', 'P3')
    OR o.started_at IS NULL
    OR o.ended_at IS NULL
    OR o.ended_at < o.started_at
    OR o.ended_at > least($1::timestamptz, $3::timestamptz)
    OR o.started_at > $3::timestamptz
    OR o.started_at < $2::timestamptz
    OR NOT EXISTS (SELECT FROM redress_source.incident AS i
                    WHERE i.incident_id COLLATE "C" = o.incident_id COLLATE "C" AND i.incident_id COLLATE "C" <> '')
    OR NOT EXISTS (SELECT FROM redress_source.customer AS c
                    WHERE c.customer_id COLLATE "C" = o.customer_id COLLATE "C" AND c.customer_id COLLATE "C" <> '')
    OR (o.service_id IS NOT NULL
        AND o.service_id COLLATE "C" NOT IN (SELECT s.service_id COLLATE "C"
                                               FROM redress_source.service AS s
                                              WHERE s.service_id COLLATE "C" <> ''
                                              GROUP BY s.service_id COLLATE "C"
                                             HAVING count(*) = 1))
 ORDER BY o.incident_id COLLATE "C", o.started_at, o.severity COLLATE "C", o.service_id COLLATE "C",
          o.customer_id COLLATE "C", o.ended_at
