-- Takes revisions in key order. The encoder writes the columns in this order.
COPY redress.credit_revision
  (customer_id, subscription_id, incident_id, billing_month, currency, revision, lines_through, run_id, amount_minor,
   percent_bp, month_minor, quarter_minor, outage_started_at, monthly_fee, billed_fee, customer_name, customer_tier, invoice_id, reason, terms,
   customer_evidence, decision)
FROM STDIN (FORMAT binary)
