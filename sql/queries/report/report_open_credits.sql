-- The credits of all months that were not wholly on invoices, as the ledger stood: after a run, with what was placed up to
-- a time.
-- Parameters: the run, the time.
-- Returns: customer_id, subscription_id, incident_id, billing_month, currency, customer_name (of the newest revision),
-- first_run (the run that granted the credit), entitled_minor, placed_minor.
-- Order: customer, currency, first_run, subscription, incident, month.
SELECT e.customer_id, e.subscription_id, e.incident_id, e.billing_month, e.currency, e.customer_name, e.first_run,
       e.entitled_minor, coalesce(p.placed_minor, 0) AS placed_minor
  FROM (SELECT c.customer_id, c.subscription_id, c.incident_id, c.billing_month, c.currency,
               (array_agg(c.customer_name ORDER BY c.revision DESC))[1] AS customer_name,
               min(c.run_id) AS first_run, sum(c.amount_minor)::bigint AS entitled_minor
          FROM redress.credit_revision AS c
         WHERE c.run_id <= $1::bigint
         GROUP BY c.customer_id, c.subscription_id, c.incident_id, c.billing_month, c.currency) AS e
  LEFT JOIN (SELECT a.customer_id, a.subscription_id, a.incident_id, a.billing_month, a.currency,
                    -sum(a.amount_minor)::bigint AS placed_minor
               FROM redress.invoice_adjustment AS a
              WHERE a.run_id <= $1::bigint
                 OR a.placed_at <= $2::timestamptz
              GROUP BY a.customer_id, a.subscription_id, a.incident_id, a.billing_month, a.currency) AS p
    ON p.customer_id = e.customer_id
   AND p.subscription_id = e.subscription_id
   AND p.incident_id = e.incident_id
   AND p.billing_month = e.billing_month
   AND p.currency = e.currency
 WHERE e.entitled_minor > coalesce(p.placed_minor, 0)
 ORDER BY e.customer_id, e.currency, e.first_run, e.subscription_id, e.incident_id, e.billing_month
