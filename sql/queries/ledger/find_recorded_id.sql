-- The things in the ledger that have an id which the source does not have. Reads all of the ledger for a subscription.
-- Parameter: the id. Returns: kind (subscription, incident), customer_id (empty for an incident).
-- Order: kind, then customer_id.
SELECT DISTINCT f.kind, f.customer_id
  FROM (SELECT 'subscription' AS kind, customer_id FROM redress.credit_revision WHERE subscription_id = $1
        UNION ALL SELECT 'incident', '' FROM redress.recorded_month WHERE incident_id = $1) AS f
 ORDER BY f.kind, f.customer_id
