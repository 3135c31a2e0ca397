-- Every frozen document.
-- Returns: customer_id ('' for what all share), digest, content. Order: customer_id, byte order.
SELECT customer_id, digest, content
  FROM redress.incident_evidence
 ORDER BY customer_id, digest
