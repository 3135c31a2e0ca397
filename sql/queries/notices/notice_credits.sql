-- What a run appended for customers who were of the Enterprise tier that night, each revision with what its key was
-- worth once the run was over and where that stood, and with what the source says now about whom to write to.
-- Parameter: run_id.
-- Returns: customer_id, customer_name, email, incident_id, subscription_id, currency, kind, amount_minor,
-- entitled_minor, billing_month, percent_bp, counted_microseconds, outage_started_at, outage_ended_at, severity,
-- monthly_fee, service_id, plan, time_zone (from outage_started_at on of the newest revision that had a basis), reason,
-- invoices (JSON: pairs of invoice and net minor units, in the order of their lines).
-- Order: customer_id, incident_id, subscription_id, billing_month, currency.
WITH reached AS MATERIALIZED (
  SELECT customer_id COLLATE "C" AS customer_id, min(email COLLATE "C") AS email
    FROM redress_source.customer
   GROUP BY customer_id COLLATE "C"
)
SELECT c.customer_id, c.customer_name, s.email, c.incident_id, c.subscription_id, c.currency, c.kind, c.amount_minor,
       (SELECT sum(e.amount_minor)::bigint
          FROM redress.credit AS e
         WHERE e.customer_id = c.customer_id
           AND e.subscription_id = c.subscription_id
           AND e.incident_id = c.incident_id
           AND e.billing_month = c.billing_month
           AND e.currency = c.currency
           AND e.run_id <= c.run_id) AS entitled_minor,
       c.billing_month, c.percent_bp, c.counted_microseconds, b.outage_started_at, b.outage_ended_at, b.severity,
       b.monthly_fee, b.service_id, b.plan, b.time_zone, c.reason,
       (SELECT json_agg(json_build_array(i.invoice_id, i.net_minor) ORDER BY i.line)::text
          FROM (SELECT a.invoice_id, -sum(a.amount_minor)::bigint AS net_minor, min(a.line) AS line
                  FROM redress.invoice_adjustment AS a
                 WHERE a.customer_id = c.customer_id
                   AND a.subscription_id = c.subscription_id
                   AND a.incident_id = c.incident_id
                   AND a.billing_month = c.billing_month
                   AND a.currency = c.currency
                   AND a.line <= c.lines_through
                 GROUP BY a.invoice_id
                HAVING sum(a.amount_minor) < 0) AS i) AS invoices
  FROM redress.credit AS c
  JOIN LATERAL (SELECT e.outage_started_at, e.outage_ended_at, e.severity, e.monthly_fee, e.service_id, e.plan,
                       e.time_zone
                  FROM redress.credit AS e
                 WHERE e.customer_id = c.customer_id
                   AND e.subscription_id = c.subscription_id
                   AND e.incident_id = c.incident_id
                   AND e.billing_month = c.billing_month
                   AND e.currency = c.currency
                   AND e.revision <= c.revision
                   AND e.service_id IS NOT NULL
                 ORDER BY e.revision DESC
                 LIMIT 1) AS b ON true
  LEFT JOIN reached AS s ON s.customer_id COLLATE "C" = c.customer_id COLLATE "C"
 WHERE c.run_id = $1::bigint
   AND lower(btrim(c.customer_tier) COLLATE "C") = 'enterprise'
 ORDER BY c.customer_id, c.incident_id, c.subscription_id, c.billing_month, c.currency
