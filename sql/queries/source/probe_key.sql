-- Checks whether the indexes can hold ids as long as these; fails with 54000 if not. Must be rolled
-- back. No run writes this line number, so no run waits for this. Parameters: customer_id,
-- subscription_id, incident_id.
WITH line AS (
  INSERT INTO redress.invoice_adjustment
    (customer_id, subscription_id, incident_id, currency, line, placed_at, invoice_id, amount_minor)
  VALUES ($1, $2, $3, 'XXX', 2147483647, now(), 'probe', -1)
)
INSERT INTO redress.incident_evidence (customer_id, digest, content)
VALUES ($1, decode(repeat('00', 32), 'hex'), '')
