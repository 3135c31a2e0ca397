-- The ledger, for reconciliation.
-- Returns: customer_id, subscription_id, incident_id, currency, revision, amount_minor, billing_month, percent_bp,
-- outage_started_at. Order: the key.
SELECT customer_id, subscription_id, incident_id, currency, revision, amount_minor, billing_month, percent_bp,
       outage_started_at
  FROM redress.credit
 ORDER BY customer_id, subscription_id, incident_id, currency, revision
