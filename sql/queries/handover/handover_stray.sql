-- Entries whose message is of no line of their amount, on the pseudo invoice of their system; and credit notes whose invoice
-- does not carry their amount.
-- Returns: customer_id, message_key, entry, system, invoice_id, amount_minor, found_minor (null where there is no such
-- line). Order: customer, key, entry.
SELECT h.customer_id, h.message_key, h.entry, h.system, h.invoice_id, h.amount_minor,
       CASE WHEN h.line IS NULL THEN carried.amount_minor ELSE a.amount_minor END AS found_minor
  FROM redress.handover AS h
  LEFT JOIN redress.invoice_adjustment AS a
    ON h.line IS NOT NULL
   AND h.invoice_id = 'balance:' || h.system
   AND a.invoice_id = h.invoice_id
   AND a.customer_id = h.customer_id
   AND a.subscription_id = h.subscription_id
   AND a.incident_id = h.incident_id
   AND a.billing_month = h.billing_month
   AND a.currency = h.currency
   AND a.line = h.line
  LEFT JOIN (SELECT b.customer_id, b.currency, b.invoice_id, sum(b.amount_minor)::bigint AS amount_minor
               FROM redress.invoice_adjustment AS b
              WHERE b.invoice_id IN (SELECT c.invoice_id FROM redress.handover AS c WHERE c.line IS NULL)
              GROUP BY b.customer_id, b.currency, b.invoice_id) AS carried
    ON h.line IS NULL
   AND carried.customer_id = h.customer_id
   AND carried.currency = h.currency
   AND carried.invoice_id = h.invoice_id
 WHERE h.amount_minor IS DISTINCT FROM CASE WHEN h.line IS NULL THEN carried.amount_minor ELSE a.amount_minor END
 ORDER BY h.customer_id, h.message_key, h.entry
