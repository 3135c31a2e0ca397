-- The newest revision of each credit of given subscriptions, of all customers.
-- Parameters: subscription ids; the earliest month that matters. Returns: subscription_id, customer_id, incident_id,
-- billing_month, percent_bp. Order: customer, subscription, incident, month, currency.
SELECT DISTINCT ON (customer_id, subscription_id, incident_id, billing_month, currency)
       subscription_id, customer_id, incident_id, billing_month, percent_bp
  FROM redress.credit_revision
 WHERE subscription_id = ANY ($1)
   AND billing_month >= $2::date
 ORDER BY customer_id, subscription_id, incident_id, billing_month, currency, revision DESC
