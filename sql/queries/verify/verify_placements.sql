-- The invoicing system's lines that differ from the notes of place_on_invoice and release_invoice.
-- Returns: customer_id, invoice_id, currency, placed_at as text, lines that are there, lines that were noted.
-- Order: customer_id, invoice_id, currency, placed_at.
SELECT customer_id, invoice_id, currency, placed_at::text, COALESCE(there.lines, 0)::bigint AS lines,
       COALESCE(noted.lines, 0)::bigint AS noted_lines
  FROM (SELECT customer_id, invoice_id, currency, placed_at, count(*) AS lines,
               sum(redress.line_checksum(subscription_id, incident_id, billing_month, line, amount_minor)) AS lines_checksum
          FROM redress.invoice_line
         WHERE run_id IS NULL
         GROUP BY customer_id, invoice_id, currency, placed_at) AS there
  FULL JOIN (SELECT customer_id, invoice_id, currency, placed_at, sum(lines) AS lines,
                    sum(lines_checksum) AS lines_checksum
               FROM redress.placement
              GROUP BY customer_id, invoice_id, currency, placed_at) AS noted
       USING (customer_id, invoice_id, currency, placed_at)
 WHERE there.lines IS DISTINCT FROM noted.lines
    OR there.lines_checksum IS DISTINCT FROM noted.lines_checksum
 ORDER BY customer_id COLLATE "C", invoice_id COLLATE "C", currency COLLATE "C", placed_at
