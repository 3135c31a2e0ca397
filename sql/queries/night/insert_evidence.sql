-- Stores frozen source rows, once for each content.
-- Parameters: customer ids ('' for what all share), digests in hexadecimal, contents; arrays of the same length.
INSERT INTO redress.incident_evidence (customer_id, digest, content)
SELECT e.customer_id, decode(e.digest, 'hex'), e.content
  FROM unnest($1::text[], $2::text[], $3::text[]) AS e (customer_id, digest, content)
ON CONFLICT ON CONSTRAINT incident_evidence_pkey DO NOTHING
