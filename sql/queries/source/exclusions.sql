-- The exclusions for all customers.
-- Returns: exclusion_id, kind, service_id, started_at, ended_at, announced_at. Order: exclusion_id, byte order.
SELECT exclusion_id, kind, service_id, started_at, ended_at, announced_at
  FROM redress_source.exclusion
 WHERE customer_id IS NULL
 ORDER BY exclusion_id COLLATE "C", started_at, ended_at
