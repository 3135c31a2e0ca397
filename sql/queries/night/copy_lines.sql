-- Takes invoice lines in key order. The column order is the encoder's.
COPY redress.invoice_adjustment
  (customer_id, subscription_id, incident_id, currency, line, run_id, invoice_id, amount_minor)
FROM STDIN (FORMAT binary)
