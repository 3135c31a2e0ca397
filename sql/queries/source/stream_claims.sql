-- The claims of customers for credits. The relation is optional.
-- Returns: customer_id, incident_id, billing_month, claimed_at.
-- Order: customer_id, claimed_at, then every other column, byte order.
SELECT customer_id, incident_id, billing_month, claimed_at
  FROM redress_source.claim
 ORDER BY customer_id COLLATE "C", claimed_at, incident_id COLLATE "C", billing_month
