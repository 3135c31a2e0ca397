-- The newest revision of each key of given subscriptions, of all customers.
-- Parameter: subscription ids. Returns: subscription_id, customer_id, incident_id, billing_month, percent_bp.
-- Order: the key.
SELECT DISTINCT ON (customer_id, subscription_id, incident_id, currency)
       subscription_id, customer_id, incident_id, billing_month, percent_bp
  FROM redress.credit
 WHERE subscription_id = ANY ($1)
 ORDER BY customer_id, subscription_id, incident_id, currency, revision DESC
