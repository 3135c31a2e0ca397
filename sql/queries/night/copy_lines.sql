-- Takes invoice lines in key order, without those that are the whole of a revision of the run. The
-- encoder writes the columns in this order.
COPY redress.invoice_line
  (customer_id, subscription_id, incident_id, billing_month, currency, line, run_id, invoice_id, amount_minor)
FROM STDIN (FORMAT binary)
