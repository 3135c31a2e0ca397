-- The exclusion ids that several rows have.
-- Returns: exclusion_id, rows. Order: exclusion_id, byte order.
SELECT exclusion_id COLLATE "C" AS exclusion_id, count(*) AS rows
  FROM redress_source.exclusion
 WHERE exclusion_id COLLATE "C" <> ''
 GROUP BY exclusion_id COLLATE "C"
HAVING count(*) > 1
 ORDER BY 1
