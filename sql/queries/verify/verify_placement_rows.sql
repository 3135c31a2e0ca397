-- Placements that differ from their note: the digest is different, or a number is missing.
-- Returns: customer_id, invoice_id, currency, number, the number that should follow, whether the digest is the row's own.
-- Order: customer_id, invoice_id, currency, number.
SELECT customer_id, invoice_id, currency, number, expected, is_own
  FROM (SELECT customer_id, invoice_id, currency, number,
               (row_number() OVER (PARTITION BY customer_id, invoice_id, currency ORDER BY number))::integer
                 AS expected,
               digest = redress.placement_digest(
                 customer_id, invoice_id, currency, number, placed_at, placed_by, amount_due, lines, lines_checksum)
                 AS is_own
          FROM redress.placement) AS noted
 WHERE number <> expected OR NOT is_own
 ORDER BY customer_id COLLATE "C", invoice_id COLLATE "C", currency COLLATE "C", number
