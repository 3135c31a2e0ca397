-- Credits of one subscription and incident that two customers have for the same time. The rules
-- give an incident's time to the customer who had the subscription when it began to count.
-- Parameter: the run after which one of the two must have been written.
-- Returns: customer_id, the other customer, subscription_id, incident_id. Order: customer_id, subscription_id,
-- incident_id, the other customer.
WITH shared AS MATERIALIZED (
  SELECT subscription_id, incident_id
    FROM redress.credit
   GROUP BY subscription_id, incident_id
  HAVING min(customer_id) <> max(customer_id) AND max(run_id) > $1::bigint),
credited AS MATERIALIZED (
  SELECT credit.customer_id, credit.subscription_id, credit.incident_id, credit.currency,
         (array_agg(credit.outage_started_at ORDER BY credit.revision DESC)
           FILTER (WHERE credit.outage_started_at IS NOT NULL))[1] AS started_at,
         (array_agg(credit.outage_ended_at ORDER BY credit.revision DESC)
           FILTER (WHERE credit.outage_ended_at IS NOT NULL))[1] AS ended_at
    FROM redress.credit
    JOIN shared USING (subscription_id, incident_id)
   GROUP BY credit.customer_id, credit.subscription_id, credit.incident_id, credit.billing_month, credit.currency
  HAVING sum(credit.amount_minor) > 0)
SELECT DISTINCT one.customer_id, other.customer_id AS other_customer_id, one.subscription_id, one.incident_id
  FROM credited AS one
  JOIN credited AS other USING (subscription_id, incident_id)
 WHERE one.customer_id < other.customer_id
   AND one.started_at < other.ended_at
   AND other.started_at < one.ended_at
 ORDER BY one.customer_id, one.subscription_id, one.incident_id, other.customer_id
