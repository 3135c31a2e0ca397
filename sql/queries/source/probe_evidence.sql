-- Whether the index of the frozen evidence has room for an id as long as this: fails with 54000 where it has none. To be
-- rolled back. Parameter: customer_id.
INSERT INTO redress.incident_evidence (customer_id, digest, content)
VALUES ($1, decode(repeat('00', 32), 'hex'), '')
