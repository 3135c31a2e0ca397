-- The exclusions of given customers. Parameter: customer ids.
-- Returns: customer_id, exclusion_id, kind, service_id, started_at, ended_at, announced_at. Order: customer_id,
-- exclusion_id, byte order.
SELECT customer_id, exclusion_id, kind, service_id, started_at, ended_at, announced_at
  FROM redress_source.exclusion
 WHERE customer_id COLLATE "C" = ANY ($1)
 ORDER BY customer_id COLLATE "C", exclusion_id COLLATE "C", started_at, ended_at
