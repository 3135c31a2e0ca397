-- Takes invoice lines in key order. The encoder writes the columns in this order.
COPY redress.invoice_adjustment
  (customer_id, subscription_id, incident_id, currency, line, run_id, invoice_id, amount_minor,
   billing_month)
FROM STDIN (FORMAT binary)
