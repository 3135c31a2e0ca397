-- Moves the frozen source rows of the parts of a run into the ledger, once for each content. Parameter: the parts.
INSERT INTO redress.incident_evidence (customer_id, digest, content)
SELECT e.customer_id, e.digest, e.content
  FROM redress.staged_evidence AS e
 WHERE e.part = ANY ($1::text[]::xid8[])
ON CONFLICT ON CONSTRAINT incident_evidence_pkey DO NOTHING
