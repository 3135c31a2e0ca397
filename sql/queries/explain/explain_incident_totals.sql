-- What is recorded for one incident over all customers. Reads the months of the incident.
-- Parameter: incident_id.
-- Returns: currency, customers, credits, amount_minor as text (it may be beyond bigint), first_customer. Order: currency.
SELECT k.currency, count(DISTINCT k.customer_id) AS customers, count(*) AS credits,
       sum(k.amount_minor)::text AS amount_minor, min(k.customer_id) AS first_customer
  FROM (SELECT customer_id, subscription_id, currency, sum(amount_minor) AS amount_minor
          FROM redress.recorded_month AS m
          JOIN redress.credit_revision AS c USING (billing_month, incident_id)
         WHERE incident_id = $1
         GROUP BY customer_id, subscription_id, billing_month, currency
        HAVING sum(amount_minor) <> 0) AS k
 GROUP BY k.currency
 ORDER BY k.currency
