-- Whether the indexes of the ledger's tables have room for ids as long as these: fails with 54000 where they have none.
-- To be rolled back. No run writes such a line number, so that nobody waits for anybody. Parameters: customer_id,
-- subscription_id, incident_id.
INSERT INTO redress.invoice_line
  (customer_id, subscription_id, incident_id, currency, line, billing_month, placed_at, invoice_id, amount_minor)
VALUES ($1, $2, $3, 'XXX', 2147483647, '1970-01-01', '1970-01-01 00:00:00+00', 'probe', -1)
