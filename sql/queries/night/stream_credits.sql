-- The ledger of one month, for reconciliation. The night merges the months.
-- Parameter: the month.
-- Returns: customer_id, subscription_id, incident_id, currency, revision, amount_minor, billing_month, percent_bp, month_minor, quarter_minor,
-- outage_started_at, lines_through, invoice_id (of the line that is the whole of the revision; null if there is none).
-- Order: customer, subscription, incident, currency, revision.
SELECT c.customer_id, c.subscription_id, c.incident_id, c.currency, c.revision, c.amount_minor, c.billing_month, c.percent_bp, c.month_minor, c.quarter_minor,
       c.outage_started_at, c.lines_through, c.invoice_id
  FROM redress.credit_revision AS c
 WHERE c.billing_month = $1::date
 ORDER BY c.customer_id, c.subscription_id, c.incident_id, c.currency, c.revision
