-- The revisions of a run, without its number. Parameter: run_id.
-- Returns: customer_id, subscription_id, incident_id, billing_month, currency, revision, amount_minor, lines_through.
-- Order: customer, subscription, incident, month, currency, revision.
SELECT customer_id, subscription_id, incident_id, billing_month, currency, revision, amount_minor, lines_through
  FROM redress.credit_revision
 WHERE run_id = $1::bigint
 ORDER BY customer_id, subscription_id, incident_id, billing_month, currency, revision
