-- The things that have an id, from the ledger alone. Reads all of it.
-- Parameter: the id. Returns: kind (customer, subscription, incident, invoice), customer_id (empty for an incident).
-- Order: kind, then customer_id.
SELECT DISTINCT f.kind, f.customer_id
  FROM (SELECT 'customer' AS kind, customer_id FROM redress.credit WHERE customer_id = $1
        UNION ALL SELECT 'subscription', customer_id FROM redress.credit WHERE subscription_id = $1
        UNION ALL SELECT 'incident', '' FROM redress.credit WHERE incident_id = $1
        UNION ALL SELECT 'invoice', customer_id FROM redress.invoice_adjustment WHERE invoice_id = $1) AS f
 ORDER BY f.kind, f.customer_id
