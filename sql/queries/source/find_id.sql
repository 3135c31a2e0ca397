-- The things that have an id in the source. Customers and invoices are also looked up in the
-- ledger.
-- Parameter: the id. Returns: kind (customer, subscription, incident, invoice), customer_id (empty for an incident).
-- Order: kind, then customer_id.
SELECT f.kind, f.customer_id
  FROM (SELECT 'customer' AS kind, customer_id COLLATE "C" AS customer_id
                FROM redress_source.customer WHERE customer_id COLLATE "C" = $1
        UNION SELECT 'customer', c.customer_id COLLATE "C"
                FROM redress.credited_month AS m
                JOIN redress.credit_revision AS c ON c.billing_month = m.billing_month
               WHERE c.customer_id COLLATE "C" = $1
        UNION SELECT 'subscription', customer_id COLLATE "C" FROM redress_source.subscription_term
               WHERE subscription_id COLLATE "C" = $1
        UNION SELECT 'incident', '' FROM redress_source.incident WHERE incident_id COLLATE "C" = $1
        UNION SELECT 'invoice', customer_id COLLATE "C" FROM redress_source.invoice WHERE invoice_id COLLATE "C" = $1
        UNION SELECT 'invoice', customer_id COLLATE "C" FROM redress.invoice_adjustment WHERE invoice_id COLLATE "C" = $1) AS f
 ORDER BY f.kind COLLATE "C", f.customer_id COLLATE "C"
