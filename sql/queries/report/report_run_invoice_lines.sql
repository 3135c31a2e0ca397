-- The invoice lines of the file of a run: all lines of the credits that it revised, as they were once the run was over, and
-- its lines for other credits.
-- Parameter: run_id.
-- Returns: customer_id, subscription_id, incident_id, billing_month, currency, line, invoice_id, amount_minor, origin (run: of
-- this run; earlier: of a credit that it revised, and there before; open: of this run, for a credit that it did not revise).
-- Order: customer, subscription, incident, month, currency, line.
SELECT a.customer_id, a.subscription_id, a.incident_id, a.billing_month, a.currency, a.line, a.invoice_id, a.amount_minor,
       a.origin
  FROM (SELECT c.customer_id, c.subscription_id, c.incident_id, c.billing_month, c.currency, c.lines_through AS line,
               c.invoice_id, -c.amount_minor AS amount_minor, 'run' AS origin
          FROM redress.credit_revision AS c
         WHERE c.run_id = $1::bigint
           AND c.invoice_id IS NOT NULL
         UNION ALL
        SELECT e.customer_id, e.subscription_id, e.incident_id, e.billing_month, e.currency, e.lines_through, e.invoice_id,
               -e.amount_minor, 'earlier' AS origin
          FROM redress.credit_revision AS c
          JOIN redress.credit_revision AS e
            ON e.customer_id = c.customer_id
           AND e.subscription_id = c.subscription_id
           AND e.incident_id = c.incident_id
           AND e.billing_month = c.billing_month
           AND e.currency = c.currency
           AND e.revision < c.revision
         WHERE c.run_id = $1::bigint
           AND c.revision > 1
           AND e.invoice_id IS NOT NULL
         UNION ALL
        SELECT l.customer_id, l.subscription_id, l.incident_id, l.billing_month, l.currency, l.line, l.invoice_id,
               l.amount_minor, CASE WHEN l.run_id = $1::bigint THEN 'run' ELSE 'earlier' END AS origin
          FROM redress.credit_revision AS c
          JOIN redress.invoice_line AS l
            ON l.customer_id = c.customer_id
           AND l.subscription_id = c.subscription_id
           AND l.incident_id = c.incident_id
           AND l.billing_month = c.billing_month
           AND l.currency = c.currency
           AND l.line <= c.lines_through
         WHERE c.run_id = $1::bigint
         UNION ALL
        SELECT l.customer_id, l.subscription_id, l.incident_id, l.billing_month, l.currency, l.line, l.invoice_id,
               l.amount_minor, 'open' AS origin
          FROM redress.invoice_line AS l
          LEFT JOIN redress.credit_revision AS c
            ON c.customer_id = l.customer_id
           AND c.subscription_id = l.subscription_id
           AND c.incident_id = l.incident_id
           AND c.billing_month = l.billing_month
           AND c.currency = l.currency
           AND c.run_id = l.run_id
         WHERE l.run_id = $1::bigint
           AND c.customer_id IS NULL) AS a
 ORDER BY a.customer_id, a.subscription_id, a.incident_id, a.billing_month, a.currency, a.line
