-- What a customer's credits for one incident are worth now, and which invoices carry them.
-- Parameters: customer_id, incident_id.
-- Returns: the columns of notice_credits.sql, of the newest revision of each key; email is null.
-- Order: subscription_id, billing_month, currency.
SELECT c.customer_id, c.customer_name, NULL::text AS email, c.incident_id, c.subscription_id, c.currency, c.kind,
       c.amount_minor, k.entitled_minor, c.billing_month, c.percent_bp, c.counted_microseconds, b.outage_started_at,
       b.outage_ended_at, b.severity, b.monthly_fee, b.service_id, b.plan, b.time_zone, c.reason,
       (SELECT json_agg(json_build_array(i.invoice_id, i.net_minor) ORDER BY i.line)::text
          FROM (SELECT a.invoice_id, -sum(a.amount_minor)::bigint AS net_minor, min(a.line) AS line
                  FROM redress.invoice_adjustment AS a
                 WHERE a.customer_id = c.customer_id
                   AND a.subscription_id = c.subscription_id
                   AND a.incident_id = c.incident_id
                   AND a.billing_month = c.billing_month
                   AND a.currency = c.currency
                 GROUP BY a.invoice_id
                HAVING sum(a.amount_minor) < 0) AS i) AS invoices
  FROM (SELECT customer_id, subscription_id, incident_id, billing_month, currency, max(revision) AS revision,
               sum(amount_minor)::bigint AS entitled_minor
          FROM redress.recorded_month AS m
          JOIN redress.credit_revision AS r USING (billing_month, incident_id)
         WHERE r.customer_id = $1
           AND incident_id = $2
         GROUP BY customer_id, subscription_id, incident_id, billing_month, currency) AS k
  JOIN redress.credit AS c ON c.customer_id = k.customer_id
   AND c.subscription_id = k.subscription_id
   AND c.incident_id = k.incident_id
   AND c.billing_month = k.billing_month
   AND c.currency = k.currency
   AND c.revision = k.revision
  JOIN LATERAL (SELECT e.outage_started_at, e.outage_ended_at, e.severity, e.monthly_fee, e.service_id, e.plan,
                       e.time_zone
                  FROM redress.credit AS e
                 WHERE e.customer_id = c.customer_id
                   AND e.subscription_id = c.subscription_id
                   AND e.incident_id = c.incident_id
                   AND e.billing_month = c.billing_month
                   AND e.currency = c.currency
                   AND e.service_id IS NOT NULL
                 ORDER BY e.revision DESC
                 LIMIT 1) AS b ON true
 ORDER BY c.subscription_id, c.billing_month, c.currency
