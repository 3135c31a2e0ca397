-- The newest run that recorded something for an incident. Reads the months of the incident.
-- Parameter: incident_id. Returns: run_id, evidence_digest; no row if there is none.
SELECT r.run_id, r.evidence_digest
  FROM redress.run AS r
 WHERE r.run_id = (SELECT max(c.run_id)
                     FROM redress.recorded_month AS m
                     JOIN redress.credit_revision AS c ON c.billing_month = m.billing_month AND c.incident_id = m.incident_id
                    WHERE m.incident_id = $1)
