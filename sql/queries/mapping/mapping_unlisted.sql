-- The values of statuses, severities and kinds that are none of the contract's.
-- Parameter: how many values.
-- Returns: sign, total (rows), then six cells of a value: relation, column, the value, how many rows, the first of their
-- keys; the last is null.
-- Order: relation, column, rows (the most first), then value, byte order.
WITH found AS MATERIALIZED (
  SELECT 'incident' AS relation, 'status' AS attribute, i.status COLLATE "C" AS value, count(*) AS rows,
         min(i.incident_id COLLATE "C") AS first
    FROM redress_source.incident AS i
   WHERE i.status IS NULL OR i.status COLLATE "C" NOT IN ('open', 'resolved', 'void')
   GROUP BY i.status COLLATE "C"
   UNION ALL
  SELECT 'incident', 'severity', i.severity COLLATE "C", count(*), min(i.incident_id COLLATE "C")
    FROM redress_source.incident AS i
   WHERE i.severity IS NULL OR i.severity COLLATE "C" NOT IN ('P0', 'P1', 'P2', 'P3')
   GROUP BY i.severity COLLATE "C"
   UNION ALL
  SELECT 'outage', 'severity', o.severity COLLATE "C", count(*), min(o.incident_id COLLATE "C")
    FROM redress_source.outage AS o
   WHERE o.severity IS NULL OR o.severity COLLATE "C" NOT IN ('P0', 'P1', 'P2', 'P3')
   GROUP BY o.severity COLLATE "C"
   UNION ALL
  SELECT 'exclusion', 'kind', e.kind COLLATE "C", count(*), min(e.exclusion_id COLLATE "C")
    FROM redress_source.exclusion AS e
   WHERE e.kind IS NULL OR e.kind COLLATE "C" NOT IN ('scheduled_maintenance', 'customer_fault', 'force_majeure')
   GROUP BY e.kind COLLATE "C"
   UNION ALL
  SELECT 'invoice', 'status', i.status COLLATE "C", count(*), min(i.invoice_id COLLATE "C")
    FROM redress_source.invoice AS i
   WHERE i.status IS NULL OR i.status COLLATE "C" NOT IN ('draft', 'finalized', 'void')
   GROUP BY i.status COLLATE "C"
)
SELECT 'unlisted' AS sign, sum(f.rows) OVER ()::bigint AS total, f.relation, f.attribute,
       coalesce(f.value, '(null)') AS value, f.rows::text AS rows, f.first, NULL::text AS sixth
  FROM found AS f
 ORDER BY f.relation COLLATE "C", f.attribute COLLATE "C", f.rows DESC, f.value COLLATE "C"
 LIMIT $1::bigint
