-- Takes the invoice lines of a part of a run in key order. The encoder writes the columns in this order.
COPY redress.staged_invoice_line
  (customer_id, subscription_id, incident_id, billing_month, currency, line, run_id, invoice_id, amount_minor)
FROM STDIN (FORMAT binary)
