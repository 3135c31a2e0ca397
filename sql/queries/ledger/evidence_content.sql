-- Parameters: customer_id ('' for what all share), digest. Returns: content.
SELECT content FROM redress.incident_evidence WHERE customer_id = $1 AND digest = $2
