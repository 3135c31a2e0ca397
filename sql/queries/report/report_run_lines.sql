-- The invoice lines that the credits of a run had once the run was over, whoever placed them: the lines that are the whole of
-- a revision of the run, those of earlier revisions, and the stored ones.
-- Parameter: run_id.
-- Returns: customer_id, subscription_id, incident_id, billing_month, currency, invoice_id, amount_minor. Order: customer,
-- subscription, incident, month, currency, then line.
SELECT a.customer_id, a.subscription_id, a.incident_id, a.billing_month, a.currency, a.invoice_id, a.amount_minor
  FROM (SELECT c.customer_id, c.subscription_id, c.incident_id, c.billing_month, c.currency, c.lines_through AS line,
               c.invoice_id, -c.amount_minor AS amount_minor
          FROM redress.credit_revision AS c
         WHERE c.run_id = $1::bigint
           AND c.invoice_id IS NOT NULL
         UNION ALL
        SELECT e.customer_id, e.subscription_id, e.incident_id, e.billing_month, e.currency, e.lines_through, e.invoice_id,
               -e.amount_minor
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
               l.amount_minor
          FROM redress.credit_revision AS c
          JOIN redress.invoice_line AS l
            ON l.customer_id = c.customer_id
           AND l.subscription_id = c.subscription_id
           AND l.incident_id = c.incident_id
           AND l.billing_month = c.billing_month
           AND l.currency = c.currency
           AND l.line <= c.lines_through
         WHERE c.run_id = $1::bigint) AS a
 ORDER BY a.customer_id, a.subscription_id, a.incident_id, a.billing_month, a.currency, a.line
