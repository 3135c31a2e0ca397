-- The frozen documents that runs after a given one refer to.
-- Parameter: the run.
-- Returns: customer_id ('' for what all share), digest, content. Order: customer_id, byte order.
SELECT e.customer_id, e.digest, e.content
  FROM (SELECT customer_id, customer_evidence AS digest
          FROM redress.credit_revision
         WHERE run_id > $1::bigint AND customer_evidence IS NOT NULL
         UNION
        SELECT '', evidence_digest
          FROM redress.run
         WHERE run_id > $1::bigint) AS used
  JOIN redress.incident_evidence AS e ON e.customer_id = used.customer_id AND e.digest = used.digest
 ORDER BY e.customer_id, e.digest
