-- What finalized invoices carry, each with what was noted of its credit note. An invoice of several rows in the source is
-- left out: a run reports it.
-- Parameters: the day on which invoices were issued that count, and later; the system.
-- Returns: the columns of handover_lines.sql; subscription_id, incident_id, billing_month and line are null, run_id and as_of
-- are those of the newest run that wrote to the invoice.
-- Order: customer, currency, invoice.
SELECT carried.customer_id, carried.currency, NULL::text AS subscription_id, NULL::text AS incident_id,
       NULL::date AS billing_month, NULL::integer AS line, carried.invoice_id, carried.amount_minor,
       carried.run_id, r.as_of, coalesce(n.entries, 0) AS entries, coalesce(n.attempts, 0) AS attempts, n.newest_answer,
       coalesce(n.is_sent, false) AS is_sent, n.remote_id, n.said, n.seconds_since_begun, n.seconds_since_noted
  FROM (SELECT a.customer_id, a.currency, a.invoice_id, sum(a.amount_minor)::bigint AS amount_minor, max(a.run_id) AS run_id
          FROM (SELECT i.invoice_id COLLATE "C" AS invoice_id, min(i.customer_id COLLATE "C") AS customer_id
                  FROM redress_source.invoice AS i
                 GROUP BY i.invoice_id COLLATE "C"
                HAVING count(*) = 1 AND min(i.status COLLATE "C") = 'finalized' AND min(i.issue_on) >= $1::date) AS issued
          JOIN redress.invoice_adjustment AS a
            ON a.invoice_id = issued.invoice_id AND a.customer_id = issued.customer_id
         WHERE a.invoice_id <> 'set-off' AND NOT starts_with(a.invoice_id, 'balance:')
         GROUP BY a.customer_id, a.currency, a.invoice_id
        HAVING sum(a.amount_minor) < 0) AS carried
  LEFT JOIN redress.run AS r ON r.run_id = carried.run_id
  LEFT JOIN (SELECT h.customer_id, h.currency, h.invoice_id, max(h.entry) AS entries, max(h.attempt) AS attempts,
                    (array_agg(h.answer ORDER BY h.entry DESC))[1] AS newest_answer,
                    bool_or(h.answer = 'sent') AS is_sent,
                    max(h.remote_id) FILTER (WHERE h.answer = 'sent') AS remote_id,
                    (array_agg(h.said ORDER BY h.entry))[1] AS said,
                    (EXTRACT(epoch FROM now() - min(h.noted_at) FILTER (WHERE h.answer = 'begun')))::bigint
                      AS seconds_since_begun,
                    (EXTRACT(epoch FROM now() - max(h.noted_at)))::bigint AS seconds_since_noted
               FROM redress.handover AS h
              WHERE h.line IS NULL AND h.system = $2::text
              GROUP BY h.customer_id, h.currency, h.invoice_id) AS n
    ON n.customer_id COLLATE "C" = carried.customer_id COLLATE "C"
   AND n.currency COLLATE "C" = carried.currency COLLATE "C"
   AND n.invoice_id COLLATE "C" = carried.invoice_id COLLATE "C"
 ORDER BY carried.customer_id COLLATE "C", carried.currency COLLATE "C", carried.invoice_id COLLATE "C"
