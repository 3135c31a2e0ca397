-- Moves the invoice lines of the parts of a run into the ledger. Parameter: the parts.
INSERT INTO redress.invoice_line
  (customer_id, subscription_id, incident_id, billing_month, currency, line, run_id, invoice_id, amount_minor)
SELECT l.customer_id, l.subscription_id, l.incident_id, l.billing_month, l.currency, l.line, l.run_id, l.invoice_id,
       l.amount_minor
  FROM redress.staged_invoice_line AS l
 WHERE l.part = ANY ($1::text[]::xid8[])
