-- The lines of a system's pseudo invoice, each with what was noted of its message. Lines are told in this order: a later run
-- only adds to the end of a customer's and a currency's, and within a run what is for the customer comes first.
-- Parameter: the id of the pseudo invoice.
-- Returns: customer_id, currency, subscription_id, incident_id, billing_month, line, invoice_id, amount_minor, run_id, as_of,
-- entries, attempts, newest_answer (null where nothing was noted), is_sent, remote_id (of what is sent), said,
-- seconds_since_begun (of the first attempt; null where none was noted), seconds_since_noted (of the newest entry).
-- Order: customer, currency, run, what is for the customer first, month, subscription, incident, line.
SELECT a.customer_id, a.currency, a.subscription_id, a.incident_id, a.billing_month, a.line, a.invoice_id, a.amount_minor,
       a.run_id, r.as_of, coalesce(n.entries, 0) AS entries, coalesce(n.attempts, 0) AS attempts, n.newest_answer,
       coalesce(n.is_sent, false) AS is_sent, n.remote_id, n.said, n.seconds_since_begun, n.seconds_since_noted
  FROM redress.invoice_adjustment AS a
  LEFT JOIN redress.run AS r ON r.run_id = a.run_id
  LEFT JOIN (SELECT h.customer_id, h.subscription_id, h.incident_id, h.billing_month, h.currency, h.line,
                    max(h.entry) AS entries, max(h.attempt) AS attempts,
                    (array_agg(h.answer ORDER BY h.entry DESC))[1] AS newest_answer,
                    bool_or(h.answer = 'sent') AS is_sent,
                    max(h.remote_id) FILTER (WHERE h.answer = 'sent') AS remote_id,
                    (array_agg(h.said ORDER BY h.entry))[1] AS said,
                    (EXTRACT(epoch FROM now() - min(h.noted_at) FILTER (WHERE h.answer = 'begun')))::bigint
                      AS seconds_since_begun,
                    (EXTRACT(epoch FROM now() - max(h.noted_at)))::bigint AS seconds_since_noted
               FROM redress.handover AS h
              WHERE h.invoice_id = $1::text
              GROUP BY h.customer_id, h.subscription_id, h.incident_id, h.billing_month, h.currency, h.line) AS n
    ON n.customer_id = a.customer_id
   AND n.subscription_id = a.subscription_id
   AND n.incident_id = a.incident_id
   AND n.billing_month = a.billing_month
   AND n.currency = a.currency
   AND n.line = a.line
 WHERE a.invoice_id = $1::text
 ORDER BY a.customer_id, a.currency, a.run_id, (a.amount_minor > 0), a.billing_month, a.subscription_id, a.incident_id, a.line
