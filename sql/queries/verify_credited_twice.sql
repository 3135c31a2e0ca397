-- Credits of one subscription and incident that two customers have for the same time. The rules give an incident's time
-- to the customer who had the subscription when it began to count.
-- Returns: customer_id, the other customer, subscription_id, incident_id. Order: customer_id, subscription_id,
-- incident_id, the other customer.
WITH credited AS (
  SELECT customer_id, subscription_id, incident_id, tstzrange(outage_started_at, outage_ended_at) AS outage
    FROM redress.entitlement
   WHERE amount_minor > 0),
shared AS (
  SELECT subscription_id, incident_id
    FROM credited
   GROUP BY subscription_id, incident_id
  HAVING min(customer_id) <> max(customer_id))
SELECT DISTINCT one.customer_id, other.customer_id AS other_customer_id, one.subscription_id, one.incident_id
  FROM shared
  JOIN credited AS one USING (subscription_id, incident_id)
  JOIN credited AS other USING (subscription_id, incident_id)
 WHERE one.customer_id < other.customer_id AND one.outage && other.outage
 ORDER BY one.customer_id, one.subscription_id, one.incident_id, other.customer_id
