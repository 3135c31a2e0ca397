-- The newest run that recorded something for an incident. Reads the ledger.
-- Parameter: incident_id. Returns: run_id, evidence_digest; no row if there is none.
SELECT r.run_id, r.evidence_digest
  FROM redress.run AS r
 WHERE r.run_id = (SELECT max(c.run_id) FROM redress.credit AS c WHERE c.incident_id = $1)
