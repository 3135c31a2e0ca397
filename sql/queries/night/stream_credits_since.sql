-- The ledger from a month on, and of earlier months what is not settled, for reconciliation.
-- Parameters: the month; the newest run; four arrays of the same length, the keys of earlier
-- credits on invoices that are not final.
-- Returns: customer_id, subscription_id, incident_id, currency, revision, amount_minor, billing_month, percent_bp,
-- outage_started_at. Order: the key.
WITH earlier AS (
  SELECT customer_id, subscription_id, incident_id, currency
    FROM redress.carried_forward
   WHERE run_id = $2::bigint
   UNION
  SELECT customer_id, subscription_id, incident_id, currency
    FROM redress.credit
   WHERE reason = 'moved'
   UNION
  SELECT customer_id, subscription_id, incident_id, currency
    FROM redress.invoice_adjustment
   WHERE run_id IS NULL AND amount_minor > 0
   UNION
  SELECT customer_id, subscription_id, incident_id, currency
    FROM unnest($3::text[], $4::text[], $5::text[], $6::text[])
           AS on_invoice (customer_id, subscription_id, incident_id, currency)
)
SELECT r.customer_id, r.subscription_id, r.incident_id, r.currency, r.revision, r.amount_minor, r.billing_month,
       r.percent_bp, r.outage_started_at
  FROM (SELECT customer_id, subscription_id, incident_id, currency, revision, amount_minor, billing_month, percent_bp,
               outage_started_at
          FROM redress.credit
         WHERE billing_month >= $1::date
         UNION ALL
        SELECT c.customer_id, c.subscription_id, c.incident_id, c.currency, c.revision, c.amount_minor, c.billing_month,
               c.percent_bp, c.outage_started_at
          FROM earlier AS e
          JOIN redress.credit AS c
            ON c.customer_id = e.customer_id
           AND c.subscription_id = e.subscription_id
           AND c.incident_id = e.incident_id
           AND c.currency = e.currency
         WHERE c.billing_month < $1::date) AS r
 ORDER BY r.customer_id, r.subscription_id, r.incident_id, r.currency, r.revision
