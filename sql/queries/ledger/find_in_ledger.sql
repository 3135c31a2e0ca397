-- The things that have an id, from the ledger alone. Reads all of it for a subscription.
-- Parameter: the id. Returns: kind (customer, subscription, incident, invoice), customer_id (empty for an incident).
-- Order: kind, then customer_id.
SELECT DISTINCT f.kind, f.customer_id
  FROM (SELECT 'customer' AS kind, c.customer_id
          FROM redress.credited_month AS m
          JOIN redress.credit_revision AS c ON c.billing_month = m.billing_month
         WHERE c.customer_id = $1
        UNION ALL SELECT 'subscription', customer_id FROM redress.credit_revision WHERE subscription_id = $1
        UNION ALL SELECT 'incident', '' FROM redress.recorded_month WHERE incident_id = $1
        UNION ALL SELECT 'invoice', customer_id FROM redress.invoice_adjustment WHERE invoice_id = $1) AS f
 ORDER BY f.kind, f.customer_id
