-- What is on each invoice of a run, or of a billing month by any run or by the invoicing system, the largest first, with the
-- sums over all invoices of the currency.
-- Without the pseudo invoice set-off, on which nothing is paid.
-- Parameters: run_id or null, the month's first day or null, how many invoices of each currency.
-- Returns: currency, invoice_id, rows, amount_minor (as text; negative reduces the invoice), invoices, all_rows, all_minor.
-- Order: currency, place.
SELECT i.currency, i.invoice_id, i.rows, i.amount_minor::text AS amount_minor, i.invoices, i.all_rows,
       i.all_minor::text AS all_minor
  FROM (SELECT g.currency, g.invoice_id, g.rows, g.amount_minor,
               count(*) OVER (PARTITION BY g.currency) AS invoices,
               (sum(g.rows) OVER (PARTITION BY g.currency))::bigint AS all_rows,
               sum(g.amount_minor) OVER (PARTITION BY g.currency) AS all_minor,
               row_number() OVER (PARTITION BY g.currency ORDER BY abs(g.amount_minor) DESC, g.invoice_id) AS place
          FROM (SELECT a.currency, a.invoice_id, count(*) AS rows, sum(a.amount_minor) AS amount_minor
                  FROM redress.invoice_adjustment AS a
                 WHERE a.invoice_id <> 'set-off'
                   AND ($1::bigint IS NULL OR a.run_id = $1::bigint)
                   AND ($2::date IS NULL OR a.billing_month = $2::date)
                 GROUP BY a.currency, a.invoice_id) AS g) AS i
 WHERE i.place <= $3::integer
 ORDER BY i.currency, i.place
