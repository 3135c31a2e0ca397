-- The exclusions of single customers that had not ended before an instant.
-- Parameter: the instant.
-- Returns: customer_id, exclusion_id, kind, service_id, started_at, ended_at, announced_at.
-- Order: customer_id, exclusion_id, byte order.
SELECT customer_id, exclusion_id, kind, service_id, started_at, ended_at, announced_at
  FROM redress_source.exclusion
 WHERE customer_id IS NOT NULL
   AND ((started_at < $1::timestamptz AND ended_at < $1::timestamptz AND isfinite(started_at) AND isfinite(ended_at))
          IS NOT TRUE
        OR customer_id COLLATE "C" = '')
 ORDER BY customer_id COLLATE "C", exclusion_id COLLATE "C", started_at, ended_at
