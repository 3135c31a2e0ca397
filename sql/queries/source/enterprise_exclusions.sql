-- The exclusions of single customers of the Enterprise tier.
-- Returns: customer_id, exclusion_id, kind, service_id, started_at, ended_at, announced_at.
-- Order: customer_id, exclusion_id, byte order.
SELECT e.customer_id, e.exclusion_id, e.kind, e.service_id, e.started_at, e.ended_at, e.announced_at
  FROM redress_source.exclusion AS e
 WHERE e.customer_id COLLATE "C" IN (SELECT c.customer_id
                                     FROM redress_source.customer AS c
                                    WHERE lower(btrim(c.tier) COLLATE "C") = 'enterprise')
 ORDER BY e.customer_id COLLATE "C", e.exclusion_id COLLATE "C", e.started_at, e.ended_at
