-- Whether the indexes have room for ids as long as these: fails with 54000 where they have none. To be rolled back. No
-- run writes such a line number, so that nobody waits for anybody. Parameters: customer_id, subscription_id,
-- incident_id.
WITH line AS (
  INSERT INTO redress.invoice_adjustment
    (customer_id, subscription_id, incident_id, currency, line, placed_at, invoice_id, amount_minor)
  VALUES ($1, $2, $3, 'XXX', 2147483647, now(), 'probe', -1)
)
INSERT INTO redress.incident_evidence (customer_id, digest, content)
VALUES ($1, decode(repeat('00', 32), 'hex'), '')
